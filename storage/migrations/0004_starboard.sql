CREATE TABLE starboards (
    guild_id BIGINT NOT NULL,
    -- The time of creation in milliseconds, made unique in the guild; never given to another board.
    board_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    channel_id BIGINT NOT NULL,
    -- A Unicode emoji, or `name:id` of a custom one.
    emoji TEXT NOT NULL,
    threshold BIGINT NOT NULL,
    -- 1 when the stars that authors give themselves count.
    counts_self_stars SMALLINT NOT NULL,
    -- JSON arrays of ids.
    ignored_channel_ids TEXT NOT NULL DEFAULT '[]',
    ignored_role_ids TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (guild_id, board_id)
) WITHOUT ROWID;

-- A message that has been starred, as one board sees it.
CREATE TABLE starboard_entries (
    guild_id BIGINT NOT NULL,
    board_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    -- Null for somebody who opted out or asked for erasure.
    author_id BIGINT,
    recorded_at_ms BIGINT NOT NULL,
    -- One of the words of storage.starboard.EntryState.
    state TEXT NOT NULL,
    -- Rises with every post that is made for the entry; 0 while it never had one.
    generation BIGINT NOT NULL,
    stars BIGINT NOT NULL,
    -- Where the post is or is about to be.
    post_channel_id BIGINT,
    post_id BIGINT,
    reserved_at_ms BIGINT,
    -- A digest of what the post shows.
    shown TEXT,
    -- The channel of a thread; null where there is none, or where it is not known.
    parent_id BIGINT,
    PRIMARY KEY (guild_id, board_id, message_id)
) WITHOUT ROWID;

CREATE INDEX starboard_entries_of_message ON starboard_entries (guild_id, message_id);
CREATE INDEX starboard_entries_recorded ON starboard_entries (recorded_at_ms);

-- Who starred a message that is on a board.
CREATE TABLE starboard_stars (
    guild_id BIGINT NOT NULL,
    board_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (guild_id, board_id, message_id, user_id)
) WITHOUT ROWID;

-- Messages whose later stars do nothing: no longer monitored, or taken off the board by a moderator.
CREATE TABLE starboard_tombstones (
    guild_id BIGINT NOT NULL,
    board_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    PRIMARY KEY (guild_id, board_id, message_id)
) WITHOUT ROWID;
