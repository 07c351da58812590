"""The starboard of a guild: its boards, the messages that they watch, and messages they will not look at again."""

import json
from collections.abc import Iterable
from dataclasses import astuple

from storage.database import ReadTransaction, Row, WriteTransaction
from storage.starboard_records import Board, Entry, EntryState, StarboardAmounts
from storage.statements import delete_keys, first_number, insert_rows

STARBOARD_TABLES = ("starboard_stars", "starboard_entries", "starboard_tombstones", "starboards")
"""What belongs to the starboard and goes with it."""

_BOARD_COLUMNS = (
    "guild_id, board_id, name, channel_id, emoji, threshold, counts_self_stars, ignored_channel_ids, "
    "ignored_role_ids"
)
_FETCH_BOARDS = f"SELECT {_BOARD_COLUMNS} FROM starboards WHERE guild_id = ? ORDER BY board_id"
_UPSERT_BOARD = f"""
INSERT INTO starboards ({_BOARD_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (guild_id, board_id) DO UPDATE SET
    name = excluded.name, channel_id = excluded.channel_id, emoji = excluded.emoji,
    threshold = excluded.threshold, counts_self_stars = excluded.counts_self_stars,
    ignored_channel_ids = excluded.ignored_channel_ids, ignored_role_ids = excluded.ignored_role_ids
"""
_DELETE_BOARD = "DELETE FROM starboards WHERE guild_id = ? AND board_id = ?"
_BOARD_PARTS = {
    table: f"""
DELETE FROM {table} WHERE (guild_id, board_id, {key}) IN (
    SELECT guild_id, board_id, {key} FROM {table} WHERE guild_id = ? AND board_id = ? LIMIT ?
)
"""
    for table, key in (
        ("starboard_stars", "message_id, user_id"),
        ("starboard_entries", "message_id"),
        ("starboard_tombstones", "message_id"),
    )
}

_ENTRY_COLUMNS = (
    "guild_id, board_id, message_id, channel_id, author_id, recorded_at_ms, state, generation, "
    "stars, post_channel_id, post_id, reserved_at_ms, shown, parent_id"
)
_UPSERT_ENTRY = f"""
INSERT INTO starboard_entries ({_ENTRY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (guild_id, board_id, message_id) DO UPDATE SET
    author_id = excluded.author_id, state = excluded.state,
    generation = excluded.generation, stars = excluded.stars, post_channel_id = excluded.post_channel_id,
    post_id = excluded.post_id, reserved_at_ms = excluded.reserved_at_ms, shown = excluded.shown,
    parent_id = COALESCE(excluded.parent_id, starboard_entries.parent_id)
"""
_FETCH_ENTRIES = f"SELECT {_ENTRY_COLUMNS} FROM starboard_entries WHERE guild_id = ? AND message_id = ?"
_FETCH_NEWEST = {
    has_post: f"""
SELECT message_id, MAX(channel_id) FROM starboard_entries WHERE guild_id = ? AND message_id < ?
GROUP BY message_id HAVING {condition} ORDER BY message_id DESC LIMIT ?
"""
    for has_post, condition in ((True, "COUNT(post_id) > 0"), (False, "COUNT(post_id) = 0"))
}
_COUNT_WATCHED = "SELECT COUNT(DISTINCT message_id) FROM starboard_entries WHERE guild_id = ?"
_FETCH_HALF_DONE = """
SELECT message_id, channel_id FROM starboard_entries
WHERE guild_id = ? AND board_id = ? AND state IN ('posting', 'removing') ORDER BY message_id DESC LIMIT ?
"""
_FETCH_UNPOSTED = """
SELECT message_id, channel_id FROM starboard_entries
WHERE guild_id = ? AND board_id = ? AND state = 'waiting' AND stars >= ? ORDER BY message_id DESC LIMIT ?
"""
_FETCH_OF_CHANNEL = """
SELECT DISTINCT message_id, channel_id FROM starboard_entries
WHERE guild_id = ? AND (channel_id = ? OR parent_id = ? OR post_channel_id = ?)
"""
_FETCH_POSTS = """
SELECT post_id, message_id, channel_id FROM starboard_entries WHERE guild_id = ? AND post_id IS NOT NULL
"""
_FETCH_WATCHED = "SELECT DISTINCT message_id FROM starboard_entries WHERE guild_id = ?"
_DELETE_ENTRIES = "DELETE FROM starboard_entries WHERE (guild_id, board_id, message_id) IN"
_DELETE_ENTRIES_STARS = """
DELETE FROM starboard_stars WHERE guild_id = ? AND board_id = ? AND message_id = ?
"""
_INSERT_STARS = "INSERT INTO starboard_stars (guild_id, board_id, message_id, user_id)"
_FETCH_STARS = """
SELECT user_id FROM starboard_stars WHERE guild_id = ? AND board_id = ? AND message_id = ?
"""
_DELETE_STARS = "DELETE FROM starboard_stars WHERE (guild_id, board_id, message_id, user_id) IN"
_INSERT_TOMBSTONES = "INSERT INTO starboard_tombstones (guild_id, board_id, message_id)"
_ON_CONFLICT_NOTHING = "ON CONFLICT DO NOTHING"
_FETCH_TOMBSTONES = """
SELECT grave.board_id FROM starboards AS board
JOIN starboard_tombstones AS grave ON grave.guild_id = board.guild_id AND grave.board_id = board.board_id
WHERE board.guild_id = ? AND grave.message_id = ?
"""
_FETCH_EXPIRED = """
SELECT guild_id, board_id, message_id, generation FROM starboard_entries
WHERE recorded_at_ms < ? AND state IN ('waiting', 'posted') ORDER BY recorded_at_ms LIMIT ?
"""
_FETCH_AMOUNTS = """
SELECT
    (SELECT COUNT(*) FROM starboards WHERE guild_id = :guild_id),
    (SELECT COUNT(*) FROM starboard_entries WHERE guild_id = :guild_id),
    (SELECT COUNT(*) FROM starboard_stars WHERE guild_id = :guild_id),
    (SELECT COUNT(*) FROM starboard_tombstones WHERE guild_id = :guild_id)
"""
_FETCH_BOARD_AMOUNTS = """
SELECT
    (SELECT COUNT(*) FROM starboards WHERE guild_id = :guild_id AND board_id = :board_id),
    (SELECT COUNT(*) FROM starboard_entries WHERE guild_id = :guild_id AND board_id = :board_id),
    (SELECT COUNT(*) FROM starboard_stars WHERE guild_id = :guild_id AND board_id = :board_id),
    (SELECT COUNT(*) FROM starboard_tombstones WHERE guild_id = :guild_id AND board_id = :board_id)
"""

MessagePlace = tuple[int, int]
"""(message id, id of the channel or thread that it is in)."""


async def fetch_boards(rx: ReadTransaction, guild_id: int) -> list[Board]:
    """Return the boards of a guild, the oldest first."""
    return [_read_board(row) for row in await rx.fetch_all(_FETCH_BOARDS, (guild_id,))]


async def upsert_board(tx: WriteTransaction, board: Board) -> None:
    """Store the board as given."""
    *facts, ignored_channel_ids, ignored_role_ids = astuple(board)
    lists = (json.dumps(sorted(ids)) for ids in (ignored_channel_ids, ignored_role_ids))
    await tx.execute(_UPSERT_BOARD, (*facts, *lists))


async def delete_board(tx: WriteTransaction, guild_id: int, board_id: int) -> bool:
    """Delete the board and return whether it was there; what it watched goes first, with `delete_board_step`."""
    return await tx.execute(_DELETE_BOARD, (guild_id, board_id)) == 1


async def delete_board_step(tx: WriteTransaction, guild_id: int, board_id: int, limit: int) -> int:
    """Delete at most `limit` rows of what a board watched, and return how many there were."""
    for sql in _BOARD_PARTS.values():
        deleted = await tx.execute(sql, (guild_id, board_id, limit))
        if deleted:
            return deleted
    return 0


async def fetch_entries(rx: ReadTransaction, guild_id: int, message_id: int) -> dict[int, Entry]:
    """Return what the boards know of a message, by board id."""
    entries = [_read_entry(row) for row in await rx.fetch_all(_FETCH_ENTRIES, (guild_id, message_id))]
    return {entry.board_id: entry for entry in entries}


async def upsert_entry(tx: WriteTransaction, entry: Entry) -> None:
    """Store the entry; where and when it was first recorded stays as it was."""
    await tx.execute(_UPSERT_ENTRY, astuple(entry))


async def delete_entry(tx: WriteTransaction, entry: Entry) -> None:
    """Forget the message on this board, and who starred it."""
    key = (entry.guild_id, entry.board_id, entry.message_id)
    await tx.execute(_DELETE_ENTRIES_STARS, key)
    await delete_keys(tx, _DELETE_ENTRIES, [key])


async def fetch_newest_places(
    rx: ReadTransaction, guild_id: int, before_id: int, limit: int, *, with_post: bool
) -> list[MessagePlace]:
    """Return watched messages older than this one, the newest first: those with a post on any board, or the others."""
    rows = await rx.fetch_all(_FETCH_NEWEST[with_post], (guild_id, before_id, limit))
    return [(message, channel) for message, channel in rows]


async def count_watched(rx: ReadTransaction, guild_id: int) -> int:
    """Return how many messages are watched."""
    return first_number(await rx.fetch_one(_COUNT_WATCHED, (guild_id,)))


async def fetch_half_done_places(rx: ReadTransaction, board: Board, limit: int) -> list[MessagePlace]:
    """Return the messages of a board whose post is being made or removed, the newest first."""
    rows = await rx.fetch_all(_FETCH_HALF_DONE, (board.guild_id, board.board_id, limit))
    return [(message, channel) for message, channel in rows]


async def fetch_unposted_places(rx: ReadTransaction, board: Board, limit: int) -> list[MessagePlace]:
    """Return the messages of a board that may have enough stars and have no post, the newest first."""
    rows = await rx.fetch_all(_FETCH_UNPOSTED, (board.guild_id, board.board_id, board.threshold, limit))
    return [(message, channel) for message, channel in rows]


async def fetch_places_of_channel(rx: ReadTransaction, guild_id: int, channel_id: int) -> list[MessagePlace]:
    """Return the watched messages of a channel or thread, of a channel's threads, and those with a post there."""
    rows = await rx.fetch_all(_FETCH_OF_CHANNEL, (guild_id, channel_id, channel_id, channel_id))
    return [(message, channel) for message, channel in rows]


async def fetch_posts(rx: ReadTransaction, guild_id: int) -> dict[int, MessagePlace]:
    """Return the originals by the ids of their posts."""
    rows = await rx.fetch_all(_FETCH_POSTS, (guild_id,))
    return {post_id: (message_id, channel_id) for post_id, message_id, channel_id in rows}


async def fetch_watched_ids(rx: ReadTransaction, guild_id: int) -> set[int]:
    """Return the ids of all watched messages of a guild."""
    return {message_id for (message_id,) in await rx.fetch_all(_FETCH_WATCHED, (guild_id,))}


async def update_stars(
    tx: WriteTransaction, guild_id: int, board_id: int, message_id: int, user_ids: Iterable[int]
) -> None:
    """Store who starred a message, in place of who did so far."""
    key = (guild_id, board_id, message_id)
    wanted = set(user_ids)
    stored = {user_id for (user_id,) in await tx.fetch_all(_FETCH_STARS, key)}
    await delete_keys(tx, _DELETE_STARS, [(*key, user_id) for user_id in sorted(stored - wanted)])
    await insert_rows(tx, _INSERT_STARS, [(*key, user_id) for user_id in sorted(wanted - stored)])


async def insert_tombstone(tx: WriteTransaction, guild_id: int, board_id: int, message_id: int) -> None:
    """Store that later stars of a message do nothing on this board."""
    await insert_rows(tx, _INSERT_TOMBSTONES, [(guild_id, board_id, message_id)], _ON_CONFLICT_NOTHING)


async def fetch_tombstones(rx: ReadTransaction, guild_id: int, message_id: int) -> set[int]:
    """Return on which boards later stars of a message do nothing."""
    return {board_id for (board_id,) in await rx.fetch_all(_FETCH_TOMBSTONES, (guild_id, message_id))}


async def delete_expired_entries(tx: WriteTransaction, recorded_before_ms: int, limit: int) -> list[int]:
    """Forget at most `limit` messages that were recorded before this time, and return the guild of each.

    Of one that ever had a post a tombstone stays. One whose post is being made or removed waits for its end.
    """
    rows = await tx.fetch_all(_FETCH_EXPIRED, (recorded_before_ms, limit))
    keys = [row[:3] for row in rows]
    for key in keys:
        await tx.execute(_DELETE_ENTRIES_STARS, key)
    await insert_rows(tx, _INSERT_TOMBSTONES, [row[:3] for row in rows if row[3] > 0], _ON_CONFLICT_NOTHING)
    await delete_keys(tx, _DELETE_ENTRIES, keys)
    return [guild_id for guild_id, *_ in keys]


async def fetch_starboard_amounts(
    rx: ReadTransaction, guild_id: int, board_id: int | None = None
) -> StarboardAmounts:
    """Return how much is stored for a guild, or for one of its boards."""
    if board_id is None:
        row = await rx.fetch_one(_FETCH_AMOUNTS, {"guild_id": guild_id})
    else:
        row = await rx.fetch_one(_FETCH_BOARD_AMOUNTS, {"guild_id": guild_id, "board_id": board_id})
    return StarboardAmounts(*(row or ()))


async def delete_starboard_data(tx: WriteTransaction, guild_id: int) -> None:
    """Delete everything of the starboard of a guild."""
    for table in STARBOARD_TABLES:
        await tx.execute(f"DELETE FROM {table} WHERE guild_id = ?", (guild_id,))


async def fetch_highest_board_id(rx: ReadTransaction, guild_id: int) -> int:
    """Return the highest id of a board that is stored, 0 when there is none."""
    return first_number(
        await rx.fetch_one("SELECT MAX(board_id) FROM starboards WHERE guild_id = ?", (guild_id,))
    )


def _read_board(row: Row) -> Board:
    guild_id, board_id, name, channel_id, emoji, threshold, counts_self_stars, channels, roles = row
    return Board(
        guild_id=guild_id,
        board_id=board_id,
        name=name,
        channel_id=channel_id,
        emoji=emoji,
        threshold=threshold,
        counts_self_stars=bool(counts_self_stars),
        ignored_channel_ids=frozenset(json.loads(channels)),
        ignored_role_ids=frozenset(json.loads(roles)),
    )


def _read_entry(row: Row) -> Entry:
    guild_id, board_id, message_id, channel_id, author_id, recorded_at_ms, state, *rest = row
    generation, stars, post_channel_id, post_id, reserved_at_ms, shown, parent_id = rest
    return Entry(
        guild_id=guild_id,
        board_id=board_id,
        message_id=message_id,
        channel_id=channel_id,
        author_id=author_id,
        recorded_at_ms=recorded_at_ms,
        state=EntryState(state),
        generation=generation,
        stars=stars,
        post_channel_id=post_channel_id,
        post_id=post_id,
        reserved_at_ms=reserved_at_ms,
        shown=shown,
        parent_id=parent_id,
    )
