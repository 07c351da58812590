-- What a server has chosen for everything that the bot does there; its timezone stands in `guilds`.
CREATE TABLE guild_settings (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    -- An ISO 639 code; null follows the language that the server has set at Discord.
    language TEXT,
    -- Where changes of settings are told.
    log_channel_id BIGINT,
    -- Rises with every save, so that two admins cannot overwrite each other silently.
    version BIGINT NOT NULL DEFAULT 1
);
