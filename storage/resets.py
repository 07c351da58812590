"""Resets: from when on an inviter, or the whole server, begins to count anew. No join is rewritten for one."""

from dataclasses import dataclass

from storage.database import ReadTransaction, WriteTransaction
from storage.statements import SEQUENCE_BITS, first_number

_COLUMNS = "guild_id, reset_id, inviter_id, until_join_id, reset_by, reset_at_ms"
_FETCH_LAST_JOIN_ID = "SELECT MAX(join_id) FROM joins WHERE guild_id = ?"
_FETCH_LAST_ID = "SELECT MAX(reset_id) FROM resets WHERE guild_id = ?"
_INSERT = f"INSERT INTO resets ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
_FETCH_LAST = """
SELECT reset_id, inviter_id, reset_by, reset_at_ms FROM resets
WHERE guild_id = ? AND undone_at_ms IS NULL ORDER BY reset_id DESC LIMIT 1
"""
_UPDATE_UNDONE = "UPDATE resets SET undone_by = ?, undone_at_ms = ? WHERE guild_id = ? AND reset_id = ?"
_DELETE_UNREFERENCED = """
DELETE FROM resets WHERE (guild_id, reset_id) IN (
    SELECT old.guild_id, old.reset_id FROM resets AS old WHERE NOT EXISTS (
        SELECT 1 FROM joins WHERE joins.guild_id = old.guild_id AND joins.join_id <= old.until_join_id
    ) LIMIT ?
)
"""


@dataclass(frozen=True, slots=True)
class Reset:
    """A reset in force; `inviter_id` is null for the whole server, `reset_by` 0 for somebody who may not be named."""

    reset_id: int
    inviter_id: int | None
    reset_by: int
    reset_at_ms: int


async def insert_reset(
    tx: WriteTransaction, guild_id: int, inviter_id: int | None, reset_by: int, reset_at_ms: int
) -> None:
    """Let all joins on record count no more that are credited to the inviter; all of the server for none."""
    until_join_id = first_number(await tx.fetch_one(_FETCH_LAST_JOIN_ID, (guild_id,)))
    last_id = first_number(await tx.fetch_one(_FETCH_LAST_ID, (guild_id,)))
    reset_id = max(last_id + 1, reset_at_ms << SEQUENCE_BITS)
    await tx.execute(_INSERT, (guild_id, reset_id, inviter_id, until_join_id, reset_by, reset_at_ms))


async def fetch_last_reset(rx: ReadTransaction, guild_id: int) -> Reset | None:
    """Return the last reset that was not undone."""
    row = await rx.fetch_one(_FETCH_LAST, (guild_id,))
    return None if row is None else Reset(*row)


async def update_reset_undone(
    tx: WriteTransaction, guild_id: int, reset_id: int, undone_by: int, undone_at_ms: int
) -> None:
    """Let what the reset cleared count again, as far as no other reset clears it."""
    await tx.execute(_UPDATE_UNDONE, (undone_by, undone_at_ms, guild_id, reset_id))


async def delete_resets_unreferenced(tx: WriteTransaction, limit: int) -> int:
    """Delete resets before which no join is stored any more, of all guilds; return how many, at most `limit`."""
    return await tx.execute(_DELETE_UNREFERENCED, (limit,))
