"""The recorder: everything that comes in is stored, or waits, or is on record as given up."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.config import RecorderConfig
from bot.recorder import CHANGES_IN_A_HURRY, Recorder
from storage.database import Database
from storage.opt_outs import fetch_opt_outs
from storage.statistics.catalogue import CATALOGUE, MESSAGES_SENT, VOICE, Aggregate, Group, Source
from storage.statistics.changes import EventRecorded, MessageDeleted, SessionClosed, SessionOpened
from storage.statistics.downtimes import Reason, fetch_downtimes
from storage.statistics.record_ids import time_ms_of

GUILD, ELSEWHERE, USER, CHANNEL = 400, 401, 7, 70
NEVER_MS = 10_000
"""So long as an interval that no test waits for it."""


@pytest.fixture
async def recorder(database: Database) -> AsyncIterator[Recorder]:
    """A recorder that stores only when it is told to, or in a hurry."""
    made = Recorder(database, SystemClock(), RecorderConfig(flush_interval_ms=NEVER_MS, capacity=1000))
    made.want(GUILD, frozenset(Group))
    yield made
    await made.close()


def message(recorder: Recorder, guild_id: int = GUILD, user_id: int | None = USER) -> EventRecorded:
    now_ms = SystemClock().now_ms()
    return EventRecorded(guild_id, MESSAGES_SENT.number, recorder.next_id(now_ms), user_id, CHANNEL)


async def stored(
    database: Database, columns: str = "COUNT(*)", table: str = "statistics_events"
) -> list[Any]:
    async with database.read() as rx:
        return await rx.fetch_all(f"SELECT {columns} FROM {table}")


async def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds, at most half a minute."""
    async with asyncio.timeout(30):
        # The recorder's state changes without an event.
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_nothing_is_stored_before_its_time_and_everything_by_a_flush(
    database: Database, recorder: Recorder
) -> None:
    await recorder.open()
    for _ in range(300):
        assert recorder.take(message(recorder))
    assert recorder.status.waiting == 300
    await recorder.flush()
    assert recorder.status.waiting == 0
    assert await stored(database) == [(300,)]


async def test_a_clean_stop_stores_what_waits(database: Database, recorder: Recorder) -> None:
    await recorder.open()
    recorder.take(message(recorder))
    await recorder.close()
    assert await stored(database) == [(1,)]


async def test_a_flood_is_stored_before_the_interval_is_over(database: Database) -> None:
    recorder = Recorder(database, SystemClock(), RecorderConfig(flush_interval_ms=NEVER_MS, capacity=5000))
    await recorder.open()
    for _ in range(CHANGES_IN_A_HURRY):
        recorder.take(message(recorder))
    await until(lambda: recorder.status.waiting == 0)
    await recorder.close()
    assert await stored(database) == [(CHANGES_IN_A_HURRY,)]


class Locked:
    """Another process that holds the database's only write lock."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self._connection.rollback()
        self._connection.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up on a locked database at once instead of after seconds."""
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT_SECONDS", 0)


@pytest.fixture
async def database(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A database of its own; one that does not wait for a lock if the test asks so."""
    if "impatient" in request.fixturenames:
        request.getfixturevalue("impatient")
    opened = await Database.open(tmp_path / "headcount.sqlite3", now_ms=1)
    yield opened
    await opened.close()


@pytest.mark.usefixtures("impatient")
async def test_while_the_database_cannot_be_written_records_wait(database: Database) -> None:
    config = RecorderConfig(flush_interval_ms=10, retry_seconds=0.05)
    recorder = Recorder(database, SystemClock(), config)
    await recorder.open()
    with Locked(database.path):
        recorder.take(message(recorder))
        await until(lambda: recorder.status.failing_since_ms is not None)
        assert recorder.status.waiting == 1
        assert "locked" in str(recorder.status.last_error)
    await until(lambda: recorder.status.failing_since_ms is None)
    assert await stored(database) == [(1,)]
    assert recorder.status.last_error is None
    await recorder.close()


@pytest.mark.usefixtures("impatient")
async def test_what_must_be_given_up_is_counted_and_put_on_record(
    database: Database, recorder: Recorder
) -> None:
    with Locked(database.path):
        kept = [recorder.take(message(recorder)) for _ in range(1010)]
        with pytest.raises(sqlite3.OperationalError):
            await recorder.flush()
    assert kept.count(True) == 1000
    assert recorder.status.lost == 10
    await recorder.flush()
    assert await stored(database) == [(1000,)]
    async with database.read() as rx:
        (downtime,) = await fetch_downtimes(rx, GUILD, 0, 1 << 62)
    assert (downtime.reason, downtime.lost_records) == (Reason.OVERFLOW, 10)


async def test_the_end_of_a_session_is_kept_even_when_there_is_no_room(
    database: Database, recorder: Recorder
) -> None:
    now_ms = SystemClock().now_ms()
    session = SessionOpened(GUILD, VOICE.number, recorder.next_id(now_ms), USER, CHANNEL)
    assert recorder.take(session)
    while recorder.take(message(recorder)):
        pass
    assert recorder.take(SessionClosed(*session, now_ms + 1000))
    await recorder.flush()
    assert await stored(database, "ended_at_ms", "statistics_sessions") == [(now_ms + 1000,)]


async def test_a_flush_that_is_cancelled_stores_nothing_twice(database: Database, recorder: Recorder) -> None:
    for _ in range(500):
        assert recorder.record("commands/used", GUILD, user_id=USER, text="top")
    for turns in range(1, 60):
        flush = asyncio.create_task(recorder.flush())
        for _ in range(turns):
            await asyncio.sleep(0)
        flush.cancel()
        await asyncio.gather(flush, return_exceptions=True)
    await recorder.flush()
    assert await stored(database) == [(500,)]
    assert await stored(database, "SUM(events)", "statistics_hours") == [(500,)]


@pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.key)
async def test_record_keeps_what_is_an_event_and_does_not_come_from_discord(
    database: Database, recorder: Recorder, kind: Any
) -> None:
    is_event = kind.aggregate in {Aggregate.COUNT, Aggregate.MEAN}
    is_kept = recorder.record(
        kind.key, GUILD, user_id=USER, channel_id=CHANNEL, text="a name", duration_seconds=0.25
    )
    assert is_kept == (is_event and kind.source is not Source.GATEWAY)
    await recorder.flush()
    rows = await stored(database, "kind, user_id, text_id IS NOT NULL, duration_us")
    expected = (kind.number, USER if kind.keeps_user else None, int(kind.keeps_text), 250_000)
    assert rows == ([expected] if is_kept else [])


async def test_nothing_is_recorded_where_the_group_is_off(database: Database, recorder: Recorder) -> None:
    recorder.want(GUILD, frozenset({Group.TICKETS}))
    assert not recorder.record("commands/used", GUILD, user_id=USER)
    assert not recorder.record("modules/tickets/created", ELSEWHERE, user_id=USER)
    assert recorder.record("modules/tickets/created", GUILD, user_id=USER)


def test_a_kind_that_does_not_exist_is_an_error(recorder: Recorder) -> None:
    with pytest.raises(KeyError):
        recorder.record("modules/tickets/eaten", GUILD)


async def test_who_opted_out_is_recorded_without_their_id(database: Database, recorder: Recorder) -> None:
    await recorder.opt_out(GUILD, USER)
    recorder.record("commands/used", GUILD, user_id=USER, text="top")
    await recorder.flush()
    assert await stored(database, "user_id") == [(None,)]
    async with database.read() as rx:
        assert await fetch_opt_outs(rx) == {(GUILD, USER)}
    await recorder.opt_in(GUILD, USER)
    recorder.record("commands/used", GUILD, user_id=USER, text="top")
    await recorder.flush()
    assert await stored(database, "user_id") == [(None,), (USER,)]


async def test_opt_outs_are_known_after_a_restart(database: Database, recorder: Recorder) -> None:
    await recorder.opt_out(GUILD, USER)
    later = Recorder(database, SystemClock(), RecorderConfig())
    await later.open()
    assert later.is_opted_out(GUILD, USER)
    assert not later.is_opted_out(ELSEWHERE, USER)
    await later.close()


async def test_a_message_that_discord_tells_of_twice_counts_once(
    database: Database, recorder: Recorder
) -> None:
    event = message(recorder)
    recorder.take(event)
    recorder.take(event)
    await recorder.flush()
    recorder.take(event)
    recorder.take(message(recorder))
    await recorder.flush()
    assert await stored(database) == [(2,)]
    assert await stored(database, "SUM(events)", "statistics_user_days") == [(2,)]


async def test_a_deleted_message_is_recorded_with_its_author(database: Database, recorder: Recorder) -> None:
    first, second = message(recorder), message(recorder, user_id=8)
    recorder.take(first)
    await recorder.flush()
    recorder.take(second)
    now_ms = SystemClock().now_ms()
    for message_id in (first.record_id, second.record_id, 5):
        recorder.take(MessageDeleted(GUILD, recorder.next_id(now_ms), CHANNEL, message_id, False))
    await recorder.flush()
    rows = await stored(database, "kind, message_id, user_id")
    assert sorted(row[1:] for row in rows if row[0] == 2) == [
        (5, None),
        (first.record_id, USER),
        (second.record_id, 8),
    ]


async def test_a_deleted_message_that_is_not_on_record_can_be_left_out(
    database: Database, recorder: Recorder
) -> None:
    now_ms = SystemClock().now_ms()
    recorder.take(MessageDeleted(GUILD, recorder.next_id(now_ms), CHANNEL, 5, True))
    await recorder.flush()
    assert await stored(database) == [(0,)]


async def test_the_author_of_a_deleted_message_who_opted_out_is_not_named(
    database: Database, recorder: Recorder
) -> None:
    event = message(recorder)
    recorder.take(event)
    await recorder.flush()
    await recorder.opt_out(GUILD, USER)
    now_ms = SystemClock().now_ms()
    recorder.take(MessageDeleted(GUILD, recorder.next_id(now_ms), CHANNEL, event.record_id, False))
    await recorder.flush()
    assert (2, None) in await stored(database, "kind, user_id")


async def test_forgetting_a_guild_drops_what_waits_of_it_and_nothing_else(
    database: Database, recorder: Recorder
) -> None:
    recorder.take(message(recorder))
    recorder.take(message(recorder, ELSEWHERE))
    await recorder.forget(GUILD)
    await recorder.flush()
    assert await stored(database, "guild_id") == [(ELSEWHERE,)]
    assert not recorder.record("commands/used", GUILD)


async def test_while_the_recorder_is_held_records_come_in_and_none_is_stored(
    database: Database, recorder: Recorder
) -> None:
    recorder.take(message(recorder))
    async with recorder.held():
        assert await stored(database) == [(1,)]
        recorder.take(message(recorder))
        flush = asyncio.create_task(recorder.flush())
        for _ in range(20):
            await asyncio.sleep(0)
        assert await stored(database) == [(1,)]
    await flush
    assert await stored(database) == [(2,)]


async def test_a_new_timezone_holds_for_what_comes_after_it(database: Database, recorder: Recorder) -> None:
    recorder.take(message(recorder))
    await recorder.change_timezone(GUILD, "Pacific/Kiritimati")
    recorder.take(message(recorder))
    await recorder.flush()
    days = await recorder.fetch_days(GUILD)
    ids = [record_id for (record_id,) in await stored(database, "record_id")]
    by_day = dict(await stored(database, "day, events", "statistics_user_days"))
    expected: dict[int, int] = {}
    for record_id in ids:
        day = days.day_of(time_ms_of(record_id))
        expected[day] = expected.get(day, 0) + 1
    assert by_day == expected
    assert days.timezone == "Pacific/Kiritimati"


HALF_A_CHARACTER = "caf\ud800"


async def test_what_no_database_takes_is_made_storable_or_refused(
    database: Database, recorder: Recorder
) -> None:
    assert recorder.record("commands/used", GUILD, user_id=USER, text=HALF_A_CHARACTER)
    for wrong in (
        {"user_id": 1 << 63},
        {"user_id": 0},
        {"duration_seconds": float("inf")},
        {"duration_seconds": -1.0},
        {"at_ms": 10**15},
        {"at_ms": 0},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            recorder.record("commands/used", GUILD, **wrong)
    await recorder.flush()
    assert await stored(database, "text", "statistics_texts") == [("caf?",)]


async def test_a_record_that_cannot_be_stored_holds_up_no_other_and_is_put_on_record_as_given_up(
    database: Database, recorder: Recorder
) -> None:
    for number in range(100):
        recorder.take(message(recorder))
        if number == 50:
            recorder.take(message(recorder)._replace(user_id=1 << 70))
    await recorder.flush()
    assert await stored(database) == [(100,)]
    assert recorder.status.lost == 1
    async with database.read() as rx:
        (downtime,) = await fetch_downtimes(rx, GUILD, 0, 1 << 62)
    assert downtime.lost_records == 1


async def test_a_timezone_that_is_no_more_holds_up_no_record(database: Database, recorder: Recorder) -> None:
    async with database.write() as tx:
        await tx.execute("INSERT INTO guilds (guild_id, timezone) VALUES (?, 'Atlantis/Capital')", (GUILD,))
    recorder.take(message(recorder))
    await recorder.flush()
    assert await stored(database) == [(1,)]


@pytest.mark.usefixtures("impatient")
async def test_what_was_given_up_gets_on_record_although_the_first_try_fails(
    database: Database, recorder: Recorder
) -> None:
    while recorder.take(message(recorder)):
        pass
    await recorder.flush()
    for _ in range(5):
        recorder._give_up(message(recorder))
    with Locked(database.path), pytest.raises(sqlite3.OperationalError):
        await recorder.flush()
    await recorder.flush()
    async with database.read() as rx:
        lost = [one.lost_records for one in await fetch_downtimes(rx, GUILD, 0, 1 << 62)]
    assert sum(lost) == recorder.status.lost == 6


async def test_a_message_from_a_clock_ahead_of_ours_keeps_its_day_when_the_timezone_changes(
    database: Database, recorder: Recorder
) -> None:
    now_ms = SystemClock().now_ms()
    ahead = EventRecorded(GUILD, MESSAGES_SENT.number, recorder.next_id(now_ms + 60_000), USER, CHANNEL)
    recorder.take(ahead)
    await recorder.change_timezone(GUILD, "Pacific/Kiritimati")
    days = await recorder.fetch_days(GUILD)
    (row,) = await stored(database, "day", "statistics_user_days")
    assert row == (days.day_of(now_ms + 60_000),)
