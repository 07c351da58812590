-- The servers in which the bot has introduced itself to whoever added it.
CREATE TABLE first_contacts (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    -- When the bot was added that time: whoever adds it once more is told once more.
    bot_joined_at_ms BIGINT NOT NULL
);
