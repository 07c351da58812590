"""What is asked of the statistics, and where in the raw records a person is to be found."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from storage.database import ReadTransaction
from storage.server_days import ServerDays
from storage.statements import placeholders
from storage.statistics.catalogue import Aggregate, Kind
from storage.statistics.record_ids import first_record_id, time_ms_of
from storage.statistics.rollups import HALF_HOUR_MS, LAST_HALF_HOUR

# One step into the key for each day that is named: `BETWEEN` would walk past every user of every day.
_FETCH_HALF_HOURS = """
SELECT day, half_hours FROM statistics_user_days
WHERE guild_id = ? AND kind = ? AND user_id = ? AND half_hours <> 0 AND day IN
"""
_FETCH_OPEN = """
SELECT record_id, user_id, channel_id, text_id FROM statistics_sessions
WHERE guild_id = ? AND kind = ? AND ended_at_ms IS NULL
"""

LOOK_BACK_DAYS: Final = 31
"""As long as rollups are kept: for sessions that began before the days that are asked about."""

IdRange = tuple[int, int]
"""The least id, and the first one that is too great."""


@dataclass(frozen=True, slots=True)
class Query:
    """Records of one kind in a guild, over whole server days; `last_day` is one of them."""

    guild_id: int
    kind: Kind
    first_day: int
    last_day: int
    user_id: int | None = None
    channel_id: int | None = None

    @property
    def is_of_sessions(self) -> bool:
        """Whether the records are sessions, which can lie on several days."""
        return self.kind.aggregate is Aggregate.SECONDS

    def id_range(self, days: ServerDays) -> IdRange:
        """Return the ids of records that begin on these days."""
        return first_record_id(days.start_of(self.first_day)), first_record_id(
            days.start_of(self.last_day + 1)
        )


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that goes on."""

    record_id: int
    user_id: int | None
    channel_id: int | None
    text_id: int | None

    @property
    def began_at_ms(self) -> int:
        """When it began, UTC epoch milliseconds."""
        return time_ms_of(self.record_id)


async def fetch_user_ranges(rx: ReadTransaction, query: Query, days: ServerDays) -> list[IdRange]:
    """Return where the records of the query's user lie, the latest first.

    Those of sessions hold also what began before the query's days, as it may reach into them.
    """
    first_day = query.last_day - LOOK_BACK_DAYS if query.is_of_sessions else query.first_day
    asked = range(query.last_day, first_day - 1, -1)
    rows = await rx.fetch_all(
        f"{_FETCH_HALF_HOURS} {placeholders(len(asked))}",
        (query.guild_id, query.kind.number, query.user_id, *asked),
    )
    ranges = [
        id_range
        for day, half_hours in sorted(rows, reverse=True)
        for id_range in ranges_of_day(day, half_hours, days)
    ]
    if query.is_of_sessions:
        # Before that only the few sessions are left that went on for longer than anything is kept.
        ranges.append((0, first_record_id(days.start_of(first_day))))
    return ranges


async def fetch_open_sessions(rx: ReadTransaction, query: Query) -> list[OpenSession]:
    """Return the sessions of the query's kind that go on, of its user and channel if it names them."""
    if not query.is_of_sessions:
        return []
    sessions = [
        OpenSession(*row) for row in await rx.fetch_all(_FETCH_OPEN, (query.guild_id, query.kind.number))
    ]
    return [
        session
        for session in sessions
        if query.user_id in {None, session.user_id} and query.channel_id in {None, session.channel_id}
    ]


def ranges_of_day(day: int, half_hours: int, days: ServerDays) -> Iterator[IdRange]:
    """Yield where the ids of the day lie whose bits are set, neighbours as one, the latest first."""
    start_ms, end_ms = days.start_of(day), days.start_of(day + 1)
    bit = LAST_HALF_HOUR
    while bit >= 0:
        if not half_hours >> bit & 1:
            bit -= 1
            continue
        after = bit + 1
        while bit > 0 and half_hours >> (bit - 1) & 1:
            bit -= 1
        until_ms = end_ms if after > LAST_HALF_HOUR else min(start_ms + after * HALF_HOUR_MS, end_ms)
        yield first_record_id(start_ms + bit * HALF_HOUR_MS), first_record_id(until_ms)
        bit -= 1
