"""Erasing a person: what they did stays counted, and nothing says any more that it was they."""

from typing import Final

from storage.database import WriteTransaction
from storage.server_days import ServerDays
from storage.statistics.catalogue import CATALOGUE, Aggregate
from storage.statistics.queries import LOOK_BACK_DAYS, ranges_of_day
from storage.statistics.record_ids import first_record_id

_FETCH_HALF_HOURS: Final = """
SELECT day, half_hours FROM statistics_user_days WHERE guild_id = ? AND kind = ? AND user_id = ?
"""
_UPDATE: Final = """
SET user_id = NULL WHERE guild_id = ? AND kind = ? AND record_id >= ? AND record_id < ? AND user_id = ?
"""
_DELETE_DAYS: Final = "DELETE FROM statistics_user_days WHERE guild_id = ? AND kind = ? AND user_id = ?"
_UPDATE_POLLS: Final = "UPDATE polls SET user_id = NULL WHERE guild_id = ? AND user_id = ?"


async def erase_user_from_statistics(
    tx: WriteTransaction, guild_id: int, user_id: int, days: ServerDays, today: int
) -> int:
    """Take the person's id off all records, and return how many that were.

    Nothing of theirs may wait to be stored: hold the recorder meanwhile.
    """
    changed = 0
    for kind in CATALOGUE:
        is_of_sessions = kind.aggregate is Aggregate.SECONDS
        rows = await tx.fetch_all(_FETCH_HALF_HOURS, (guild_id, kind.number, user_id))
        ranges = [id_range for day, half_hours in rows for id_range in ranges_of_day(day, half_hours, days)]
        if is_of_sessions:
            # Sessions that went on for longer than their first day is kept.
            ranges.append((0, first_record_id(days.start_of(today - LOOK_BACK_DAYS))))
        table = "statistics_sessions" if is_of_sessions else "statistics_events"
        for low_id, high_id in ranges:
            changed += await tx.execute(
                f"UPDATE {table} {_UPDATE}", (guild_id, kind.number, low_id, high_id, user_id)
            )
        await tx.execute(_DELETE_DAYS, (guild_id, kind.number, user_id))
    await tx.execute(_UPDATE_POLLS, (guild_id, user_id))
    return changed
