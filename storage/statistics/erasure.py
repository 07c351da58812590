"""Erasing a person: what they did stays counted, and nothing says any more that it was they.

A record is found through the person's days, its id is taken off it, and what it added to their days is taken off these, all
in one transaction: so rollups and records agree after every step, whatever comes in between two of them.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from storage.database import ReadTransaction, WriteTransaction
from storage.server_days import ServerDays
from storage.statements import first_number, placeholders, split_keys
from storage.statistics.catalogue import CATALOGUE, KINDS_BY_NUMBER, MESSAGES_DELETED, Aggregate, Kind
from storage.statistics.queries import IdRange, ranges_of_day
from storage.statistics.record_ids import first_record_id, time_ms_of
from storage.statistics.retention import fetch_kinds

_DAYS: Final = "statistics_user_days WHERE guild_id = ? AND kind = ? AND user_id = ? AND day IN"
_FETCH_DAYS: Final = f"SELECT day, events, total, half_hours FROM {_DAYS}"
_COUNT_DAYS: Final = f"SELECT COALESCE(SUM(events), 0), COUNT(*) FROM {_DAYS}"
# Two steps along the key: of a MIN and a MAX together SQLite makes a walk through all.
_FETCH_SPAN: Final = """
SELECT (SELECT MIN(day) FROM statistics_user_days WHERE guild_id = ? AND kind = ?),
    (SELECT MAX(day) FROM statistics_user_days WHERE guild_id = ? AND kind = ?)
"""
_FETCH_RECORDS: Final = """
SELECT record_id FROM {table}
WHERE guild_id = ? AND kind = ? AND record_id >= ? AND record_id < ? AND user_id = ? {more}
ORDER BY record_id LIMIT ?
"""
_UPDATE_RECORDS: Final = """
UPDATE {table} SET user_id = NULL WHERE guild_id = ? AND kind = ? AND user_id = ? AND record_id IN {ids}
RETURNING record_id, {measure}
"""
_FETCH_OPEN: Final = """
SELECT kind, record_id FROM statistics_sessions WHERE guild_id = ? AND ended_at_ms IS NULL AND user_id = ?
"""
_SUBTRACT: Final = """
UPDATE statistics_user_days SET events = events - ?, total = total - ?
WHERE guild_id = ? AND kind = ? AND day = ? AND user_id = ?
"""
_DELETE_EMPTY: Final = """
DELETE FROM statistics_user_days
WHERE guild_id = ? AND kind = ? AND user_id = ? AND events <= 0 AND total <= 0 AND day IN
"""
_DELETE_STALE: Final = """
DELETE FROM statistics_user_days
WHERE guild_id = :guild_id AND kind = :kind AND day = :day AND user_id = :user_id
    AND events = :events AND total = :total AND NOT EXISTS (
        SELECT 1 FROM statistics_sessions AS going_on WHERE going_on.guild_id = :guild_id
            AND going_on.kind = :kind AND going_on.ended_at_ms IS NULL AND going_on.user_id = :user_id
    )
"""
_UPDATE_POLLS: Final = "UPDATE polls SET user_id = NULL WHERE guild_id = ? AND user_id = ?"
_COUNT_POLLS: Final = "SELECT COUNT(*) FROM polls WHERE guild_id = ? AND user_id = ?"

ERASABLE: Final = tuple(
    sorted(
        (kind for kind in CATALOGUE if kind.aggregate is not Aggregate.LAST),
        # The author of a message that is deleted meanwhile is looked up among the messages: those go first.
        key=lambda kind: (kind is MESSAGES_DELETED, kind.number),
    )
)
"""The kinds that people can be named in, in the order in which they are to be erased."""


@dataclass(frozen=True, slots=True)
class UserDay:
    """What there is of one kind of a person on one day."""

    day: int
    events: int
    total: int
    half_hours: int


@dataclass(frozen=True, slots=True)
class StatisticsReferences:
    """How many rows hold a person's id."""

    records: int
    days: int
    polls: int


Erased = Counter[tuple[int, str]]
"""What was taken off a person's days, by the day and `events` or `total`."""


async def count_statistics_of_user(rx: ReadTransaction, guild_id: int, user_id: int) -> StatisticsReferences:
    """Return how many records, daily sums and polls are a person's."""
    records = days = 0
    for kind in await fetch_kinds(rx, guild_id, "statistics_user_days"):
        async for chunk in _chunks_of_days(rx, guild_id, kind):
            row = await rx.fetch_one(
                f"{_COUNT_DAYS} {placeholders(len(chunk))}", (guild_id, kind, user_id, *chunk)
            )
            records += row[0] if row else 0
            days += row[1] if row else 0
    polls = first_number(await rx.fetch_one(_COUNT_POLLS, (guild_id, user_id)))
    return StatisticsReferences(records, days, polls)


async def fetch_user_days(rx: ReadTransaction, guild_id: int, kind: Kind, user_id: int) -> list[UserDay]:
    """Return a person's days."""
    found: list[UserDay] = []
    async for chunk in _chunks_of_days(rx, guild_id, kind.number):
        parameters = (guild_id, kind.number, user_id, *chunk)
        rows = await rx.fetch_all(f"{_FETCH_DAYS} {placeholders(len(chunk))}", parameters)
        found += [UserDay(*row) for row in rows]
    return found


def ranges_of_days(kind: Kind, user_days: Sequence[UserDay], days: ServerDays) -> Iterator[IdRange]:
    """Yield where the person's records lie."""
    if kind.aggregate is Aggregate.SECONDS:
        # Sessions that went on for longer than their first day is kept.
        first_day = min((user_day.day for user_day in user_days), default=None)
        if first_day is not None:
            yield 0, first_record_id(days.start_of(first_day))
    for user_day in user_days:
        yield from ranges_of_day(user_day.day, user_day.half_hours, days)


async def fetch_records_of_user(
    rx: ReadTransaction, guild_id: int, kind: Kind, user_id: int, id_range: IdRange, limit: int
) -> list[int]:
    """Return the ids of a person's records, at most so many, the earliest first; sessions only if they have ended.

    Walks past the records of others: not to be done while one may write.
    """
    # A session that goes on is named by its end once more: those are erased by `erase_open_sessions`.
    more = "AND ended_at_ms IS NOT NULL" if kind.aggregate is Aggregate.SECONDS else ""
    sql = _FETCH_RECORDS.format(table=_table_of(kind), more=more)
    rows = await rx.fetch_all(sql, (guild_id, kind.number, *id_range, user_id, limit))
    return [record_id for (record_id,) in rows]


async def erase_records(
    tx: WriteTransaction, guild_id: int, kind: Kind, user_id: int, record_ids: Sequence[int], days: ServerDays
) -> Erased:
    """Take the person's id off these records, and what they came to off the person's days."""
    is_of_sessions = kind.aggregate is Aggregate.SECONDS
    erased: Erased = Counter()
    for chunk in split_keys(record_ids):
        sql = _UPDATE_RECORDS.format(
            table=_table_of(kind),
            ids=placeholders(len(chunk)),
            measure="ended_at_ms" if is_of_sessions else "duration_us",
        )
        for record_id, measure in await tx.fetch_all(sql, (guild_id, kind.number, user_id, *chunk)):
            at_ms = time_ms_of(record_id)
            erased[days.day_of(at_ms), "events"] += 1
            if not is_of_sessions:
                erased[days.day_of(at_ms), "total"] += measure or 0
            elif measure is not None:
                for day, length_ms in days.days_of(at_ms, measure):
                    erased[day, "total"] += length_ms
    touched = sorted({day for day, _what in erased})
    for day in touched:
        amounts = erased[day, "events"], erased[day, "total"]
        await tx.execute(_SUBTRACT, (*amounts, guild_id, kind.number, day, user_id))
    for days_chunk in split_keys(touched):
        await tx.execute(
            f"{_DELETE_EMPTY} {placeholders(len(days_chunk))}", (guild_id, kind.number, user_id, *days_chunk)
        )
    return erased


async def erase_open_sessions(tx: WriteTransaction, guild_id: int, user_id: int, days: ServerDays) -> int:
    """Take the person's id off the sessions that go on, and off their polls; return how many sessions that were.

    Nothing of theirs may wait to be stored: hold the recorder meanwhile, and let what goes on lose the id.
    """
    await tx.execute(_UPDATE_POLLS, (guild_id, user_id))
    rows = await tx.fetch_all(_FETCH_OPEN, (guild_id, user_id))
    for number in sorted({number for number, _record_id in rows}):
        record_ids = [record_id for kind, record_id in rows if kind == number]
        await erase_records(tx, guild_id, KINDS_BY_NUMBER[number], user_id, record_ids, days)
    return len(rows)


async def delete_stale_days(
    tx: WriteTransaction,
    guild_id: int,
    kind: Kind,
    user_id: int,
    before: Sequence[UserDay],
    erased: Erased,
) -> None:
    """Delete days of which all records are erased or deleted, and that still have something: retention is in the middle of it.

    `before` is how the days were; where something was added since then, or a session goes on, there are records again.
    """
    for user_day in before:
        parameters = {
            "guild_id": guild_id,
            "kind": kind.number,
            "day": user_day.day,
            "user_id": user_id,
            "events": user_day.events - erased[user_day.day, "events"],
            "total": user_day.total - erased[user_day.day, "total"],
        }
        await tx.execute(_DELETE_STALE, parameters)


def _table_of(kind: Kind) -> str:
    return "statistics_sessions" if kind.aggregate is Aggregate.SECONDS else "statistics_events"


async def _chunks_of_days(rx: ReadTransaction, guild_id: int, kind: int) -> AsyncIterator[tuple[int, ...]]:
    """Yield the days on which there may be something: one step into the key for each, instead of a walk past everybody."""
    row = await rx.fetch_one(_FETCH_SPAN, (guild_id, kind) * 2)
    if row is not None and row[0] is not None:
        for chunk in split_keys(range(row[0], row[1] + 1)):
            yield tuple(chunk)
