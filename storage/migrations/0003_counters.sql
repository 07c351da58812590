-- Voice channels whose names show a number of the guild.
CREATE TABLE counters (
    guild_id BIGINT NOT NULL,
    -- The time of creation in milliseconds, then a counter in the low 20 bits: unique in a guild, never given again.
    counter_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    -- 1 to 10, as clients of the HTTP API know them.
    counter_type SMALLINT NOT NULL,
    format TEXT NOT NULL,
    role_id BIGINT,
    goal BIGINT,
    announce_channel_id BIGINT,
    -- The channel was there before the counter, and stays when the counter goes.
    is_adopted SMALLINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    -- Stored before the announcement is sent, so that no crash lets it be sent twice.
    goal_reached_at_ms BIGINT,
    -- Stored before the rename is sent; the next one must keep its distance, across restarts too.
    renamed_at_ms BIGINT,
    -- Until when Discord has asked to leave the name alone.
    blocked_until_ms BIGINT,
    PRIMARY KEY (guild_id, counter_id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX counters_of_channel ON counters (guild_id, channel_id);
