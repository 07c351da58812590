"""Erasing a person: what they did stays counted, and nothing says any more that it was they."""

from typing import Final

from storage.database import WriteTransaction
from storage.server_days import ServerDays
from storage.statistics.catalogue import CATALOGUE, Aggregate
from storage.statistics.queries import Query, fetch_user_ranges
from storage.statistics.series import LONGEST_AGO_DAYS

_UPDATE: Final = """
SET user_id = NULL WHERE guild_id = ? AND kind = ? AND record_id >= ? AND record_id < ? AND user_id = ?
"""
_DELETE_DAYS: Final = """
DELETE FROM statistics_user_days
WHERE guild_id = ? AND kind = ? AND day BETWEEN ? AND ? AND user_id = ?
"""
_UPDATE_POLLS: Final = "UPDATE polls SET user_id = NULL WHERE guild_id = ? AND user_id = ?"


async def erase_user_from_statistics(
    tx: WriteTransaction, guild_id: int, user_id: int, days: ServerDays, last_day: int
) -> int:
    """Take the person's id off all records up to `last_day`, and return how many that were.

    Nothing of theirs may wait to be stored: hold the recorder meanwhile.
    """
    changed = 0
    for kind in CATALOGUE:
        query = Query(guild_id, kind, last_day - LONGEST_AGO_DAYS, last_day, user_id)
        table = "statistics_sessions" if kind.aggregate is Aggregate.SECONDS else "statistics_events"
        for low_id, high_id in await fetch_user_ranges(tx, query, days, query.first_day):
            changed += await tx.execute(
                f"UPDATE {table} {_UPDATE}", (guild_id, kind.number, low_id, high_id, user_id)
            )
        await tx.execute(_DELETE_DAYS, (guild_id, kind.number, query.first_day, last_day, user_id))
    await tx.execute(_UPDATE_POLLS, (guild_id, user_id))
    return changed
