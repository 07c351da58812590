-- Record ids are 64-bit integers: milliseconds since 2015, then 22 bits that tell apart what happened within one, as in
-- Discord's own ids. A message that was sent is recorded under its own id. Kinds are the numbers of the catalogue. Days are
-- the guild's days, counted from 0001-01-01 as day 1.

CREATE TABLE timezone_changes (
    guild_id BIGINT NOT NULL,
    changed_at_ms BIGINT NOT NULL,
    -- The timezone that was in force until then; the present one stands in guilds.
    timezone_before TEXT NOT NULL,
    PRIMARY KEY (guild_id, changed_at_ms)
) WITHOUT ROWID;

CREATE TABLE opt_outs (
    guild_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    opted_out_at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id, user_id)
) WITHOUT ROWID;

-- Times of which nothing is on record, because the bot was away or could not keep up.
CREATE TABLE downtimes (
    guild_id BIGINT NOT NULL,
    began_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT NOT NULL,
    -- One of the words of storage.statistics.downtimes.Reason.
    reason TEXT NOT NULL,
    -- How many records were given up; 0 when nobody knows.
    lost_records BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, began_at_ms)
) WITHOUT ROWID;

CREATE TABLE statistics_events (
    guild_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    record_id BIGINT NOT NULL,
    user_id BIGINT,
    channel_id BIGINT,
    -- Null also for a message that was sent: its id is the record's.
    message_id BIGINT,
    text_id BIGINT,
    -- Microseconds, of kinds that measure a duration.
    duration_us BIGINT,
    PRIMARY KEY (guild_id, kind, record_id)
) WITHOUT ROWID;

-- The id of a session holds its beginning.
CREATE TABLE statistics_sessions (
    guild_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    record_id BIGINT NOT NULL,
    user_id BIGINT,
    channel_id BIGINT,
    text_id BIGINT,
    ended_at_ms BIGINT,
    PRIMARY KEY (guild_id, kind, record_id)
) WITHOUT ROWID;

-- Holds the sessions that go on, with all that is asked of them: the planner takes no narrower one.
CREATE INDEX statistics_sessions_open
    ON statistics_sessions (guild_id, kind, ended_at_ms, record_id, user_id, channel_id, text_id)
    WHERE ended_at_ms IS NULL;

CREATE TABLE statistics_samples (
    guild_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    record_id BIGINT NOT NULL,
    first_value BIGINT NOT NULL,
    second_value BIGINT,
    third_value BIGINT,
    PRIMARY KEY (guild_id, kind, record_id)
) WITHOUT ROWID;

-- Commands, activities, triggers: each name once a guild. The activity type is -1 for what is no activity.
CREATE TABLE statistics_texts (
    guild_id BIGINT NOT NULL,
    text_id BIGINT NOT NULL,
    activity_type SMALLINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (guild_id, text_id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX statistics_texts_by_text ON statistics_texts (guild_id, activity_type, text);

-- The rollups. `total` is in milliseconds for sessions and in microseconds for durations. A session counts in the hour in
-- which it began, its time in every hour that it touched.
CREATE TABLE statistics_hours (
    guild_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    day BIGINT NOT NULL,
    -- Hours since the day began: a day of 25 hours has hours 0 to 24.
    hour SMALLINT NOT NULL,
    events BIGINT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (guild_id, kind, day, hour)
) WITHOUT ROWID;

CREATE TABLE statistics_user_days (
    guild_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    day BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    events BIGINT NOT NULL,
    total BIGINT NOT NULL,
    -- One bit for each half hour since the day began in which a record of the user lies: where to look for them.
    half_hours BIGINT NOT NULL,
    PRIMARY KEY (guild_id, kind, day, user_id)
) WITHOUT ROWID;

CREATE TABLE statistics_channel_days (
    guild_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    day BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    events BIGINT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (guild_id, kind, day, channel_id)
) WITHOUT ROWID;

CREATE TABLE statistics_text_days (
    guild_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    day BIGINT NOT NULL,
    text_id BIGINT NOT NULL,
    events BIGINT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (guild_id, kind, day, text_id)
) WITHOUT ROWID;

-- Polls that are open or were closed lately: what is needed to know that one was deleted, or closed by hand.
CREATE TABLE polls (
    guild_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    user_id BIGINT,
    expires_at_ms BIGINT,
    PRIMARY KEY (guild_id, message_id)
) WITHOUT ROWID;
