"""Erasing in steps: recording goes on in between, and a crash in the middle is made good by doing it again."""

from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from bot.config import RecorderConfig
from bot.recorder import Recorder
from cogs.serverstats.statistics import erasing
from cogs.serverstats.statistics.erasing import StatisticsEraser
from storage.database import Database
from storage.server_days import HOUR_MS
from storage.statistics.catalogue import MESSAGES_SENT, VOICE, Group
from storage.statistics.changes import EventRecorded, MessageDeleted, SessionClosed, SessionOpened
from storage.statistics.erasure import count_statistics_of_user
from tests.cogs.serverstats.statistics.histories import (
    GUILD,
    START_MS,
    StoryClock,
    rollups_by_the_records,
    stored_rollups,
)

ERASED, OTHER = 2**60 + 1, 2**60 + 2
ELSEWHERE = GUILD + 1
MESSAGES = 25


class InterruptedLifeError(Exception):
    """The process died."""


class ClockWithPauses(StoryClock):
    """Lets something happen in every pause between two steps."""

    async def sleep(self, seconds: float) -> None:
        await self.meanwhile()

    meanwhile: Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "STEP_RECORDS", 4)


@pytest.fixture
def clock() -> ClockWithPauses:
    clock = ClockWithPauses()

    async def nothing() -> None:
        pass

    clock.meanwhile = nothing
    return clock


@pytest.fixture
async def recorder(database: Database, clock: ClockWithPauses) -> Recorder:
    """Two guilds in which two people wrote for a day, and were in voice."""
    recorder = Recorder(database, clock, RecorderConfig())
    for guild_id in (GUILD, ELSEWHERE):
        recorder.want(guild_id, frozenset(Group))
        for number in range(MESSAGES):
            for user_id in (ERASED, OTHER):
                say(recorder, user_id, START_MS + number * HOUR_MS, guild_id)
                session = SessionOpened(
                    guild_id, VOICE.number, recorder.next_id(START_MS + number * HOUR_MS), user_id, 5
                )
                recorder.take(session)
                recorder.take(SessionClosed(*session, START_MS + (number + 3) * HOUR_MS))
    clock.at_ms = START_MS + (MESSAGES + 3) * HOUR_MS
    await recorder.flush()
    return recorder


def say(recorder: Recorder, user_id: int, at_ms: int, guild_id: int = GUILD) -> EventRecorded:
    event = EventRecorded(guild_id, MESSAGES_SENT.number, recorder.next_id(at_ms), user_id, 5)
    assert recorder.take(event)
    return event


async def assert_consistent(database: Database, clock: StoryClock) -> None:
    """Check the sums of the guild against its records."""
    async with database.write() as tx:
        # The plain recount knows one guild.
        for table in ("statistics_events", "statistics_sessions", "statistics_user_days"):
            await tx.execute(f"DELETE FROM {table} WHERE guild_id = ?", (ELSEWHERE,))
    async with database.read() as rx:
        stored, _masks = await stored_rollups(rx)
        expected, _masks = await rollups_by_the_records(rx, clock.at_ms)
    assert Counter({key: number for key, number in stored.items() if number}) == expected


async def remaining(database: Database, guild_id: int = GUILD) -> tuple[int, int]:
    """Return how many records and days are still the person's."""
    async with database.read() as rx:
        found = await count_statistics_of_user(rx, guild_id, ERASED)
        rows = [
            await rx.fetch_all(
                f"SELECT 1 FROM {table} WHERE guild_id = ? AND user_id = ?", (guild_id, ERASED)
            )
            for table in ("statistics_events", "statistics_sessions")
        ]
    assert found.records == sum(map(len, rows))
    return found.records, found.days


async def test_nothing_is_left_and_another_guild_is_not_touched(
    database: Database, recorder: Recorder, clock: ClockWithPauses
) -> None:
    before = await remaining(database, ELSEWHERE)
    assert before[0] == 2 * MESSAGES
    erased = await StatisticsEraser(database, clock, recorder).erase(GUILD, ERASED, lambda: None)
    assert erased == 2 * MESSAGES
    assert await remaining(database) == (0, 0)
    assert await remaining(database, ELSEWHERE) == before
    await assert_consistent(database, clock)


async def test_what_is_recorded_meanwhile_is_neither_lost_nor_counted_twice(
    database: Database, recorder: Recorder, clock: ClockWithPauses
) -> None:
    async def go_on() -> None:
        deleted = say(recorder, ERASED, clock.at_ms)
        say(recorder, OTHER, clock.at_ms)
        # Late news of a time that is being erased.
        say(recorder, ERASED, START_MS + 5 * HOUR_MS)
        await recorder.flush()
        recorder.take(MessageDeleted(GUILD, recorder.next_id(clock.at_ms), 5, deleted.record_id, False))
        clock.at_ms += 1
        await recorder.flush()

    clock.meanwhile = go_on
    await StatisticsEraser(database, clock, recorder).erase(GUILD, ERASED, lambda: None)
    await assert_consistent(database, clock)


async def test_a_session_that_began_meanwhile_goes_on_with_the_name(
    database: Database, recorder: Recorder, clock: ClockWithPauses
) -> None:
    """Its end, which is known in memory, names them: so must its beginning."""
    session = SessionOpened(GUILD, VOICE.number, recorder.next_id(clock.at_ms), ERASED, 5)

    async def begin() -> None:
        if session not in begun:
            begun.append(session)
            recorder.take(session)
            await recorder.flush()

    begun: list[SessionOpened] = []
    clock.meanwhile = begin
    await StatisticsEraser(database, clock, recorder).erase(GUILD, ERASED, lambda: None)
    assert await remaining(database) == (1, 1)
    clock.at_ms += HOUR_MS
    recorder.take(SessionClosed(*session, clock.at_ms))
    await recorder.flush()
    await assert_consistent(database, clock)


async def test_a_crash_in_the_middle_leaves_sums_that_agree_and_a_second_try_does_the_rest(
    database: Database, recorder: Recorder, clock: ClockWithPauses
) -> None:
    steps = 0

    async def die() -> None:
        nonlocal steps
        steps += 1
        if steps == 3:
            raise InterruptedLifeError

    clock.meanwhile = die
    with pytest.raises(InterruptedLifeError):
        await StatisticsEraser(database, clock, recorder).erase(GUILD, ERASED, lambda: None)
    assert 0 < (await remaining(database))[0] < 2 * MESSAGES
    await StatisticsEraser(database, clock, recorder).erase(GUILD, ERASED, lambda: None)
    assert await remaining(database) == (0, 0)
    await assert_consistent(database, clock)


async def test_a_day_whose_records_are_gone_already_goes_too(
    database: Database, recorder: Recorder, clock: ClockWithPauses
) -> None:
    """Retention deletes the records of a day before its sums."""
    async with database.write() as tx:
        await tx.execute("DELETE FROM statistics_events WHERE guild_id = ?", (GUILD,))
    await StatisticsEraser(database, clock, recorder).erase(GUILD, ERASED, lambda: None)
    assert await remaining(database) == (0, 0)
