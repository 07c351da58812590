-- Sessions that went on for more than six hours: few, and the only ones that can reach into a stretch of time from long
-- before it. The numbers are those of storage.statistics.pages.
CREATE INDEX statistics_sessions_long
    ON statistics_sessions (guild_id, kind, ended_at_ms, record_id, user_id, channel_id)
    WHERE ended_at_ms - (record_id >> 22) > 1420092000000;
