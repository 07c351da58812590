"""Who wants to be left out of the records of a guild."""

from storage.database import ReadTransaction, WriteTransaction
from storage.statements import first_number

_FETCH = "SELECT guild_id, user_id FROM opt_outs"
_FETCH_TIME = "SELECT opted_out_at_ms FROM opt_outs WHERE guild_id = ? AND user_id = ?"
_FETCH_PAGE = """
SELECT user_id, opted_out_at_ms FROM opt_outs WHERE guild_id = ?
ORDER BY opted_out_at_ms DESC, user_id LIMIT ? OFFSET ?
"""
_COUNT = "SELECT COUNT(*) FROM opt_outs WHERE guild_id = ?"
_INSERT = """
INSERT INTO opt_outs (guild_id, user_id, opted_out_at_ms) VALUES (?, ?, ?)
ON CONFLICT (guild_id, user_id) DO NOTHING
"""
_DELETE = "DELETE FROM opt_outs WHERE guild_id = ? AND user_id = ?"


async def fetch_opt_outs(rx: ReadTransaction) -> set[tuple[int, int]]:
    """Return all opt-outs as (guild id, user id)."""
    return {(guild_id, user_id) for guild_id, user_id in await rx.fetch_all(_FETCH)}


async def fetch_opted_out_at_ms(rx: ReadTransaction, guild_id: int, user_id: int) -> int | None:
    """Return since when this person is left out; None when they are not."""
    row = await rx.fetch_one(_FETCH_TIME, (guild_id, user_id))
    return None if row is None else int(row[0])


async def fetch_opt_out_count(rx: ReadTransaction, guild_id: int) -> int:
    """Return how many people are left out in a guild."""
    return first_number(await rx.fetch_one(_COUNT, (guild_id,)))


async def fetch_opt_out_page(
    rx: ReadTransaction, guild_id: int, limit: int, offset: int
) -> list[tuple[int, int]]:
    """Return people who are left out in a guild and since when, the latest first."""
    rows = await rx.fetch_all(_FETCH_PAGE, (guild_id, limit, offset))
    return [(user_id, at_ms) for user_id, at_ms in rows]


async def insert_opt_out(tx: WriteTransaction, guild_id: int, user_id: int, opted_out_at_ms: int) -> None:
    """Leave this person out from now on; an earlier wish stays."""
    await tx.execute(_INSERT, (guild_id, user_id, opted_out_at_ms))


async def delete_opt_out(tx: WriteTransaction, guild_id: int, user_id: int) -> None:
    """Record this person again."""
    await tx.execute(_DELETE, (guild_id, user_id))
