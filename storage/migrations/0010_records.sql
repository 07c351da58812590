-- What admins said of joins by hand, each with what was on record before: so it can be undone, the last one first.
CREATE TABLE corrections (
    guild_id BIGINT NOT NULL,
    -- The time in milliseconds, then a counter in the low 20 bits.
    correction_id BIGINT NOT NULL,
    join_id BIGINT NOT NULL,
    -- 0 for somebody who may not be named.
    corrected_by BIGINT NOT NULL,
    corrected_at_ms BIGINT NOT NULL,
    code TEXT,
    inviter_id BIGINT,
    source_before TEXT NOT NULL,
    code_before TEXT,
    inviter_id_before BIGINT,
    method_before TEXT NOT NULL,
    certainty_before TEXT NOT NULL,
    candidates_before TEXT NOT NULL,
    reason_before TEXT,
    credited_code_before TEXT,
    credited_inviter_id_before BIGINT,
    is_own_invite_before SMALLINT NOT NULL,
    undone_by BIGINT,
    undone_at_ms BIGINT,
    PRIMARY KEY (guild_id, correction_id)
) WITHOUT ROWID;

CREATE INDEX corrections_of_join ON corrections (guild_id, join_id);

-- Joins up to one of these stop counting; none of them is rewritten, so that a reset holds and ends at once.
CREATE TABLE resets (
    guild_id BIGINT NOT NULL,
    reset_id BIGINT NOT NULL,
    -- Null for the whole server.
    inviter_id BIGINT,
    until_join_id BIGINT NOT NULL,
    reset_by BIGINT NOT NULL,
    reset_at_ms BIGINT NOT NULL,
    undone_by BIGINT,
    undone_at_ms BIGINT,
    PRIMARY KEY (guild_id, reset_id)
) WITHOUT ROWID;

CREATE INDEX resets_in_force ON resets (guild_id, inviter_id, until_join_id) WHERE undone_at_ms IS NULL;
