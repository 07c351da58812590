"""The recorder on a full disk and with a clock that goes back: nothing is lost, and nothing counts twice."""

import asyncio
import contextlib
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.config import RecorderConfig
from bot.recorder import CHANGES_PER_TRANSACTION, Recorder
from storage.database import Database
from storage.statistics.catalogue import MESSAGES_SENT, Group
from storage.statistics.changes import EventRecorded
from storage.statistics.downtimes import Reason, fetch_downtimes
from storage.statistics.record_ids import time_ms_of

GUILD, USER, CHANNEL = 400, 7, 70
HOUR_MS = 3_600_000
NEVER_MS = 10_000
ROOM_PAGES = 12


class SetClock(SystemClock):
    """Its wall clock shows what it is set to; everything else is the machine's."""

    def __init__(self) -> None:
        self.shows_ms = SystemClock().now_ms()

    def now_ms(self) -> int:
        return self.shows_ms


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def recorder(database: Database, clock: SetClock) -> AsyncIterator[Recorder]:
    """A recorder that stores only when it is told to."""
    made = Recorder(database, clock, RecorderConfig(flush_interval_ms=NEVER_MS))
    made.want(GUILD, frozenset(Group))
    yield made
    await made.close()


def message(recorder: Recorder, at_ms: int) -> EventRecorded:
    return EventRecorded(GUILD, MESSAGES_SENT.number, recorder.next_id(at_ms), USER, CHANNEL)


async def rows(database: Database, sql: str) -> list[Any]:
    async with database.read() as rx:
        return await rx.fetch_all(sql)


async def stored_ids(database: Database) -> list[int]:
    return [record_id for (record_id,) in await rows(database, "SELECT record_id FROM statistics_events")]


async def rolled_up(database: Database) -> list[int | None]:
    """Return how many events each rollup holds in all."""
    tables = ("statistics_hours", "statistics_user_days")
    return [(await rows(database, f"SELECT SUM(events) FROM {table}"))[0][0] for table in tables]


class SmallDisk:
    """A disk on which the database may take so many pages; SQLite refuses more in the words of a full disk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pages(self) -> int:
        return int((await rows(self._database, "PRAGMA page_count"))[0][0])

    async def leave_room(self, pages: int) -> None:
        limit = await self.pages() + pages
        async with self._database.write() as tx:
            await tx.fetch_all(f"PRAGMA max_page_count = {limit}")


async def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds, at most half a minute."""
    async with asyncio.timeout(30):
        # The recorder's state changes without an event.
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_on_a_disk_that_fills_up_every_record_is_stored_or_waits(
    database: Database, recorder: Recorder, clock: SetClock
) -> None:
    """A flush of several transactions ends between two of them as well, and the next one goes on there."""
    disk = SmallDisk(database)
    count = 2 * CHANGES_PER_TRANSACTION + 500
    taken = [message(recorder, clock.shows_ms + number) for number in range(count)]
    assert all(map(recorder.take, taken))
    seen: list[tuple[int, int]] = []
    while recorder.status.waiting:
        await disk.leave_room(ROOM_PAGES * len(seen))
        with contextlib.suppress(sqlite3.OperationalError):
            await recorder.flush()
        seen.append((len(await stored_ids(database)), recorder.status.waiting))
    assert seen[0] == (0, count)
    assert any(stored and waiting for stored, waiting in seen), "no flush ended between two transactions"
    assert all(stored + waiting == count for stored, waiting in seen)
    assert sorted(await stored_ids(database)) == sorted(event.record_id for event in taken)
    assert await rolled_up(database) == [count, count]
    assert recorder.status.lost == 0


async def test_a_full_disk_is_told_and_recording_goes_on_by_itself_once_there_is_room(
    database: Database, clock: SetClock
) -> None:
    disk = SmallDisk(database)
    recorder = Recorder(database, clock, RecorderConfig(flush_interval_ms=10, retry_seconds=0.05))
    await recorder.open()
    await disk.leave_room(0)
    # What is there has room for a few; thousands need new pages.
    for number in range(CHANGES_PER_TRANSACTION):
        recorder.take(message(recorder, clock.shows_ms + number))
    await until(lambda: recorder.status.failing_since_ms is not None)
    status = recorder.status
    assert status.failing_since_ms == clock.shows_ms
    assert "full" in str(status.last_error)
    assert (status.waiting, status.last_flush) == (CHANGES_PER_TRANSACTION, None)
    await disk.leave_room(10_000)
    await until(lambda: recorder.status.waiting == 0 and recorder.status.failing_since_ms is None)
    await recorder.close()
    assert await rolled_up(database) == [CHANGES_PER_TRANSACTION, CHANGES_PER_TRANSACTION]
    last_flush = recorder.status.last_flush
    assert last_flush is not None
    assert last_flush.records == CHANGES_PER_TRANSACTION


async def test_what_has_no_room_while_the_disk_is_full_is_put_on_record_as_missing(
    database: Database, clock: SetClock
) -> None:
    disk = SmallDisk(database)
    recorder = Recorder(database, clock, RecorderConfig(flush_interval_ms=NEVER_MS, capacity=3000))
    await disk.leave_room(0)
    kept = [recorder.take(message(recorder, clock.shows_ms + number)) for number in range(3100)]
    with pytest.raises(sqlite3.OperationalError, match="full"):
        await recorder.flush()
    assert (kept.count(True), recorder.status.lost) == (3000, 100)
    await disk.leave_room(10_000)
    await recorder.flush()
    assert len(await stored_ids(database)) == 3000
    async with database.read() as rx:
        (downtime,) = await fetch_downtimes(rx, GUILD, 0, 1 << 62)
    assert (downtime.reason, downtime.lost_records) == (Reason.OVERFLOW, 100)


@pytest.mark.parametrize("flushes_between", [True, False], ids=["two batches", "one batch"])
async def test_when_the_clock_goes_back_an_hour_ids_stay_unique_and_tell_the_time_it_showed(
    database: Database, recorder: Recorder, clock: SetClock, flushes_between: bool
) -> None:
    """Ids rise with the time of the records: those of the hour that comes twice lie among those of its first time."""
    first_ms = clock.shows_ms
    shown: Counter[int] = Counter()
    for began_ms in (first_ms, first_ms - HOUR_MS, first_ms):
        for number in range(400):
            # As on a busy server: several things happen in one millisecond.
            clock.shows_ms = began_ms + number // 4
            shown[clock.shows_ms] += 1
            assert recorder.record("commands/used", GUILD, user_id=USER, text="top")
        if flushes_between:
            await recorder.flush()
    await recorder.flush()
    ids = await stored_ids(database)
    assert len(ids) == len(set(ids)) == 1200
    assert Counter(map(time_ms_of, ids)) == shown
    assert await rolled_up(database) == [1200, 1200]


async def test_an_id_is_given_out_once_however_the_clock_jumps(recorder: Recorder, clock: SetClock) -> None:
    """Sessions are known by their ids: two with the same one would be one."""
    times = [clock.shows_ms - jump for jump in (0, HOUR_MS, 0, HOUR_MS, 0) for _ in range(500)]
    ids = [recorder.next_id(at_ms) for at_ms in times]
    assert len(set(ids)) == len(ids)
    assert [time_ms_of(record_id) for record_id in ids] == times


async def test_after_a_restart_at_the_same_millisecond_a_taken_id_is_passed_over(
    database: Database, recorder: Recorder, clock: SetClock
) -> None:
    """The clock went back between two lives, and the sequence happens to begin where it began before."""
    began = recorder._ids._sequence
    for _ in range(50):
        recorder.record("commands/used", GUILD, user_id=USER)
    await recorder.flush()
    later = Recorder(database, clock, RecorderConfig(flush_interval_ms=NEVER_MS))
    later.want(GUILD, frozenset(Group))
    later._ids._sequence = began
    for _ in range(50):
        later.record("commands/used", GUILD, user_id=USER)
    await later.flush()
    assert len(set(await stored_ids(database))) == 100
    assert await rolled_up(database) == [100, 100]


async def test_a_clock_that_goes_back_holds_no_batch_up(database: Database, clock: SetClock) -> None:
    recorder = Recorder(database, clock, RecorderConfig(flush_interval_ms=10))
    recorder.want(GUILD, frozenset(Group))
    await recorder.open()
    for _ in range(3):
        recorder.record("commands/used", GUILD, user_id=USER)
        await until(lambda: recorder.status.waiting == 0)
        clock.shows_ms -= HOUR_MS
    await recorder.close()
    assert await rolled_up(database) == [3, 3]


async def test_for_how_long_recording_fails_does_not_depend_on_the_wall_clock(
    database: Database, clock: SetClock
) -> None:
    recorder = Recorder(database, clock, RecorderConfig(flush_interval_ms=10, retry_seconds=0.05))
    await recorder.open()
    await SmallDisk(database).leave_room(0)
    for number in range(CHANGES_PER_TRANSACTION):
        recorder.take(message(recorder, clock.shows_ms + number))
    await until(lambda: recorder.status.failing_since_ms is not None)
    clock.shows_ms -= HOUR_MS
    before = recorder.status.failing_seconds
    await until(lambda: (recorder.status.failing_seconds or 0) > (before or 0))
    assert before is not None
    assert before >= 0
    waiting_seconds = recorder.status.waiting_seconds
    assert waiting_seconds is not None
    assert 0 <= waiting_seconds < 3600
    await SmallDisk(database).leave_room(10_000)
    await recorder.close()
