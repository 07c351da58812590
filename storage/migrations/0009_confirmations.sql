-- Joins of which Discord's member search has not said yet how the member came.
CREATE TABLE unconfirmed_joins (
    guild_id BIGINT NOT NULL,
    join_id BIGINT NOT NULL,
    -- When to ask next.
    due_at_ms BIGINT NOT NULL,
    tries SMALLINT NOT NULL DEFAULT 0,
    -- What is certain is asked about only to be confirmed, and waits behind the others.
    is_certain SMALLINT NOT NULL,
    PRIMARY KEY (guild_id, join_id)
) WITHOUT ROWID;

CREATE INDEX unconfirmed_joins_due ON unconfirmed_joins (guild_id, due_at_ms);

-- The message that announced a join, to be edited when more is known; never of a join without its member.
CREATE TABLE join_messages (
    guild_id BIGINT NOT NULL,
    join_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    -- How often the join was repaired since the message was sent or edited.
    changes SMALLINT NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, join_id)
) WITHOUT ROWID;

CREATE INDEX join_messages_changed ON join_messages (guild_id) WHERE changes > 0;
