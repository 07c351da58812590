"""Whether something that happens once is on record: whoever reports it again means the same."""

from typing import Final

from storage.database import ReadTransaction
from storage.server_days import ServerDays
from storage.statistics.changes import NO_ACTIVITY
from storage.statistics.queries import Query, fetch_user_ranges

_FETCH: Final = """
SELECT 1 FROM statistics_events WHERE guild_id = ? AND kind = ? AND record_id >= ? AND record_id < ?
AND user_id = ? AND text_id = ? LIMIT 1
"""
_FETCH_TEXT_ID: Final = """
SELECT text_id FROM statistics_texts WHERE guild_id = ? AND activity_type = ? AND text = ?
"""


async def fetch_is_on_record(rx: ReadTransaction, query: Query, text: str, days: ServerDays) -> bool:
    """Return whether the query's days hold an event of its user with this text."""
    found = await rx.fetch_one(_FETCH_TEXT_ID, (query.guild_id, NO_ACTIVITY, text))
    if found is None:
        return False
    for id_range in await fetch_user_ranges(rx, query, days):
        parameters = (query.guild_id, query.kind.number, *id_range, query.user_id, found[0])
        if await rx.fetch_one(_FETCH, parameters) is not None:
            return True
    return False
