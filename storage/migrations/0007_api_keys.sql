-- The keys with which programs use the HTTP API; each reaches one server.
CREATE TABLE api_keys (
    guild_id BIGINT NOT NULL,
    -- Stands in the key itself, as eight hexadecimal digits, and is no secret.
    key_id BIGINT NOT NULL,
    -- What an administrator calls it; no two keys of a server have the same name, whatever the case.
    name TEXT NOT NULL,
    -- SHA-256 of the whole key, in hexadecimal digits. The key itself is stored nowhere.
    key_hash TEXT NOT NULL,
    -- What it may do, as words with a space between.
    rights TEXT NOT NULL,
    -- Null when that person does not want to be on record.
    created_by_user_id BIGINT,
    created_at_ms BIGINT NOT NULL,
    -- Written once a minute; null when it was never used.
    last_used_at_ms BIGINT,
    PRIMARY KEY (guild_id, key_id)
);
