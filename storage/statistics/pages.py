"""Raw records, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from storage.database import ReadTransaction, Row, SqlValue
from storage.server_days import ServerDays
from storage.statistics.catalogue import Aggregate
from storage.statistics.queries import IdRange, Query, fetch_user_ranges
from storage.statistics.record_ids import time_ms_of

_JOIN_TEXTS: Final = """
LEFT JOIN statistics_texts AS texts ON texts.guild_id = records.guild_id AND texts.text_id = records.text_id
"""
# The ranges first, so that the records are sought in each of them.
_WITHIN: Final = """
WHERE records.guild_id = ? AND records.kind = ? AND records.record_id >= low_id AND records.record_id < high_id
"""
_FILTERS: Final = "AND (? IS NULL OR records.user_id = ?) AND (? IS NULL OR records.channel_id = ?)"
_LATEST: Final = "ORDER BY records.record_id DESC LIMIT ?"
_FETCH_EVENTS: Final = f"""
SELECT record_id, user_id, channel_id, message_id, text, activity_type, duration_us, NULL, NULL, NULL, NULL
FROM ranges CROSS JOIN statistics_events AS records {_JOIN_TEXTS} {_WITHIN} {_FILTERS} {_LATEST}
"""
_FETCH_SESSIONS: Final = f"""
SELECT record_id, user_id, channel_id, NULL, text, activity_type, NULL, ended_at_ms, NULL, NULL, NULL
FROM ranges CROSS JOIN statistics_sessions AS records {_JOIN_TEXTS} {_WITHIN} {_FILTERS}
AND (ended_at_ms IS NULL OR ended_at_ms >= ?) {_LATEST}
"""
_FETCH_SAMPLES: Final = f"""
SELECT record_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, first_value, second_value, third_value
FROM ranges CROSS JOIN statistics_samples AS records {_WITHIN} {_LATEST}
"""


RANGES_AT_ONCE: Final = (4, 64)
"""The latest few are mostly enough for a page; those of one statement are all read."""


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
    if query.user_id is not None:
        ranges = await fetch_user_ranges(rx, query, days)
    else:
        ranges = [(0 if query.is_of_sessions else low_id, high_id)]
    if before_id is not None:
        ranges = [(low, min(high, before_id)) for low, high in ranges if low < before_id]
    records: list[Record] = []
    begin, size = 0, RANGES_AT_ONCE[0]
    while begin < len(ranges) and len(records) < limit:
        rows = await _fetch_rows(rx, query, ranges[begin : begin + size], limit - len(records), days)
        records += [Record(*row) for row in rows]
        begin, size = begin + size, RANGES_AT_ONCE[1]
    return records


async def _fetch_rows(
    rx: ReadTransaction, query: Query, ranges: Sequence[IdRange], limit: int, days: ServerDays
) -> list[Row]:
    values = ", ".join(["(?, ?)"] * len(ranges))
    with_ranges = f"WITH ranges (low_id, high_id) AS (VALUES {values})"
    bounds: list[SqlValue] = [bound for id_range in ranges for bound in id_range]
    parameters = (*bounds, query.guild_id, query.kind.number)
    filters = (query.user_id, query.user_id, query.channel_id, query.channel_id)
    match query.kind.aggregate:
        case Aggregate.LAST:
            return await rx.fetch_all(f"{with_ranges} {_FETCH_SAMPLES}", (*parameters, limit))
        case Aggregate.SECONDS:
            since_ms = days.start_of(query.first_day)
            return await rx.fetch_all(
                f"{with_ranges} {_FETCH_SESSIONS}", (*parameters, *filters, since_ms, limit)
            )
        case Aggregate.COUNT | Aggregate.MEAN:
            return await rx.fetch_all(f"{with_ranges} {_FETCH_EVENTS}", (*parameters, *filters, limit))
