"""Who wants to be left out of the records of a guild."""

from storage.database import ReadTransaction, WriteTransaction

_FETCH = "SELECT guild_id, user_id FROM opt_outs"
_INSERT = """
INSERT INTO opt_outs (guild_id, user_id, opted_out_at_ms) VALUES (?, ?, ?)
ON CONFLICT (guild_id, user_id) DO NOTHING
"""
_DELETE = "DELETE FROM opt_outs WHERE guild_id = ? AND user_id = ?"


async def fetch_opt_outs(rx: ReadTransaction) -> set[tuple[int, int]]:
    """Return all opt-outs as (guild id, user id)."""
    return {(guild_id, user_id) for guild_id, user_id in await rx.fetch_all(_FETCH)}


async def insert_opt_out(tx: WriteTransaction, guild_id: int, user_id: int, opted_out_at_ms: int) -> None:
    """Leave this person out from now on; an earlier wish stays."""
    await tx.execute(_INSERT, (guild_id, user_id, opted_out_at_ms))


async def delete_opt_out(tx: WriteTransaction, guild_id: int, user_id: int) -> None:
    """Record this person again."""
    await tx.execute(_DELETE, (guild_id, user_id))
