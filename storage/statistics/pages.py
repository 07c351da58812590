"""Raw records, page by page, the latest first; how many there are, and where a page begins, is taken from the rollups.

So a page far back costs as much as the first one, whatever a guild has on record.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, NamedTuple, cast

from storage.database import ReadTransaction, SqlValue
from storage.server_days import HOUR_MS, ServerDays
from storage.statements import first_number, placeholders
from storage.statistics.catalogue import Aggregate
from storage.statistics.queries import IdRange, Query, ranges_of_day
from storage.statistics.record_ids import EPOCH_MS, SEQUENCE_BITS, first_record_id, time_ms_of

LONG_SESSION_MS: Final = 6 * HOUR_MS
"""Sessions that went on for longer have an index of their own."""

RANGES_AT_ONCE: Final = 64
"""Those of one statement are all read, so that what is found can be put in order."""

# The same words as in the migration: that is how the planner knows its index.
_IS_LONG: Final = f"ended_at_ms - (record_id >> {SEQUENCE_BITS}) > {EPOCH_MS + LONG_SESSION_MS}"
_FILTERS: Final = "AND (? IS NULL OR user_id = ?) AND (? IS NULL OR channel_id = ?)"
_LATEST: Final = "ORDER BY record_id DESC LIMIT ? OFFSET ?"
_PLACE: Final = "guild_id = ? AND kind = ?"

# A page is cut out first, and then its texts are looked up: not those of all records that are passed over.
_EVENTS: Final = """
SELECT records.record_id, user_id, channel_id, message_id, text, activity_type, duration_us, NULL, NULL, NULL, NULL
FROM ({}) AS records
LEFT JOIN statistics_texts AS texts ON texts.guild_id = ? AND texts.text_id = records.text_id
ORDER BY records.record_id DESC
"""
_SESSIONS: Final = """
SELECT records.record_id, user_id, channel_id, NULL, text, activity_type, NULL, ended_at_ms, NULL, NULL, NULL
FROM ({}) AS records
LEFT JOIN statistics_texts AS texts ON texts.guild_id = ? AND texts.text_id = records.text_id
ORDER BY records.record_id DESC
"""
_WITHIN: Final = f"""
SELECT * FROM {{table}} WHERE {_PLACE} AND record_id >= ? AND record_id < ? {_FILTERS} {_LATEST}
"""
# The ranges first, so that the records are sought in each of them.
_AMONG: Final = f"""
FROM ranges CROSS JOIN {{table}} WHERE {_PLACE} AND record_id >= low_id AND record_id < high_id {_FILTERS}
"""
_RANGES: Final = "WITH ranges (low_id, high_id) AS (VALUES {ranges})"
_WITHIN_SEVERAL: Final = f"{_RANGES} SELECT {{table}}.* {_AMONG} {_LATEST}"
_COUNT_WITHIN: Final = f"{_RANGES} SELECT COUNT(*) {_AMONG}"
# What began shortly before the days, what went on for long, and what goes on.
_REACHING: Final = f"""
SELECT {{columns}} FROM statistics_sessions
WHERE {_PLACE} AND record_id >= ? AND record_id < ? AND ended_at_ms > ? {_FILTERS}
UNION SELECT {{columns}} FROM statistics_sessions
WHERE {_PLACE} AND record_id < ? AND ended_at_ms > ? AND {_IS_LONG} {_FILTERS}
UNION SELECT {{columns}} FROM statistics_sessions
WHERE {_PLACE} AND record_id < ? AND ended_at_ms IS NULL {_FILTERS}
"""
_COUNT_REACHING: Final = f"SELECT COUNT(*) FROM ({_REACHING.format(columns='record_id')})"
_REACHING_IDS: Final = f"{_REACHING.format(columns='record_id')} {_LATEST}"
_FETCH_REACHING: Final = _SESSIONS.format(
    "SELECT sessions.* FROM statistics_sessions AS sessions "
    f"WHERE {_PLACE} AND record_id IN ({_REACHING_IDS})"
)
_COUNT_SAMPLES: Final = f"""
SELECT COUNT(*) FROM statistics_samples WHERE {_PLACE} AND record_id >= ? AND record_id < ?
"""
_FETCH_SAMPLES: Final = f"""
SELECT record_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, first_value, second_value, third_value
FROM statistics_samples WHERE {_PLACE} AND record_id >= ? AND record_id < ? {_LATEST}
"""
_FETCH_HOURS: Final = f"""
SELECT day, hour, events FROM statistics_hours
WHERE {_PLACE} AND day BETWEEN ? AND ? AND events > 0
"""
# One step into the key for each day that is named: `BETWEEN` would walk past every user of every day.
_FETCH_USER_DAYS: Final = f"""
SELECT day, events, half_hours FROM statistics_user_days WHERE {_PLACE} AND user_id = ? AND events > 0 AND day IN
"""
_FETCH_CHANNEL_DAYS: Final = f"""
SELECT day, events FROM statistics_channel_days WHERE {_PLACE} AND channel_id = ? AND events > 0 AND day IN
"""
RecordRow = tuple[
    int, int | None, int | None, int | None, str | None, int | None, int | None, int | None, int | None,
    int | None, int | None,
]  # fmt: skip
"""A record as it comes from the database: the fields of `Record`, in their order."""


class Record(NamedTuple):
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


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records of a query, the latest first, and how many there are in all."""

    rows: list[RecordRow]
    """Plain, as there are up to 10,000 of them; `records` makes them readable."""
    total: int

    @property
    def records(self) -> list[Record]:
        """The records with names for their parts."""
        return [Record._make(row) for row in self.rows]


@dataclass(frozen=True, slots=True)
class _Part:
    """Where some of the records lie, the latest first, and how many of the query they are."""

    ranges: tuple[IdRange, ...]
    records: int


async def fetch_record_page(
    rx: ReadTransaction, query: Query, days: ServerDays, *, offset: int, limit: int
) -> RecordPage:
    """Return up to `limit` records of the query after the `offset` latest ones, and how many there are.

    Sessions that began earlier but reach into the days are among them; they come last.
    """
    if query.kind.aggregate is Aggregate.LAST:
        return await _fetch_samples(rx, query, days, offset, limit)
    parts = await _fetch_parts(rx, query, days)
    begun = sum(part.records for part in parts)
    rows = await _fetch_begun(rx, query, parts, offset, limit)
    if not query.is_of_sessions:
        return RecordPage(rows, begun)
    reaching = _reaching_parameters(query, days)
    total = begun + first_number(await rx.fetch_one(_COUNT_REACHING, reaching))
    if len(rows) < limit and total > begun:
        place = (query.guild_id, query.kind.number)
        rest = (limit - len(rows), max(0, offset - begun))
        rows += await _fetch_rows(rx, _FETCH_REACHING, (*place, *reaching, *rest, query.guild_id))
    return RecordPage(rows, total)


async def _fetch_samples(
    rx: ReadTransaction, query: Query, days: ServerDays, offset: int, limit: int
) -> RecordPage:
    # A quarter of an hour lies between two: there are never many.
    parameters = (query.guild_id, query.kind.number, *query.id_range(days))
    total = first_number(await rx.fetch_one(_COUNT_SAMPLES, parameters))
    return RecordPage(await _fetch_rows(rx, _FETCH_SAMPLES, (*parameters, limit, offset)), total)


async def _fetch_rows(rx: ReadTransaction, sql: str, parameters: Sequence[SqlValue]) -> list[RecordRow]:
    rows = await rx.fetch_many(sql, parameters, len(Record._fields))
    rows.sort(key=itemgetter(0), reverse=True)
    return cast("list[RecordRow]", rows)


# Where they lie


async def _fetch_parts(rx: ReadTransaction, query: Query, days: ServerDays) -> list[_Part]:
    """Return where the records that begin on the query's days lie, the latest first; parts without any are left out."""
    if query.user_id is None and query.channel_id is None:
        return await _fetch_hour_parts(rx, query, days)
    asked = range(query.first_day, query.last_day + 1)
    if query.user_id is None:
        return await _fetch_channel_parts(rx, query, days, asked)
    rows = await rx.fetch_all(
        f"{_FETCH_USER_DAYS} {placeholders(len(asked))}",
        (query.guild_id, query.kind.number, query.user_id, *asked),
    )
    parts = [
        _Part(tuple(ranges_of_day(day, half_hours, days)), events)
        for day, events, half_hours in sorted(rows, reverse=True)
    ]
    if query.channel_id is None:
        return parts
    # How much of a person's day lies in one channel is in no rollup.
    return [
        _Part(part.ranges, records)
        for part in parts
        if (records := await _count_within(rx, query, part.ranges))
    ]


async def _fetch_hour_parts(rx: ReadTransaction, query: Query, days: ServerDays) -> list[_Part]:
    place = (query.guild_id, query.kind.number)
    rows = await rx.fetch_many(_FETCH_HOURS, (*place, query.first_day, query.last_day), 3)
    parts: list[_Part] = []
    for day, hour, events in sorted(rows, reverse=True):
        start_ms = days.start_of(day) + hour * HOUR_MS
        end_ms = min(start_ms + HOUR_MS, days.start_of(day + 1))
        parts.append(_Part(((first_record_id(start_ms), first_record_id(end_ms)),), events))
    return parts


async def _fetch_channel_parts(
    rx: ReadTransaction, query: Query, days: ServerDays, asked: Sequence[int]
) -> list[_Part]:
    rows = await rx.fetch_all(
        f"{_FETCH_CHANNEL_DAYS} {placeholders(len(asked))}",
        (query.guild_id, query.kind.number, query.channel_id, *asked),
    )
    return [
        _Part(((first_record_id(days.start_of(day)), first_record_id(days.start_of(day + 1))),), events)
        for day, events in sorted(rows, reverse=True)
    ]


async def _count_within(rx: ReadTransaction, query: Query, ranges: Sequence[IdRange]) -> int:
    sql = _COUNT_WITHIN.format(table=_table_of(query), ranges=_values(ranges))
    return first_number(await rx.fetch_one(sql, (*_bounds(ranges), *_parameters(query))))


def _joined(parts: Sequence[_Part], query: Query, offset: int, limit: int) -> Iterator[_Part]:
    """Yield parts joined to what one statement reads, until they hold the page.

    `offset` lies within the first part. Neighbours become one range, which is read from its end and no further than needed.
    """
    is_whole = query.user_id is None and query.channel_id is None
    ranges: tuple[IdRange, ...] = ()
    records = 0
    for part in parts:
        if records >= offset + limit:
            break
        (low_id, high_id) = part.ranges[0]
        if len(ranges) == len(part.ranges) == 1 and (is_whole or ranges[0][0] == high_id):
            ranges = ((low_id, ranges[0][1]),)
        elif not ranges or len(ranges) + len(part.ranges) <= RANGES_AT_ONCE:
            ranges += part.ranges
        else:
            yield _Part(ranges, records)
            offset, limit = 0, limit - (records - offset)
            ranges, records = part.ranges, 0
        records += part.records
    if ranges:
        yield _Part(ranges, records)


# What lies there


async def _fetch_begun(
    rx: ReadTransaction, query: Query, parts: Sequence[_Part], offset: int, limit: int
) -> list[RecordRow]:
    first = 0
    while first < len(parts) and parts[first].records <= offset:
        offset -= parts[first].records
        first += 1
    rows: list[RecordRow] = []
    for part in _joined(parts[first:], query, offset, limit):
        wanted = min(part.records - offset, limit - len(rows))
        rows += await _fetch_part(rx, query, part.ranges, wanted, offset)
        offset = 0
    return rows


async def _fetch_part(
    rx: ReadTransaction, query: Query, ranges: Sequence[IdRange], limit: int, offset: int
) -> list[RecordRow]:
    table = _table_of(query)
    parameters: tuple[SqlValue, ...]
    if len(ranges) == 1:
        inner = _WITHIN.format(table=table)
        parameters = (query.guild_id, query.kind.number, *ranges[0], *_filters(query))
    else:
        inner = _WITHIN_SEVERAL.format(table=table, ranges=_values(ranges))
        parameters = (*_bounds(ranges), *_parameters(query))
    sql = (_SESSIONS if query.is_of_sessions else _EVENTS).format(inner)
    return await _fetch_rows(rx, sql, (*parameters, limit, offset, query.guild_id))


def _reaching_parameters(query: Query, days: ServerDays) -> tuple[SqlValue, ...]:
    since_ms = days.start_of(query.first_day)
    since_id = first_record_id(since_ms)
    place, filters = (query.guild_id, query.kind.number), _filters(query)
    return (
        *(*place, first_record_id(since_ms - LONG_SESSION_MS), since_id, since_ms, *filters),
        *(*place, since_id, since_ms, *filters),
        *(*place, since_id, *filters),
    )


def _table_of(query: Query) -> str:
    return "statistics_sessions" if query.is_of_sessions else "statistics_events"


def _values(ranges: Sequence[IdRange]) -> str:
    return ", ".join(["(?, ?)"] * len(ranges))


def _bounds(ranges: Sequence[IdRange]) -> list[SqlValue]:
    return [bound for id_range in ranges for bound in id_range]


def _parameters(query: Query) -> tuple[SqlValue, ...]:
    return (query.guild_id, query.kind.number, *_filters(query))


def _filters(query: Query) -> tuple[SqlValue, ...]:
    return (query.user_id, query.user_id, query.channel_id, query.channel_id)
