"""Counters: channels whose names show a number of their guild."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from storage.database import ReadTransaction, Row, WriteTransaction
from storage.statements import SEQUENCE_BITS, delete_keys, first_number

_COLUMNS = (
    "guild_id, counter_id, channel_id, counter_type, format, role_id, goal, announce_channel_id, is_adopted, "
    "created_at_ms, goal_reached_at_ms, renamed_at_ms, blocked_until_ms"
)
_INSERT = f"INSERT INTO counters ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FETCH_LAST_ID = "SELECT MAX(counter_id) FROM counters WHERE guild_id = ?"
_FETCH = f"SELECT {_COLUMNS} FROM counters WHERE guild_id = ? ORDER BY counter_id"
_FETCH_ALL = f"SELECT {_COLUMNS} FROM counters ORDER BY guild_id, counter_id"
_FETCH_ONE = f"SELECT {_COLUMNS} FROM counters WHERE guild_id = ? AND counter_id = ?"
_FETCH_OF_CHANNEL = f"SELECT {_COLUMNS} FROM counters WHERE guild_id = ? AND channel_id = ?"
_FETCH_COUNT = "SELECT COUNT(*) FROM counters WHERE guild_id = ?"
_UPDATE = """
UPDATE counters SET format = ?, role_id = ?, goal = ?, announce_channel_id = ?, goal_reached_at_ms = ?
WHERE guild_id = ? AND counter_id = ?
"""
_UPDATE_RENAMED = """
UPDATE counters SET renamed_at_ms = ?
WHERE guild_id = ? AND counter_id = ? AND COALESCE(renamed_at_ms, 0) = ? AND COALESCE(blocked_until_ms, 0) <= ?
"""
_UPDATE_BLOCKED = "UPDATE counters SET blocked_until_ms = ? WHERE guild_id = ? AND channel_id = ?"
_UPDATE_REACHED = """
UPDATE counters SET goal_reached_at_ms = ?
WHERE guild_id = ? AND counter_id = ? AND goal = ? AND goal_reached_at_ms IS NULL
"""
_UPDATE_UNREACHED = """
UPDATE counters SET goal_reached_at_ms = NULL
WHERE guild_id = ? AND counter_id = ? AND goal_reached_at_ms = ?
"""
_DELETE = "DELETE FROM counters WHERE (guild_id, counter_id) IN"
_DELETE_DATA = "DELETE FROM counters WHERE guild_id = ?"


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter as it is stored; `counter_type` is 1 to 10, times are UTC epoch milliseconds."""

    guild_id: int
    counter_id: int
    channel_id: int
    counter_type: int
    format: str
    role_id: int | None
    goal: int | None
    announce_channel_id: int | None
    is_adopted: bool
    """The channel was there before the counter, and stays when the counter goes."""
    created_at_ms: int
    goal_reached_at_ms: int | None
    renamed_at_ms: int | None
    blocked_until_ms: int | None
    """Until when Discord has asked to leave the name alone."""


async def fetch_next_counter_id(rx: ReadTransaction, guild_id: int, now_ms: int) -> int:
    """Return an id above all of the guild: the time, then a counter in the low bits."""
    last = first_number(await rx.fetch_one(_FETCH_LAST_ID, (guild_id,)))
    return max(now_ms << SEQUENCE_BITS, last + 1)


async def insert_counter(tx: WriteTransaction, counter: Counter) -> None:
    """Store a counter; raises sqlite3.IntegrityError when its channel has one already."""
    await tx.execute(_INSERT, astuple(counter))


async def fetch_counters(rx: ReadTransaction, guild_id: int) -> tuple[Counter, ...]:
    """Return the counters of a guild, the oldest first."""
    return tuple(_read(row) for row in await rx.fetch_all(_FETCH, (guild_id,)))


async def fetch_all_counters(rx: ReadTransaction) -> tuple[Counter, ...]:
    """Return the counters of all guilds, guild by guild, the oldest first."""
    return tuple(_read(row) for row in await rx.fetch_all(_FETCH_ALL))


async def fetch_counter(rx: ReadTransaction, guild_id: int, counter_id: int) -> Counter | None:
    """Return one counter, None when there is none with this id."""
    row = await rx.fetch_one(_FETCH_ONE, (guild_id, counter_id))
    return None if row is None else _read(row)


async def fetch_counter_of_channel(rx: ReadTransaction, guild_id: int, channel_id: int) -> Counter | None:
    """Return the counter that this channel shows, None when it shows none."""
    row = await rx.fetch_one(_FETCH_OF_CHANNEL, (guild_id, channel_id))
    return None if row is None else _read(row)


async def fetch_counter_count(rx: ReadTransaction, guild_id: int) -> int:
    """Return how many counters a guild has."""
    return first_number(await rx.fetch_one(_FETCH_COUNT, (guild_id,)))


async def update_counter(tx: WriteTransaction, counter: Counter) -> bool:
    """Store what can be edited (format, role, goal, where reaching it is announced, whether it was reached).

    Returns whether the counter still exists.
    """
    changed = await tx.execute(
        _UPDATE,
        (
            counter.format,
            counter.role_id,
            counter.goal,
            counter.announce_channel_id,
            counter.goal_reached_at_ms,
            counter.guild_id,
            counter.counter_id,
        ),
    )
    return changed == 1


async def update_counter_renamed(tx: WriteTransaction, counter: Counter, renamed_at_ms: int) -> bool:
    """Claim the rename of a counter; False when somebody else did since `counter` was read, or Discord forbade it."""
    changed = await tx.execute(
        _UPDATE_RENAMED,
        (renamed_at_ms, counter.guild_id, counter.counter_id, counter.renamed_at_ms or 0, renamed_at_ms),
    )
    return changed == 1


async def update_counter_blocked(
    tx: WriteTransaction, guild_id: int, channel_id: int, blocked_until_ms: int
) -> None:
    """Note until when Discord wants the name of this channel to be left alone."""
    await tx.execute(_UPDATE_BLOCKED, (blocked_until_ms, guild_id, channel_id))


async def update_counter_reached(tx: WriteTransaction, counter: Counter, reached_at_ms: int) -> bool:
    """Claim the announcement of a goal; False when it was claimed before, or the goal is another one by now."""
    changed = await tx.execute(
        _UPDATE_REACHED, (reached_at_ms, counter.guild_id, counter.counter_id, counter.goal)
    )
    return changed == 1


async def update_counter_unreached(tx: WriteTransaction, counter: Counter, reached_at_ms: int) -> None:
    """Give back the claim of that time: the announcement was certainly not sent."""
    await tx.execute(_UPDATE_UNREACHED, (counter.guild_id, counter.counter_id, reached_at_ms))


async def delete_counters(tx: WriteTransaction, guild_id: int, counter_ids: Sequence[int]) -> int:
    """Delete these counters and return how many there were."""
    return await delete_keys(tx, _DELETE, [(guild_id, counter_id) for counter_id in counter_ids])


async def delete_counters_data(tx: WriteTransaction, guild_id: int) -> None:
    """Delete all counters of a guild."""
    await tx.execute(_DELETE_DATA, (guild_id,))


def _read(row: Row) -> Counter:
    values = list(row)
    values[8] = bool(values[8])
    return Counter(*values)
