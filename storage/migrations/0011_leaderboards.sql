-- The servers that have a leaderboard posted again and again. Days are those of the server, numbered as by Python's toordinal.
CREATE TABLE leaderboards (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    -- When the present schedule was set: what was due before is not its business.
    since_ms BIGINT NOT NULL,
    -- The day of the last one that is done with, and how it ended: one of the words of storage.leaderboards.Outcome.
    settled_day BIGINT NOT NULL DEFAULT 0,
    outcome TEXT,
    -- The one that is under way: written before it is sent, so that a crash can neither lose it nor double it.
    posting_day BIGINT,
    posting_due_at_ms BIGINT,
    posting_channel_id BIGINT,
    posting_began_at_ms BIGINT,
    posting_tried_at_ms BIGINT,
    posting_tries SMALLINT NOT NULL DEFAULT 0
);
