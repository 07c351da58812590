"""Series: what there was on each day, or in each hour."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from storage.database import ReadTransaction, SqlValue
from storage.server_days import HOUR_MS, ServerDays
from storage.statements import placeholders
from storage.statistics.catalogue import Kind
from storage.statistics.queries import IdRange, Query, fetch_open_sessions, fetch_user_ranges
from storage.statistics.record_ids import EPOCH_MS, SEQUENCE_BITS, first_record_id, time_ms_of
from storage.stretches import Stretch

_FETCH_DAYS: Final = """
SELECT day, SUM(events), SUM(total) FROM statistics_hours
WHERE guild_id = ? AND kind = ? AND day BETWEEN ? AND ? GROUP BY day
"""
# Days are named one by one where the key goes on after them: `BETWEEN` would walk past every user of every day.
_FETCH_USER_DAYS: Final = """
SELECT day, events, total FROM statistics_user_days
WHERE guild_id = ? AND kind = ? AND user_id = ? AND day IN
"""
_FETCH_CHANNEL_DAYS: Final = """
SELECT day, events, total FROM statistics_channel_days
WHERE guild_id = ? AND kind = ? AND channel_id = ? AND day IN
"""
_FETCH_HOURS: Final = """
SELECT day, hour, events, total FROM statistics_hours
WHERE guild_id = ? AND kind = ? AND day BETWEEN ? AND ?
"""
_FETCH_RAW_HOURS: Final = f"""
SELECT ((record_id >> {SEQUENCE_BITS}) + {EPOCH_MS} - ?) / {HOUR_MS}, COUNT(*), SUM(COALESCE(duration_us, 0))
FROM statistics_events
WHERE guild_id = ? AND kind = ? AND record_id >= ? AND record_id < ?
AND (? IS NULL OR user_id = ?) AND (? IS NULL OR channel_id = ?) GROUP BY 1
"""
_FETCH_RAW_SESSIONS: Final = """
SELECT record_id, ended_at_ms FROM statistics_sessions
WHERE guild_id = ? AND kind = ? AND record_id >= ? AND record_id < ?
AND (? IS NULL OR user_id = ?) AND (? IS NULL OR channel_id = ?)
"""
_FETCH_SAMPLES: Final = """
SELECT record_id, first_value, second_value, third_value FROM statistics_samples
WHERE guild_id = ? AND kind = ? AND record_id >= ? AND record_id < ? ORDER BY record_id
"""


@dataclass(frozen=True, slots=True)
class Sum:
    """What there was: how many records, and their total: milliseconds of sessions, microseconds of durations, else 0."""

    events: int = 0
    total: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.events + other.events, self.total + other.total)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sampled quantity at a time, UTC epoch milliseconds."""

    at_ms: int
    first: int
    second: int | None
    third: int | None


Hour = tuple[int, int]
"""The day, and the hours since it began."""


async def fetch_days(rx: ReadTransaction, query: Query, days: ServerDays, now_ms: int) -> dict[int, Sum]:
    """Return the sum of each day; days without records are missing. Open sessions count until `now_ms`."""
    if query.user_id is not None and query.channel_id is not None:
        by_day: dict[int, Sum] = {}
        for (day, _hour), hour_sum in (await fetch_hours(rx, query, days, now_ms)).items():
            by_day[day] = by_day.get(day, Sum()) + hour_sum
        return by_day
    asked = range(query.first_day, query.last_day + 1)
    named = placeholders(len(asked))
    place = (query.guild_id, query.kind.number)
    if query.user_id is not None:
        rows = await rx.fetch_all(f"{_FETCH_USER_DAYS} {named}", (*place, query.user_id, *asked))
    elif query.channel_id is not None:
        rows = await rx.fetch_all(f"{_FETCH_CHANNEL_DAYS} {named}", (*place, query.channel_id, *asked))
    else:
        rows = await rx.fetch_all(_FETCH_DAYS, (*place, query.first_day, query.last_day))
    by_day = {day: Sum(events, total) for day, events, total in rows}
    open_ms = days.add_up_days(await _open_stretches(rx, query, days, now_ms))
    for day, length_ms in open_ms.items():
        by_day[day] = by_day.get(day, Sum()) + Sum(0, length_ms)
    return by_day


async def fetch_hours(rx: ReadTransaction, query: Query, days: ServerDays, now_ms: int) -> dict[Hour, Sum]:
    """Return the sum of each hour; hours without records are missing. Open sessions count until `now_ms`.

    With a user or a channel the raw records are read: meant for a few days.
    """
    by_hour: dict[Hour, Sum] = {}
    if query.user_id is None and query.channel_id is None:
        parameters = (query.guild_id, query.kind.number, query.first_day, query.last_day)
        rows = await rx.fetch_all(_FETCH_HOURS, parameters)
        by_hour = {(day, hour): Sum(events, total) for day, hour, events, total in rows}
        stretches = await _open_stretches(rx, query, days, now_ms)
        _add_stretches(by_hour, days, stretches)
    elif query.is_of_sessions:
        begun, stretches = await _fetch_sessions(rx, query, days, now_ms)
        by_hour = {hour: Sum(events, 0) for hour, events in begun.items()}
        _add_stretches(by_hour, days, stretches)
    else:
        for low_id, high_id in await _event_ranges(rx, query, days):
            day = days.day_of(time_ms_of(low_id))
            rows = await rx.fetch_all(
                _FETCH_RAW_HOURS, (days.start_of(day), *_raw_parameters(query, low_id, high_id))
            )
            for hour, events, total in rows:
                by_hour[day, hour] = by_hour.get((day, hour), Sum()) + Sum(events, total)
    return by_hour


async def fetch_samples(
    rx: ReadTransaction, guild_id: int, kind: Kind, since_ms: int, until_ms: int
) -> list[Sample]:
    """Return what was sampled in this stretch of time, the earliest first."""
    rows = await rx.fetch_all(
        _FETCH_SAMPLES, (guild_id, kind.number, first_record_id(since_ms), first_record_id(until_ms))
    )
    return [Sample(time_ms_of(record_id), first, second, third) for record_id, first, second, third in rows]


async def _event_ranges(rx: ReadTransaction, query: Query, days: ServerDays) -> list[IdRange]:
    """Return ranges of ids, each within one day, that hold every event of the query."""
    if query.user_id is not None:
        return await fetch_user_ranges(rx, query, days)
    return [
        (first_record_id(days.start_of(day)), first_record_id(days.start_of(day + 1)))
        for day in range(query.first_day, query.last_day + 1)
        if days.start_of(day) < days.start_of(day + 1)
    ]


async def _fetch_sessions(
    rx: ReadTransaction, query: Query, days: ServerDays, now_ms: int
) -> tuple[Counter[Hour], list[Stretch]]:
    """Return how many sessions of the query began in each hour, and the parts of all that lie on its days."""
    if query.user_id is not None:
        ranges: Iterable[IdRange] = await fetch_user_ranges(rx, query, days)
    else:
        ranges = [(0, query.id_range(days)[1])]
    begun: Counter[Hour] = Counter()
    stretches: list[Stretch] = []
    for low_id, high_id in ranges:
        rows = await rx.fetch_all(_FETCH_RAW_SESSIONS, _raw_parameters(query, low_id, high_id))
        for record_id, stored_end_ms in rows:
            began_at_ms = time_ms_of(record_id)
            day = days.day_of(began_at_ms)
            if query.first_day <= day <= query.last_day:
                begun[day, (began_at_ms - days.start_ms) // HOUR_MS] += 1
            stretches.append((began_at_ms, now_ms if stored_end_ms is None else stored_end_ms))
    return begun, _on_days(query, days, stretches)


async def _open_stretches(rx: ReadTransaction, query: Query, days: ServerDays, now_ms: int) -> list[Stretch]:
    """Return the parts of open sessions that lie on the days of the query."""
    sessions = await fetch_open_sessions(rx, query)
    return _on_days(query, days, [(session.began_at_ms, now_ms) for session in sessions])


def _on_days(query: Query, days: ServerDays, stretches: Iterable[Stretch]) -> list[Stretch]:
    since_ms, until_ms = days.start_of(query.first_day), days.start_of(query.last_day + 1)
    return [
        (max(began_at_ms, since_ms), min(ended_at_ms, until_ms)) for began_at_ms, ended_at_ms in stretches
    ]


def _add_stretches(by_hour: dict[Hour, Sum], days: ServerDays, stretches: Iterable[Stretch]) -> None:
    for hour, length_ms in days.add_up_hours(stretches).items():
        by_hour[hour] = by_hour.get(hour, Sum()) + Sum(0, length_ms)


def _raw_parameters(query: Query, low_id: int, high_id: int) -> tuple[SqlValue, ...]:
    user_id, channel_id = query.user_id, query.channel_id
    return (
        *(query.guild_id, query.kind.number, low_id, high_id),
        *(user_id, user_id, channel_id, channel_id),
    )
