"""Records that somebody waits for: stored together with all others, or not at all and never later."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.config import RecorderConfig
from bot.errors import DatabaseError
from bot.recorder import Recorder
from storage.database import Database
from storage.statistics import recording
from storage.statistics.catalogue import MESSAGES_SENT, Group
from storage.statistics.changes import Change, EventRecorded

GUILD, ELSEWHERE, USER, CHANNEL = 400, 401, 7, 70
NEVER_MS = 10_000
CAPACITY = 1000
TICKETS = "modules/tickets/created"


@pytest.fixture
async def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """A database that does not wait for a lock."""
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT_SECONDS", 0)
    opened = await Database.open(tmp_path / "headcount.sqlite3", now_ms=1)
    yield opened
    await opened.close()


def made(database: Database, flush_interval_ms: int = NEVER_MS) -> Recorder:
    """Return a recorder that stores only when somebody waits, or in a hurry, unless told otherwise."""
    config = RecorderConfig(flush_interval_ms=flush_interval_ms, capacity=CAPACITY, retry_seconds=0.05)
    recorder = Recorder(database, SystemClock(), config)
    recorder.want(GUILD, frozenset(Group))
    return recorder


@pytest.fixture
async def recorder(database: Database) -> AsyncIterator[Recorder]:
    recorder = made(database)
    await recorder.open()
    yield recorder
    await recorder.close()


@pytest.fixture
async def frequent(database: Database) -> AsyncIterator[Recorder]:
    """A recorder that stores all the time."""
    recorder = made(database, flush_interval_ms=10)
    await recorder.open()
    yield recorder
    await recorder.close()


def message(recorder: Recorder) -> EventRecorded:
    return EventRecorded(GUILD, MESSAGES_SENT.number, recorder.next_id(SystemClock().now_ms()), USER, CHANNEL)


async def stored(database: Database, columns: str = "COUNT(*)") -> list[Any]:
    async with database.read() as rx:
        return await rx.fetch_all(f"SELECT {columns} FROM statistics_events")


async def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds, at most half a minute."""
    async with asyncio.timeout(30):
        # The recorder's state changes without an event.
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


class Locked:
    """Another process that holds the database's only write lock."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self._connection.rollback()
        self._connection.close()


async def test_it_returns_once_the_record_is_stored(database: Database, recorder: Recorder) -> None:
    """Long before the interval is over, and with everything else that waits."""
    recorder.take(message(recorder))
    async with asyncio.timeout(5):
        assert await recorder.record_and_store(TICKETS, GUILD, user_id=USER)
    assert await stored(database, "user_id") == [(USER,), (USER,)]
    assert recorder.status.waiting == 0


async def test_those_who_wait_at_the_same_time_share_a_transaction(
    database: Database, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []

    async def counted(tx: Any, changes: list[Change], *rest: Any) -> None:
        batches.append(len(changes))
        await recording.insert_changes(tx, changes, *rest)

    monkeypatch.setattr("bot.recorder.insert_changes", counted)
    answers = await asyncio.gather(
        *(recorder.record_and_store(TICKETS, GUILD, user_id=USER) for _ in range(500))
    )
    assert all(answers)
    assert await stored(database) == [(500,)]
    assert sum(batches) == 500
    assert len(batches) <= 3


async def test_who_comes_while_others_are_stored_is_in_the_next_transaction(
    database: Database, recorder: Recorder
) -> None:
    async def report_again_and_again() -> None:
        for _ in range(10):
            assert await recorder.record_and_store(TICKETS, GUILD, user_id=USER)

    await asyncio.gather(*(report_again_and_again() for _ in range(20)))
    assert await stored(database) == [(200,)]


async def test_what_nobody_wants_recorded_is_not_waited_for(recorder: Recorder) -> None:
    assert not await recorder.record_and_store(TICKETS, ELSEWHERE, user_id=USER)
    assert not await recorder.record_and_store("messages/sent", GUILD, user_id=USER, channel_id=CHANNEL)
    assert recorder.status.waiting == 0


async def test_what_cannot_be_stored_is_never_stored_later_and_a_retry_counts_once(
    database: Database, frequent: Recorder
) -> None:
    others = message(frequent)
    with Locked(database.path):
        frequent.take(others)
        with pytest.raises(DatabaseError, match="nothing was recorded"):
            await frequent.record_and_store(TICKETS, GUILD, user_id=USER)
        # What nobody waits for still waits.
        assert frequent.status.waiting == 1
    await until(lambda: frequent.status.failing_since_ms is None)
    assert await stored(database, "record_id") == [(others.record_id,)]
    assert await frequent.record_and_store(TICKETS, GUILD, user_id=USER)
    assert await stored(database) == [(2,)]
    assert frequent.status.lost == 0


async def test_all_who_wait_are_told_when_the_database_fails(database: Database, recorder: Recorder) -> None:
    with Locked(database.path):
        answers = await asyncio.gather(
            *(recorder.record_and_store(TICKETS, GUILD) for _ in range(50)), return_exceptions=True
        )
    assert {type(answer) for answer in answers} == {DatabaseError}
    assert await stored(database) == [(0,)]


async def test_the_recorder_is_well_again_although_nothing_is_left_to_store(
    database: Database, frequent: Recorder
) -> None:
    """Otherwise a short lock, seen by a report alone, would look like a failing database until the next event."""
    with Locked(database.path):
        with pytest.raises(DatabaseError):
            await frequent.record_and_store(TICKETS, GUILD)
        await until(lambda: frequent.status.failing_since_ms is not None)
        assert frequent.status.waiting == 0
        assert frequent.status.waiting_seconds is None
    await until(lambda: frequent.status.failing_since_ms is None)


async def test_no_room_is_told_and_is_no_loss(database: Database) -> None:
    recorder = made(database)
    while recorder.status.waiting < CAPACITY:
        recorder.take(message(recorder))
    with pytest.raises(DatabaseError):
        await recorder.record_and_store(TICKETS, GUILD)
    assert recorder.status.lost == 0


async def test_a_clean_stop_answers_everybody_who_waits(database: Database) -> None:
    recorder = made(database)
    await recorder.open()
    waiting = [asyncio.ensure_future(recorder.record_and_store(TICKETS, GUILD)) for _ in range(3)]
    await asyncio.sleep(0)
    await recorder.close()
    assert await asyncio.gather(*waiting) == [True] * 3
    assert await stored(database) == [(3,)]
    with pytest.raises(DatabaseError):
        await recorder.record_and_store(TICKETS, GUILD)


async def test_what_is_dropped_with_its_guild_was_not_recorded(database: Database) -> None:
    recorder = made(database)
    waiting = asyncio.ensure_future(recorder.record_and_store(TICKETS, GUILD))
    await asyncio.sleep(0)
    await recorder.forget(GUILD)
    assert await waiting is False
    await recorder.flush()
    assert await stored(database) == [(0,)]


async def test_a_record_that_can_never_be_stored_is_told_and_the_others_are_stored(
    database: Database, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refusing(tx: Any, changes: list[Change], *rest: Any) -> None:
        if any(isinstance(change, EventRecorded) and change.user_id == 13 for change in changes):
            raise ValueError("unstorable")
        await recording.insert_changes(tx, changes, *rest)

    monkeypatch.setattr("bot.recorder.insert_changes", refusing)
    answers = await asyncio.gather(
        *(recorder.record_and_store(TICKETS, GUILD, user_id=user_id) for user_id in (11, 12, 13, 14)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [bool, bool, DatabaseError, bool]
    assert sorted(await stored(database, "user_id")) == [(11,), (12,), (14,)]


async def test_who_does_not_wait_any_more_harms_nobody(database: Database, recorder: Recorder) -> None:
    impatient = asyncio.ensure_future(recorder.record_and_store(TICKETS, GUILD, user_id=1))
    patient = asyncio.ensure_future(recorder.record_and_store(TICKETS, GUILD, user_id=2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient
    assert await stored(database, "user_id") == [(1,), (2,)]
