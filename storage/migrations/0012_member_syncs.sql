-- Recording the members who were here before tracking began: the last such work of each server. It holds nobody's id.
CREATE TABLE member_syncs (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    started_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT,
    -- Who joined from then on (Discord's clock) is a join like any other, and not its business.
    joined_before_ms BIGINT NOT NULL,
    -- One of the words of storage.member_syncs.Stage.
    stage TEXT NOT NULL,
    -- The list goes by the age of accounts: where to go on, in whole days.
    listed_until_ms BIGINT NOT NULL DEFAULT 0,
    -- The search goes by the time of joining, backwards.
    searched_down_to_ms BIGINT,
    listed BIGINT NOT NULL DEFAULT 0,
    recorded BIGINT NOT NULL DEFAULT 0,
    searched BIGINT NOT NULL DEFAULT 0,
    explained BIGINT NOT NULL DEFAULT 0
);

-- The servers in which members from before count in totals: as the setting count_existing says, and written with it.
CREATE TABLE counted_existing (
    guild_id BIGINT NOT NULL PRIMARY KEY
);
