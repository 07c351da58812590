"""Joins that the member search has still to confirm, and the messages that announced joins."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.database import ReadTransaction, WriteTransaction
from storage.statements import SEQUENCE_BITS, delete_keys, delete_oldest, placeholders, split_keys

# An anonymous join cannot be asked about, and its message leads to its member.
_INSERT_UNCONFIRMED = """
INSERT INTO unconfirmed_joins (guild_id, join_id, due_at_ms, is_certain)
SELECT guild_id, join_id, ?, CASE WHEN certainty = 'certain' THEN 1 ELSE 0 END FROM joins
WHERE guild_id = ? AND join_id = ? AND member_id IS NOT NULL
ON CONFLICT (guild_id, join_id) DO UPDATE SET
    due_at_ms = excluded.due_at_ms, is_certain = excluded.is_certain
"""
_FETCH_DUE = """
SELECT guild_id, MIN(due_at_ms), MIN(CASE WHEN is_certain = 0 THEN due_at_ms END)
FROM unconfirmed_joins GROUP BY guild_id
"""
_FETCH_UNCONFIRMED = """
SELECT join_id, due_at_ms, tries FROM unconfirmed_joins WHERE guild_id = ?
ORDER BY CASE WHEN due_at_ms <= ? THEN is_certain ELSE 2 END, due_at_ms, join_id LIMIT ?
"""
_UPDATE_UNCONFIRMED = (
    "UPDATE unconfirmed_joins SET due_at_ms = ?, tries = ? WHERE guild_id = ? AND join_id = ?"
)
_DELETE_UNCONFIRMED = "DELETE FROM unconfirmed_joins WHERE (guild_id, join_id) IN"
_DELETE_UNCONFIRMED_BEFORE = delete_oldest("unconfirmed_joins", "join_id")

_INSERT_MESSAGE = """
INSERT INTO join_messages (guild_id, join_id, channel_id, message_id, changes)
SELECT guild_id, join_id, ?, ?, ? FROM joins WHERE guild_id = ? AND join_id = ? AND member_id IS NOT NULL
"""
_UPDATE_CHANGED = "UPDATE join_messages SET changes = changes + 1 WHERE guild_id = ? AND join_id IN"
_UPDATE_SHOWN = "UPDATE join_messages SET changes = changes - ? WHERE guild_id = ? AND join_id = ?"
_FETCH_MESSAGE = """
SELECT channel_id, message_id, changes FROM join_messages WHERE guild_id = ? AND join_id = ?
"""
_FETCH_CHANGED = "SELECT join_id FROM join_messages WHERE guild_id = ? AND changes > 0 ORDER BY join_id"
_FETCH_CHANGED_GUILDS = "SELECT DISTINCT guild_id FROM join_messages WHERE changes > 0"
_DELETE_MESSAGES = "DELETE FROM join_messages WHERE (guild_id, join_id) IN"
_DELETE_MESSAGES_BEFORE = delete_oldest("join_messages", "join_id")

_FETCH_RISE = """
SELECT rise_id, units FROM unexplained_rises
WHERE guild_id = ? AND (code = ? OR (code IS NULL AND ? IS NULL))
    AND window_opened_at_ms <= ? AND window_closed_at_ms >= ?
ORDER BY rise_id LIMIT 1
"""
_UPDATE_RISE = "UPDATE unexplained_rises SET units = units - 1 WHERE guild_id = ? AND rise_id = ?"
_DELETE_RISE = "DELETE FROM unexplained_rises WHERE guild_id = ? AND rise_id = ? AND units <= 0"


@dataclass(frozen=True, slots=True)
class UnconfirmedJoin:
    """A join that is still to be asked about, next at `due_at_ms`, and how often it was asked about in vain."""

    join_id: int
    due_at_ms: int
    tries: int


@dataclass(frozen=True, slots=True)
class Due:
    """When the first join of a guild is to be asked about, and the first that is not certain (None: there is none)."""

    first_at_ms: int
    doubtful_at_ms: int | None


@dataclass(frozen=True, slots=True)
class JoinMessage:
    """The message that announced a join; with `changes` it does not show what is on record now."""

    channel_id: int
    message_id: int
    changes: int


async def upsert_unconfirmed_join(tx: WriteTransaction, guild_id: int, join_id: int, due_at_ms: int) -> None:
    """Let a join be asked about; one that is anonymous, or not stored, is left out."""
    await tx.execute(_INSERT_UNCONFIRMED, (due_at_ms, guild_id, join_id))


async def fetch_confirmations_due(rx: ReadTransaction) -> dict[int, Due]:
    """Return what is to be asked about next of each guild, by guild."""
    rows = await rx.fetch_all(_FETCH_DUE)
    return {guild_id: Due(first_at_ms, doubtful_at_ms) for guild_id, first_at_ms, doubtful_at_ms in rows}


async def fetch_unconfirmed_joins(
    rx: ReadTransaction, guild_id: int, now_ms: int, limit: int
) -> list[UnconfirmedJoin]:
    """Return the joins to ask about now: those whose time has come, doubtful ones first, then those that come next."""
    rows = await rx.fetch_all(_FETCH_UNCONFIRMED, (guild_id, now_ms, limit))
    return [UnconfirmedJoin(*row) for row in rows]


async def update_unconfirmed_joins(
    tx: WriteTransaction, guild_id: int, joins: Sequence[UnconfirmedJoin]
) -> None:
    """Store when joins are to be asked about again; those that are not waiting any more are left out."""
    for one in joins:
        await tx.execute(_UPDATE_UNCONFIRMED, (one.due_at_ms, one.tries, guild_id, one.join_id))


async def delete_unconfirmed_joins(tx: WriteTransaction, guild_id: int, join_ids: Sequence[int]) -> None:
    """Let these joins not be asked about any more."""
    await delete_keys(tx, _DELETE_UNCONFIRMED, [(guild_id, join_id) for join_id in join_ids])


async def delete_unconfirmed_joins_before(tx: WriteTransaction, cutoff_ms: int, limit: int) -> int:
    """Give up at most `limit` joins recorded before the cutoff, of all guilds; return how many there were."""
    return await tx.execute(_DELETE_UNCONFIRMED_BEFORE, (cutoff_ms << SEQUENCE_BITS, limit))


async def insert_join_message(
    tx: WriteTransaction, guild_id: int, join_id: int, message: JoinMessage
) -> None:
    """Store which message announced a join; one that is anonymous, or not stored, is left out."""
    await tx.execute(
        _INSERT_MESSAGE, (message.channel_id, message.message_id, message.changes, guild_id, join_id)
    )


async def update_join_messages_changed(tx: WriteTransaction, guild_id: int, join_ids: Sequence[int]) -> None:
    """Note that the messages of these joins do not show what is on record now."""
    for chunk in split_keys(join_ids):
        await tx.execute(f"{_UPDATE_CHANGED} {placeholders(len(chunk))}", (guild_id, *chunk))


async def update_join_message_shown(tx: WriteTransaction, guild_id: int, join_id: int, changes: int) -> None:
    """Note that a message shows so many of the changes; more may have come meanwhile."""
    await tx.execute(_UPDATE_SHOWN, (changes, guild_id, join_id))


async def fetch_join_message(rx: ReadTransaction, guild_id: int, join_id: int) -> JoinMessage | None:
    """Return the message that announced a join, if it is known."""
    row = await rx.fetch_one(_FETCH_MESSAGE, (guild_id, join_id))
    return None if row is None else JoinMessage(*row)


async def fetch_changed_join_ids(rx: ReadTransaction, guild_id: int) -> list[int]:
    """Return the joins whose messages do not show what is on record now, the earliest first."""
    return [join_id for (join_id,) in await rx.fetch_all(_FETCH_CHANGED, (guild_id,))]


async def fetch_guilds_with_changed_messages(rx: ReadTransaction) -> set[int]:
    """Return the guilds in which there are such joins."""
    return {guild_id for (guild_id,) in await rx.fetch_all(_FETCH_CHANGED_GUILDS)}


async def delete_join_messages(tx: WriteTransaction, guild_id: int, join_ids: Sequence[int]) -> None:
    """Forget which messages announced these joins."""
    await delete_keys(tx, _DELETE_MESSAGES, [(guild_id, join_id) for join_id in join_ids])


async def delete_join_messages_before(tx: WriteTransaction, cutoff_ms: int, limit: int) -> int:
    """Forget at most `limit` messages of joins recorded before the cutoff, of all guilds; return how many there were."""
    return await tx.execute(_DELETE_MESSAGES_BEFORE, (cutoff_ms << SEQUENCE_BITS, limit))


async def update_rise_explained(
    tx: WriteTransaction, guild_id: int, code: str | None, from_ms: int, until_ms: int
) -> bool:
    """Take one use off a rise that nothing explained, in a window that touches this time; return whether there was one.

    `code` is null for the vanity URL.
    """
    row = await tx.fetch_one(_FETCH_RISE, (guild_id, code, code, until_ms, from_ms))
    if row is None:
        return False
    await tx.execute(_UPDATE_RISE, (guild_id, row[0]))
    await tx.execute(_DELETE_RISE, (guild_id, row[0]))
    return True
