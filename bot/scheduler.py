"""The scheduler: work that is done again and again; no failure ends it, and a stop waits for it."""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobHealth:
    """How a job is doing; times are UTC epoch milliseconds, None while it has not happened."""

    name: str
    last_started_at_ms: int | None
    last_ended_at_ms: int | None
    last_error: str | None
    """What the last run failed with; None when it went well."""
    failures_in_a_row: int
    every_seconds: float = 0
    took_seconds: float | None = None
    """How long the last run took that ended."""
    running_seconds: float | None = None
    """For how long it has been running; None when it is not."""
    next_run_at_ms: int | None = None
    """None before the scheduler runs."""


@dataclass(slots=True)
class _Job:
    name: str
    run: Callable[[], Awaitable[None]]
    every_seconds: float
    last_started_at_ms: int | None = None
    last_ended_at_ms: int | None = None
    last_error: str | None = None
    failures_in_a_row: int = 0
    took_seconds: float | None = None
    running_since: float | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Scheduler:
    """Runs jobs beside everything else, each never twice at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: dict[str, _Job] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            # Late is better than not at all: APScheduler would drop a run that is a second late.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    @property
    def jobs(self) -> tuple[JobHealth, ...]:
        """How each job is doing, in the order in which they were added."""
        now = self._clock.monotonic()
        return tuple(
            JobHealth(
                name=job.name,
                last_started_at_ms=job.last_started_at_ms,
                last_ended_at_ms=job.last_ended_at_ms,
                last_error=job.last_error,
                failures_in_a_row=job.failures_in_a_row,
                every_seconds=job.every_seconds,
                took_seconds=job.took_seconds,
                running_seconds=None if job.running_since is None else now - job.running_since,
                next_run_at_ms=self._next_run_at_ms(job.name),
            )
            for job in self._jobs.values()
        )

    def _next_run_at_ms(self, name: str) -> int | None:
        job = self._scheduler.get_job(name)
        # APScheduler's jobs have no next run before it is started, not even an empty one.
        next_run: datetime | None = getattr(job, "next_run_time", None)
        return None if next_run is None else int(next_run.timestamp() * 1000)

    def add_job(self, name: str, run: Callable[[], Awaitable[None]], *, every_seconds: float) -> None:
        """Run `run()` every so often, for the first time after one interval. A name that is taken raises ValueError."""
        if name in self._jobs:
            raise ValueError(f"job {name} is added twice")
        job = self._jobs[name] = _Job(name, run, every_seconds)
        trigger = IntervalTrigger(seconds=every_seconds, timezone=UTC)
        self._scheduler.add_job(functools.partial(self._run, job), trigger, id=name, name=name)

    def start(self) -> None:
        """Begin to run jobs; needs a running event loop."""
        self._scheduler.start()

    async def run_now(self, name: str) -> None:
        """Run a job at once, after a run of it that is under way; its failure is logged as always."""
        await self._run(self._jobs[name])

    async def shutdown(self, timeout_seconds: float = 10) -> None:
        """Start no job any more and wait for those that run; cancel what still runs after the timeout."""
        self._stopping = True
        running = self._running - {asyncio.current_task()}
        if running:
            _done, late = await asyncio.wait(running, timeout=timeout_seconds)
            for task in late:
                _log.warning(
                    "A job did not end within %g seconds and was cancelled.",
                    timeout_seconds,
                    extra={"event": "job_cancelled"},
                )
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._scheduler.running:
            # Only now: APScheduler cancels whatever is running. It stops on the loop's next turn.
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)

    async def _run(self, job: _Job) -> None:
        task = asyncio.current_task()
        if self._stopping or task is None:
            return
        self._running.add(task)
        try:
            async with job.turn:
                await self._run_in_turn(job)
        finally:
            self._running.discard(task)

    async def _run_in_turn(self, job: _Job) -> None:
        job.last_started_at_ms = self._clock.now_ms()
        job.running_since = began = self._clock.monotonic()
        try:
            await job.run()
        except Exception as error:
            job.last_error = str(error) or type(error).__name__
            job.failures_in_a_row += 1
            if job.failures_in_a_row == 1:
                _log.exception(
                    "The job %s failed; next try in %g seconds.",
                    job.name,
                    job.every_seconds,
                    extra={"event": "job_failing", "job": job.name},
                )
        else:
            if job.failures_in_a_row:
                _log.info(
                    "The job %s works again after %d failures.",
                    job.name,
                    job.failures_in_a_row,
                    extra={"event": "job_well", "job": job.name, "failures": job.failures_in_a_row},
                )
            job.last_error = None
            job.failures_in_a_row = 0
        finally:
            job.last_ended_at_ms = self._clock.now_ms()
            job.took_seconds = self._clock.monotonic() - began
            job.running_since = None
