-- Times are UTC epoch milliseconds, ids are Discord snowflakes, flags are 0 or 1.

CREATE TABLE guilds (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    timezone TEXT NOT NULL DEFAULT 'UTC',
    departed_at_ms BIGINT
);

CREATE TABLE guild_modules (
    guild_id BIGINT NOT NULL,
    module TEXT NOT NULL,
    enabled_at_ms BIGINT NOT NULL,
    -- One JSON document; the module's own model validates it on the way in and out.
    settings TEXT NOT NULL,
    -- Rises with every save, so that two admins cannot overwrite each other silently.
    settings_version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (guild_id, module)
) WITHOUT ROWID;

CREATE TABLE heartbeats (
    shard_id BIGINT NOT NULL PRIMARY KEY,
    beat_at_ms BIGINT NOT NULL
);

-- What the invite list of a guild showed up to the last committed decision.
CREATE TABLE invite_baselines (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    -- When the request was sent whose answer everything up to here accounts for.
    invites_asked_at_ms BIGINT NOT NULL,
    vanity_asked_at_ms BIGINT,
    vanity_code TEXT,
    vanity_uses BIGINT,
    vanity_accounted_uses BIGINT,
    vanity_open_since_ms BIGINT,
    -- Set while undecided joins or open rises up to here may have been mixed up: none of them may become certain.
    suspect_until_ms BIGINT
);

CREATE TABLE known_invites (
    guild_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    channel_id BIGINT,
    inviter_id BIGINT,
    -- What Discord showed last.
    uses BIGINT NOT NULL,
    -- Of these, the uses that a join explains, or that are on record as unexplained.
    accounted_uses BIGINT NOT NULL,
    -- Set while uses are not all accounted for: the rises lie after this moment, not after the baseline.
    open_since_ms BIGINT,
    max_uses BIGINT NOT NULL,
    is_temporary SMALLINT NOT NULL,
    created_at_ms BIGINT,
    expires_at_ms BIGINT,
    label TEXT,
    deleted_at_ms BIGINT,
    PRIMARY KEY (guild_id, code)
) WITHOUT ROWID;

CREATE INDEX known_invites_deleted ON known_invites (deleted_at_ms) WHERE deleted_at_ms IS NOT NULL;

-- Joins that reached us and are not decided yet. A crash loses none of them.
CREATE TABLE arrivals (
    guild_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    joined_at_ms BIGINT NOT NULL,
    received_at_ms BIGINT NOT NULL,
    is_bot SMALLINT NOT NULL,
    had_avatar SMALLINT NOT NULL,
    is_rejoin SMALLINT NOT NULL,
    PRIMARY KEY (guild_id, member_id, joined_at_ms)
) WITHOUT ROWID;

CREATE TABLE joins (
    guild_id BIGINT NOT NULL,
    -- The time of recording in milliseconds, then a counter in the low 20 bits: unique in a guild, rising with time.
    join_id BIGINT NOT NULL,
    -- Null once the member asked for erasure, or joined after opting out.
    member_id BIGINT,
    joined_at_ms BIGINT NOT NULL,
    recorded_at_ms BIGINT NOT NULL,
    source TEXT NOT NULL,
    code TEXT,
    inviter_id BIGINT,
    method TEXT NOT NULL,
    certainty TEXT NOT NULL,
    -- JSON arrays: every explanation that fits, and the counter rises that the decision rests on.
    candidates TEXT NOT NULL DEFAULT '[]',
    evidence TEXT NOT NULL DEFAULT '[]',
    -- Why nothing better is known, for people: one of the words of storage.records.Reason.
    reason TEXT,
    -- For totals only: makes the total of every code right where the names stay open.
    credited_code TEXT,
    credited_inviter_id BIGINT,
    account_created_at_ms BIGINT NOT NULL,
    had_avatar SMALLINT NOT NULL,
    is_rejoin SMALLINT NOT NULL,
    is_own_invite SMALLINT NOT NULL,
    left_at_ms BIGINT,
    cleared_at_ms BIGINT,
    PRIMARY KEY (guild_id, join_id)
) WITHOUT ROWID;

-- Every full index makes retention dearer: its entries lie far apart, so a step of old joins touches many pages.
CREATE UNIQUE INDEX joins_of_member ON joins (guild_id, member_id, joined_at_ms);
CREATE INDEX joins_ended ON joins (left_at_ms) WHERE left_at_ms IS NOT NULL;
CREATE INDEX joins_of_credited_inviter ON joins (guild_id, credited_inviter_id);
CREATE INDEX joins_of_code ON joins (guild_id, code);
-- The few joins that refer to a code other than by naming it; all that the search for such a code reads is in here.
CREATE INDEX joins_with_other_codes ON joins (guild_id, code, credited_code, candidates)
    WHERE code IS NULL OR code <> credited_code OR candidates <> '[]';

CREATE TABLE unexplained_rises (
    guild_id BIGINT NOT NULL,
    rise_id BIGINT NOT NULL,
    -- Null for the vanity URL.
    code TEXT,
    units BIGINT NOT NULL,
    window_opened_at_ms BIGINT NOT NULL,
    window_closed_at_ms BIGINT NOT NULL,
    recorded_at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id, rise_id)
) WITHOUT ROWID;

CREATE TABLE bonuses (
    guild_id BIGINT NOT NULL,
    bonus_id BIGINT NOT NULL,
    inviter_id BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    reason TEXT,
    granted_by BIGINT NOT NULL,
    granted_at_ms BIGINT NOT NULL,
    PRIMARY KEY (guild_id, bonus_id)
) WITHOUT ROWID;
