"""Raw records, page by page."""

from dataclasses import dataclass
from typing import Final

from storage.database import ReadTransaction, Row, SqlValue
from storage.server_days import ServerDays
from storage.statistics.catalogue import Aggregate
from storage.statistics.queries import IdRange, Query, fetch_user_ranges
from storage.statistics.record_ids import time_ms_of
from storage.statistics.series import LONGEST_AGO_DAYS

_JOIN_TEXTS: Final = """
LEFT JOIN statistics_texts AS texts ON texts.guild_id = records.guild_id AND texts.text_id = records.text_id
"""
_WITHIN: Final = """
WHERE records.guild_id = ? AND records.kind = ? AND records.record_id >= ? AND records.record_id < ?
"""
_FILTERS: Final = "AND (? IS NULL OR records.user_id = ?) AND (? IS NULL OR records.channel_id = ?)"
_LATEST: Final = "ORDER BY records.record_id DESC LIMIT ?"
_FETCH_EVENTS: Final = f"""
SELECT record_id, user_id, channel_id, message_id, text, activity_type, duration_us, NULL, NULL, NULL, NULL
FROM statistics_events AS records {_JOIN_TEXTS} {_WITHIN} {_FILTERS} {_LATEST}
"""
_FETCH_SESSIONS: Final = f"""
SELECT record_id, user_id, channel_id, NULL, text, activity_type, NULL, ended_at_ms, NULL, NULL, NULL
FROM statistics_sessions AS records {_JOIN_TEXTS} {_WITHIN} {_FILTERS}
AND (ended_at_ms IS NULL OR ended_at_ms >= ?) {_LATEST}
"""
_FETCH_SAMPLES: Final = f"""
SELECT record_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, first_value, second_value, third_value
FROM statistics_samples AS records {_WITHIN} {_LATEST}
"""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it is stored; what its kind does not have is None."""

    record_id: int
    user_id: int | None
    channel_id: int | None
    message_id: int | None
    text: str | None
    activity_type: int | None
    duration_us: int | None
    ended_at_ms: int | None
    first: int | None
    second: int | None
    third: int | None

    @property
    def at_ms(self) -> int:
        """When it happened or began, UTC epoch milliseconds."""
        return time_ms_of(self.record_id)


async def fetch_record_page(
    rx: ReadTransaction, query: Query, limit: int, before_id: int | None, days: ServerDays
) -> list[Record]:
    """Return up to `limit` records of the query, the latest first, only those before an id if one is given.

    Sessions that began earlier but reach into the days are among them.
    """
    low_id, high_id = query.id_range(days)
    first_day = query.first_day
    if query.is_of_sessions:
        low_id, first_day = 0, first_day - LONGEST_AGO_DAYS
    if query.user_id is not None:
        ranges = await fetch_user_ranges(rx, query, days, first_day)
    else:
        ranges = [(low_id, high_id)]
    records: list[Record] = []
    for range_low_id, range_high_id in ranges:
        until_id = range_high_id if before_id is None else min(range_high_id, before_id)
        if until_id > range_low_id and len(records) < limit:
            rows = await _fetch_rows(rx, query, (range_low_id, until_id), limit - len(records), days)
            records += [Record(*row) for row in rows]
    return records


async def _fetch_rows(
    rx: ReadTransaction, query: Query, id_range: IdRange, limit: int, days: ServerDays
) -> list[Row]:
    parameters: tuple[SqlValue, ...] = (query.guild_id, query.kind.number, *id_range)
    filters = (query.user_id, query.user_id, query.channel_id, query.channel_id)
    match query.kind.aggregate:
        case Aggregate.LAST:
            return await rx.fetch_all(_FETCH_SAMPLES, (*parameters, limit))
        case Aggregate.SECONDS:
            since_ms = days.start_of(query.first_day)
            return await rx.fetch_all(_FETCH_SESSIONS, (*parameters, *filters, since_ms, limit))
        case Aggregate.COUNT | Aggregate.MEAN:
            return await rx.fetch_all(_FETCH_EVENTS, (*parameters, *filters, limit))
