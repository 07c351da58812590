-- The roles that whoever comes by a link gets.
CREATE TABLE joiner_roles (
    guild_id BIGINT NOT NULL,
    -- Empty for the vanity URL, whatever it is called.
    code TEXT NOT NULL,
    role_id BIGINT NOT NULL,
    set_at_ms BIGINT NOT NULL,
    -- Whether the invite itself carries the role: then Discord gives it.
    is_given_by_discord SMALLINT NOT NULL,
    PRIMARY KEY (guild_id, code, role_id)
) WITHOUT ROWID;

-- The roles that a join brings its member. A row stays when it is done with, so that no role is given twice.
CREATE TABLE role_gifts (
    guild_id BIGINT NOT NULL,
    join_id BIGINT NOT NULL,
    role_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    -- When to give it; null once it was given, or is not to be given any more.
    due_at_ms BIGINT,
    PRIMARY KEY (guild_id, join_id, role_id)
) WITHOUT ROWID;

CREATE INDEX role_gifts_due ON role_gifts (guild_id, due_at_ms) WHERE due_at_ms IS NOT NULL;
