"""The scheduler: jobs that fail, jobs that are under way at a stop, and how they are doing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from bot.clock import SystemClock
from bot.scheduler import Scheduler

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class TickingClock:
    """Every look at it is a millisecond later."""

    def __init__(self) -> None:
        self.ms = 0

    def now_ms(self) -> int:
        self.ms += 1
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("the scheduler does not sleep on this clock")

    async def wait_for(self, event: asyncio.Event, seconds: float) -> bool:
        raise AssertionError("the scheduler does not wait on this clock")


@pytest.fixture
async def scheduler() -> AsyncIterator[Scheduler]:
    scheduler = Scheduler(TickingClock())
    yield scheduler
    await scheduler.shutdown()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the scheduler has no event to wait for
            await asyncio.sleep(0.005)


def durations(scheduler: Scheduler) -> list[int | None]:
    """Return for how many seconds the one job has been running, and how many its last run took."""
    (job,) = scheduler.jobs
    both = (job.running_seconds, job.took_seconds)
    return [None if seconds is None else round(seconds) for seconds in both]


async def nothing() -> None:
    pass


async def test_a_job_runs_again_and_again(scheduler: Scheduler) -> None:
    runs = 0

    async def count() -> None:
        nonlocal runs
        runs += 1

    scheduler.add_job("count", count, every_seconds=0.02)
    scheduler.start()
    await until(lambda: runs >= 3)


async def test_a_job_that_is_added_after_the_start_runs_as_well(scheduler: Scheduler) -> None:
    ran = asyncio.Event()

    async def run() -> None:
        ran.set()

    scheduler.start()
    scheduler.add_job("late", run, every_seconds=0.05)
    async with asyncio.timeout(30):
        await ran.wait()


async def test_a_closure_that_returns_an_awaitable_is_a_job_as_well(scheduler: Scheduler) -> None:
    ran = asyncio.Event()

    async def run(event: asyncio.Event) -> None:
        event.set()

    scheduler.add_job("closure", lambda: run(ran), every_seconds=0.05)
    scheduler.start()
    async with asyncio.timeout(30):
        await ran.wait()


async def test_a_name_is_given_once(scheduler: Scheduler) -> None:
    scheduler.add_job("name", nothing, every_seconds=1)
    with pytest.raises(ValueError, match="job name is added twice"):
        scheduler.add_job("name", nothing, every_seconds=1)


async def test_a_failure_is_kept_and_the_job_goes_on(scheduler: Scheduler) -> None:
    runs = 0

    async def fail_twice() -> None:
        nonlocal runs
        runs += 1
        if runs < 3:
            raise RuntimeError(f"failure {runs}")

    scheduler.add_job("shaky", fail_twice, every_seconds=0.02)
    scheduler.start()
    await until(lambda: scheduler.jobs[0].last_error is not None)
    await until(lambda: runs >= 3 and scheduler.jobs[0].last_error is None)
    assert scheduler.jobs[0].failures_in_a_row == 0


async def test_a_streak_of_failures_is_logged_once_and_so_is_its_end(
    scheduler: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    healthy = False

    async def run() -> None:
        if not healthy:
            raise RuntimeError("broken")

    caplog.set_level(logging.INFO, "bot.scheduler")
    scheduler.add_job("shaky", run, every_seconds=3600)
    for _ in range(3):
        await scheduler.run_now("shaky")
    assert scheduler.jobs[0].failures_in_a_row == 3
    healthy = True
    for _ in range(2):
        await scheduler.run_now("shaky")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "The job shaky failed; next try in 3600 seconds."),
        ("INFO", "The job shaky works again after 3 failures."),
    ]
    assert caplog.records[0].exc_info


async def test_health_tells_when_a_job_ran_and_how_it_ended(scheduler: Scheduler) -> None:
    async def fail() -> None:
        raise RuntimeError

    scheduler.add_job("good", nothing, every_seconds=3600)
    scheduler.add_job("bad", fail, every_seconds=3600)
    scheduler.add_job("idle", nothing, every_seconds=3600)
    await scheduler.run_now("good")
    await scheduler.run_now("bad")
    seen = [
        (job.name, job.last_started_at_ms, job.last_ended_at_ms, job.last_error) for job in scheduler.jobs
    ]
    assert seen == [("good", 1, 2, None), ("bad", 3, 4, "RuntimeError"), ("idle", None, None, None)]


async def test_health_tells_how_long_a_job_takes_and_when_it_comes_next(scheduler: Scheduler) -> None:
    clock = scheduler._clock
    assert isinstance(clock, TickingClock)
    may_end = asyncio.Event()

    async def wait() -> None:
        await may_end.wait()

    scheduler.add_job("slow", wait, every_seconds=3600)
    assert [job.next_run_at_ms for job in scheduler.jobs] == [None]
    scheduler.start()
    (next_run_at_ms,) = [job.next_run_at_ms or 0 for job in scheduler.jobs]
    assert next_run_at_ms == pytest.approx(SystemClock().now_ms() + 3_600_000, abs=60_000)
    run = asyncio.create_task(scheduler.run_now("slow"))
    await until(lambda: scheduler.jobs[0].last_started_at_ms is not None)
    clock.ms += 5_000
    assert durations(scheduler) == [5, None]
    may_end.set()
    await run
    assert durations(scheduler) == [None, 5]


async def test_a_job_never_runs_twice_at_once(scheduler: Scheduler) -> None:
    running = most = runs = 0

    async def run() -> None:
        nonlocal running, most, runs
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        runs += 1

    scheduler.add_job("alone", run, every_seconds=0.01)
    scheduler.start()
    await asyncio.gather(*(scheduler.run_now("alone") for _ in range(5)))
    await until(lambda: runs >= 7)
    assert most == 1


async def test_a_stop_waits_for_the_job_that_is_running(scheduler: Scheduler) -> None:
    started, may_end = asyncio.Event(), asyncio.Event()
    ended = False

    async def run() -> None:
        nonlocal ended
        started.set()
        await may_end.wait()
        ended = True

    scheduler.add_job("long", run, every_seconds=0.05)
    scheduler.start()
    await started.wait()
    stopping = asyncio.create_task(scheduler.shutdown())
    await asyncio.sleep(0)
    assert not stopping.done()
    may_end.set()
    await stopping
    assert ended


async def test_a_stop_cancels_what_does_not_end(
    scheduler: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    started = asyncio.Event()
    cancelled = False

    async def run() -> None:
        nonlocal cancelled
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled = True
            raise

    scheduler.add_job("endless", run, every_seconds=0.05)
    scheduler.start()
    await started.wait()
    await scheduler.shutdown(timeout_seconds=0.01)
    assert cancelled
    assert "did not end within 0.01 seconds" in caplog.text


async def test_nothing_starts_after_a_stop(scheduler: Scheduler) -> None:
    scheduler.add_job("job", nothing, every_seconds=3600)
    scheduler.start()
    await scheduler.shutdown()
    await scheduler.run_now("job")
    assert scheduler.jobs[0].last_started_at_ms is None


async def test_a_stop_before_the_start_and_a_second_stop_are_allowed(scheduler: Scheduler) -> None:
    await scheduler.shutdown()
    await scheduler.shutdown()
