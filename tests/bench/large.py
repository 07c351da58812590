"""5 million events of one server: what they weigh, how fast they answer, and retention beside recording."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from bot.clock import SystemClock
from bot.config import RecorderConfig
from bot.recorder import Recorder
from cogs.serverstats.statistics.retention import RETENTION_DAYS, StatisticsRetention
from storage.database import Database, ReadTransaction
from storage.server_days import ServerDays
from storage.statistics.catalogue import (
    MEMBERS_JOINED,
    MESSAGES_DELETED,
    MESSAGES_SENT,
    PRESENCE,
    VOICE,
)
from storage.statistics.changes import Change, EventRecorded, SessionClosed, SessionOpened
from storage.statistics.pages import RecordRow, fetch_record_page
from storage.statistics.queries import Query
from storage.statistics.record_ids import first_record_id, time_ms_of
from storage.statistics.recording import insert_changes
from storage.statistics.series import fetch_days
from storage.statistics.tops import Dimension, fetch_top
from tests.bench.goals import BenchError, Results
from tests.bench.payloads import GUILD_ID

DAY_MS = 86_400_000
MINUTE_MS = 60_000
USERS_LEAST, USERS_MOST = 500, 20_000
EVENTS_PER_USER = 250
CHANNELS = 60
GAMES = 300
DRAWS = 1 << 15
HALF_HOUR_MS = 1_800_000
HALF_HOURS = 48
AROUND = 8
"""In how many half hours of a day a person is around; which ones is a habit."""
EVENTS_PER_TRANSACTION = 20_000
QUERY_DAYS = 30
PAGE_RECORDS = 1000
REPEATS = 15
RECORDS_PER_FLUSH = 200
FLUSH_PAUSE_S = 0.02
NORMAL_SECONDS = 3.0

_FETCH_RECORDS_BY_USER = """
SELECT user_id, SUM(events) FROM statistics_user_days
WHERE guild_id = ? AND kind = ? AND day BETWEEN ? AND ? GROUP BY user_id ORDER BY 2 DESC, 1
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time that the events are spread over: whole days in UTC, the oldest of which retention is to remove."""

    start_ms: int
    days: int = RETENTION_DAYS + 1

    @property
    def end_ms(self) -> int:
        """The midnight after the last day."""
        return self.start_ms + self.days * DAY_MS


class Population:
    """Who writes when and where, drawn beforehand: few are heard a lot, most hardly ever.

    One is heard at the beginning of every half hour, day and night, as bots are.
    """

    def __init__(self, seed: int, users: int) -> None:
        chance = Random(seed)
        self.user_ids = [
            first_record_id(1_600_000_000_000 + number * 7_919_000) | number for number in range(users)
        ]
        self.round_the_clock_id = first_record_id(1_600_000_000_000 - 1)
        self.channel_ids = [GUILD_ID + 10_000 + number for number in range(CHANNELS)]
        self._channels = _draw(chance, self.channel_ids, _zipf(len(self.channel_ids)))
        weights = _zipf(users)
        habits = [frozenset(chance.sample(range(HALF_HOURS), AROUND)) for _ in range(users)]
        self._users = [
            _draw(
                chance,
                self.user_ids,
                [
                    weight if half_hour in habit else 0.0
                    for weight, habit in zip(weights, habits, strict=True)
                ],
            )
            for half_hour in range(HALF_HOURS)
        ]
        self._minutes = [min(600, 1 + int(chance.lognormvariate(3.2, 1))) for _ in range(4_096)]

    def changes(self, stretch: Stretch, events: int) -> Iterator[Change]:
        """Yield what was recorded, in its order: in a hundred, 84 messages, 4 deletions, 10 sessions, 2 joins.

        A session is two changes, and one event.
        """
        latest_half_hour = -1
        for number in range(events):
            at_ms = stretch.start_ms + number * (stretch.end_ms - stretch.start_ms) // events
            record_id = first_record_id(at_ms) | (number & 0xFFF)
            half_hour = at_ms // HALF_HOUR_MS
            # Strides that share no factor with the number of draws, so that all of them are used.
            user_id = self._users[half_hour % HALF_HOURS][number * 7 % DRAWS]
            channel_id = self._channels[number * 11 % DRAWS]
            if half_hour != latest_half_hour and number % 5:
                latest_half_hour = half_hour
                user_id = self.round_the_clock_id
            match number % 100:
                case 20 | 40 | 60 | 80:
                    yield EventRecorded(
                        GUILD_ID,
                        MESSAGES_DELETED.number,
                        record_id,
                        user_id,
                        channel_id,
                        first_record_id(at_ms - 90_000) | (number & 0xFFF),
                    )
                case 5 | 25 | 45 | 65:
                    yield from self._session(stretch, VOICE.number, record_id, user_id, channel_id, None, -1)
                case 10 | 30 | 50 | 70 | 90 | 95:
                    game = f"Game {self._minutes[number % 4_096] * 7 % GAMES}"
                    yield from self._session(stretch, PRESENCE.number, record_id, user_id, None, game, 0)
                case 15 | 85:
                    yield EventRecorded(GUILD_ID, MEMBERS_JOINED.number, record_id, user_id)
                case _:
                    yield EventRecorded(GUILD_ID, MESSAGES_SENT.number, record_id, user_id, channel_id)

    def _session(
        self,
        stretch: Stretch,
        kind: int,
        record_id: int,
        user_id: int,
        channel_id: int | None,
        text: str | None,
        activity_type: int,
    ) -> Iterator[Change]:
        minutes = self._minutes[(record_id >> 3) % 4_096]
        ended_at_ms = min(time_ms_of(record_id) + minutes * MINUTE_MS, stretch.end_ms)
        yield SessionOpened(GUILD_ID, kind, record_id, user_id, channel_id, text, activity_type)
        yield SessionClosed(GUILD_ID, kind, record_id, user_id, channel_id, text, activity_type, ended_at_ms)


async def measure_large(folder: Path, events: int, tell: Callable[[str], None]) -> Results:
    """Fill a database with so many events, and return what they weigh, the queries, and retention beside recording.

    Raises BenchError when something is not as it was stored.
    """
    path = folder / "large.sqlite3"
    clock = SystemClock()
    today_ms = clock.now_ms() // DAY_MS * DAY_MS
    stretch = Stretch(today_ms - (RETENTION_DAYS + 1) * DAY_MS)
    population = Population(seed=3, users=min(USERS_MOST, max(USERS_LEAST, events // EVENTS_PER_USER)))
    tell(f"Storing {events:,} events of one server, as the recorder does")
    fill_s = await _fill(path, population, stretch, events)
    # Closed, and so without a write-ahead log: the file holds everything.
    file_bytes = path.stat().st_size
    database = await Database.open(path, now_ms=clock.now_ms())
    try:
        tell("Asking for series, tops and pages")
        queries = await _measure_queries(database, population, stretch)
        tell("Removing one day while recording goes on")
        retention = await _measure_retention(database, clock, population, events // stretch.days)
    finally:
        await database.close()
    return {
        "queries_5m": {"events": events, "repeats": REPEATS, **queries},
        "storage": {
            "bytes_per_event": round(file_bytes / events, 1),
            "file_bytes": file_bytes,
            "events": events,
            "users": len(population.user_ids),
            "fill_events_per_s": round(events / fill_s),
        },
        "retention": retention,
    }


async def _fill(path: Path, population: Population, stretch: Stretch, events: int) -> float:
    days: dict[int, ServerDays] = {}
    changes = population.changes(stretch, events)
    began_s = time.perf_counter()
    database = await Database.open(path, now_ms=stretch.start_ms)
    try:
        while batch := list(islice(changes, EVENTS_PER_TRANSACTION)):
            async with database.write() as tx:
                await insert_changes(tx, batch, days, lambda _guild_id, _user_id: False)
        async with database.read() as rx:
            stored = await _count_stored(rx)
    finally:
        await database.close()
    if stored != (events, events):
        raise BenchError(f"Of {events} events {stored[0]} are stored, and {stored[1]} are in the rollups.")
    return time.perf_counter() - began_s


async def _count_stored(rx: ReadTransaction) -> tuple[int, int]:
    ((raw, rolled_up),) = await rx.fetch_all(
        "SELECT (SELECT COUNT(*) FROM statistics_events) + (SELECT COUNT(*) FROM statistics_sessions), "
        "(SELECT SUM(events) FROM statistics_hours)"
    )
    return raw, rolled_up


async def _measure_queries(database: Database, population: Population, stretch: Stretch) -> dict[str, Any]:
    days = ServerDays("UTC")
    last_day = days.day_of(stretch.end_ms - 1)
    messages = Query(GUILD_ID, MESSAGES_SENT, last_day - QUERY_DAYS + 1, last_day)
    voice = replace(messages, kind=VOICE)
    now_ms = stretch.end_ms
    async with database.read() as rx:
        by_records = await rx.fetch_all(
            _FETCH_RECORDS_BY_USER, (GUILD_ID, MESSAGES_SENT.number, messages.first_day, messages.last_day)
        )
    users = [user_id for user_id, _records in by_records]
    # One whose records of all days just fill a page: nobody's page has more to look through.
    full_id = min(by_records, key=lambda found: abs(found[1] - PAGE_RECORDS))[0]
    pages = {
        "page_most_ms": users[0],
        "page_full_ms": full_id,
        "page_median_ms": users[len(users) // 2],
        "page_rare_ms": users[-1],
        # Not among those that the goal is held against: shown as the worst that there can be.
        "round_the_clock_page_ms": population.round_the_clock_id,
    }
    asked: dict[str, Callable[[ReadTransaction], Awaitable[Any]]] = {
        "series_server_ms": lambda rx: fetch_days(rx, messages, days, now_ms),
        "series_voice_ms": lambda rx: fetch_days(rx, voice, days, now_ms),
        "series_user_ms": lambda rx: fetch_days(rx, replace(messages, user_id=full_id), days, now_ms),
        "series_channel_ms": lambda rx: fetch_days(
            rx, replace(messages, channel_id=population.channel_ids[3]), days, now_ms
        ),
        "top_users_messages_ms": lambda rx: fetch_top(rx, messages, Dimension.USER, 10, days, now_ms),
        "top_users_voice_ms": lambda rx: fetch_top(rx, voice, Dimension.USER, 10, days, now_ms),
    }
    for name, user_id in pages.items():
        query = replace(messages, user_id=user_id)
        asked[name] = lambda rx, query=query: fetch_first_page(rx, query, days)  # type: ignore[misc]
    figures = {name: await _time(database, ask) for name, ask in asked.items()}
    return {
        "series_ms": max(figure for name, figure in figures.items() if name.startswith("series_")),
        "top_users_ms": max(figure for name, figure in figures.items() if name.startswith("top_users_")),
        "user_page_ms": max(figure for name, figure in figures.items() if name.startswith("page_")),
        "each": figures,
    }


async def fetch_first_page(rx: ReadTransaction, query: Query, days: ServerDays) -> list[RecordRow]:
    """Return the latest records of a query."""
    return (await fetch_record_page(rx, query, days, offset=0, limit=PAGE_RECORDS)).rows


async def _time(database: Database, ask: Callable[[ReadTransaction], Awaitable[Any]]) -> float:
    """Return the median of some repetitions, in milliseconds, the reading transaction included."""
    spans_ms = []
    for _ in range(REPEATS):
        began_s = time.perf_counter()
        async with database.read() as rx:
            found = await ask(rx)
        spans_ms.append((time.perf_counter() - began_s) * 1000)
        if not found:
            raise BenchError("A query of the benchmark found nothing.")
    return round(median(spans_ms), 2)


async def _measure_retention(
    database: Database, clock: SystemClock, population: Population, events_of_a_day: int
) -> dict[str, Any]:
    """Return by how much the slowest flush beside retention exceeded the usual one."""
    recorder = Recorder(database, clock, RecorderConfig())
    await recorder.open()
    try:
        normal_ms = await _flush_during(
            recorder, clock, population, asyncio.create_task(asyncio.sleep(NORMAL_SECONDS))
        )
        retention = StatisticsRetention(database, clock, recorder)
        began_s = time.perf_counter()
        removal = asyncio.create_task(retention.retain(GUILD_ID))
        beside_ms = await _flush_during(recorder, clock, population, removal)
        lasted_s = time.perf_counter() - began_s
    finally:
        await recorder.close()
    deleted = removal.result()
    if deleted < events_of_a_day * 0.85:
        raise BenchError(f"Retention removed {deleted} records of a day of {events_of_a_day}.")
    usual_ms = median(normal_ms)
    return {
        "recorder_delay_ms": round(max(0.0, max(beside_ms) - usual_ms), 1),
        "flush_usual_ms": round(usual_ms, 1),
        "flush_usual_most_ms": round(max(normal_ms), 1),
        "flush_beside_ms": round(median(beside_ms), 1),
        "flush_beside_most_ms": round(max(beside_ms), 1),
        "flushes": len(beside_ms),
        "records_deleted": deleted,
        "seconds": round(lasted_s, 1),
    }


async def _flush_during(
    recorder: Recorder, clock: SystemClock, population: Population, work: asyncio.Task[Any]
) -> list[float]:
    """Record and flush again and again until the work is done; return how long each flush took, in milliseconds."""
    spans_ms = []
    number = 0
    while not work.done():
        for _ in range(RECORDS_PER_FLUSH):
            number += 1
            user_id = population.user_ids[number * 31 % len(population.user_ids)]
            record_id = recorder.next_id(clock.now_ms())
            recorder.take(
                EventRecorded(GUILD_ID, MESSAGES_SENT.number, record_id, user_id, population.channel_ids[0])
            )
        began_s = time.perf_counter()
        await recorder.flush()
        spans_ms.append((time.perf_counter() - began_s) * 1000)
        await asyncio.sleep(FLUSH_PAUSE_S)
    await work
    return spans_ms


def _zipf(count: int) -> list[float]:
    return [1 / (rank + 1) for rank in range(count)]


def _draw(chance: Random, of: list[int], weights: list[float]) -> list[int]:
    return chance.choices(of, cum_weights=list(accumulate(weights)), k=DRAWS)
