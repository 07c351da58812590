"""Arrivals: joins that reached us and are not decided yet."""

from collections.abc import Sequence
from dataclasses import astuple

from storage.database import ReadTransaction, Row, WriteTransaction
from storage.records import Arrival
from storage.statements import delete_keys, insert_rows

_COLUMNS = "guild_id, member_id, joined_at_ms, received_at_ms, is_bot, had_avatar, is_rejoin"
_INSERT = f"INSERT INTO arrivals ({_COLUMNS})"
_ON_CONFLICT = "ON CONFLICT (guild_id, member_id, joined_at_ms) DO NOTHING"
_FETCH = (
    f"SELECT {_COLUMNS} FROM arrivals WHERE guild_id = ? ORDER BY received_at_ms, joined_at_ms, member_id"
)
_DELETE = "DELETE FROM arrivals WHERE (guild_id, member_id, joined_at_ms) IN"


async def insert_arrivals(tx: WriteTransaction, arrivals: Sequence[Arrival]) -> None:
    """Store the arrivals; one with a stored guild, member and `joined_at_ms` is left as it was."""
    await insert_rows(tx, _INSERT, [astuple(arrival) for arrival in arrivals], _ON_CONFLICT)


async def fetch_arrivals(rx: ReadTransaction, guild_id: int) -> list[Arrival]:
    """Return the undecided arrivals of a guild in the order in which they reached us."""
    return [_read(row) for row in await rx.fetch_all(_FETCH, (guild_id,))]


async def delete_arrivals(tx: WriteTransaction, guild_id: int, keys: Sequence[tuple[int, int]]) -> None:
    """Delete the arrivals with these keys: (member id, `joined_at_ms`)."""
    await delete_keys(tx, _DELETE, [(guild_id, *key) for key in keys])


def _read(row: Row) -> Arrival:
    guild_id, member_id, joined_at_ms, received_at_ms, is_bot, had_avatar, is_rejoin = row
    return Arrival(
        guild_id, member_id, joined_at_ms, received_at_ms, bool(is_bot), bool(had_avatar), bool(is_rejoin)
    )
