"""How the bot is doing, and what is wrong with it. Pure: facts in, sentences out, no clock and no database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.heartbeat_claims import PROOF_SECONDS
from bot.recorder import RecorderStatus
from bot.scheduler import JobHealth
from bot.text.language import _, ngettext
from bot.text.numbers import format_number

FAILING_SECONDS: Final = 60.0
"""A database that is locked for a moment, by a backup say, is no reason to alarm anybody."""
STUCK_SECONDS: Final = 30.0
DOWN_SECONDS: Final = 60.0
"""Discord asks every connection to begin anew now and then, which takes seconds."""
CATCHING_UP_SECONDS: Final = 300.0
FAILURES_IN_A_ROW: Final = 2
LONG_RUN_SECONDS: Final = 1800.0
SPARE_BYTES: Final = 200_000_000
SPARE_AGAIN_BYTES: Final = 250_000_000
"""So that files that come and go do not make it well and ill by turns."""
MEGABYTE: Final = 1_000_000

Moment = Callable[[int], str]
"""Shows a time, UTC epoch milliseconds."""


class HealthState(StrEnum):
    """How it is going, the best first."""

    OK = "ok"
    DEGRADED = "degraded"
    """Something does not work, or will soon not work; nothing is lost yet."""
    FAILING = "failing"
    """What happens is not recorded."""


@dataclass(frozen=True, slots=True)
class ShardHealth:
    """A connection to Discord."""

    shard_id: int
    steady_since_ms: int | None
    """None while it is interrupted."""
    seconds: float
    """For how long it has been steady, or interrupted."""
    latency_seconds: float | None = None
    """None before the first answer to a heartbeat."""
    beat_at_ms: int | None = None
    """Until when everything is known to be on record; None before the first heartbeat that was stored."""
    beat_age_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Everything that tells how the bot is doing, at one moment."""

    recorder: RecorderStatus
    shards: tuple[ShardHealth, ...] = ()
    """Those that have been started."""
    jobs: tuple[JobHealth, ...] = ()
    database_bytes: int | None = None
    """None before it was looked at."""
    free_bytes: int | None = None
    """What is free on its disk."""
    was_short: bool = False
    """Whether too little was free at the last look: it takes more, then, to be well again."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong, or was."""

    key: str
    """The same for the same trouble, whatever the numbers in its text."""
    state: HealthState
    """How it is going because of this; OK for what is over and worth knowing."""
    text: str


def moment_at_discord(at_ms: int) -> str:
    """Return a time that Discord shows as `2 minutes ago` (Discord documentation, Message Formatting)."""
    return f"<t:{at_ms // 1000}:R>"


def troubles_of(health: Health, moment: Moment = moment_at_discord) -> tuple[Trouble, ...]:
    """Return what is wrong in the language of the context, the worst first."""
    order = list(HealthState)
    found = [*_recorder_troubles(health.recorder, moment), *_shard_troubles(health.shards, moment)]
    if health.recorder.failing_since_ms is None:
        # Without the database most jobs fail, and no heartbeat is stored: that says nothing more.
        found += [*_heartbeat_troubles(health.shards, moment), *_job_troubles(health.jobs)]
    spare_bytes = SPARE_AGAIN_BYTES if health.was_short else SPARE_BYTES
    if health.free_bytes is not None and health.free_bytes < spare_bytes:
        text = ngettext(
            "Only {count} MB is free on the disk of the database.",
            "Only {count} MB are free on the disk of the database.",
            health.free_bytes // MEGABYTE,
        )
        found.append(Trouble("disk", HealthState.DEGRADED, text))
    return tuple(sorted(found, key=lambda trouble: -order.index(trouble.state)))


def state_of(troubles: tuple[Trouble, ...]) -> HealthState:
    """Return how it is going with these troubles."""
    order = list(HealthState)
    return max((trouble.state for trouble in troubles), key=order.index, default=HealthState.OK)


def health_lines(health: Health, shard_id: int) -> tuple[str, ...]:
    """Return how recording is doing, for the admins of a server of this shard, in the language of the context."""
    recorder = health.recorder
    lines = [
        _(
            "Waiting to be stored: {waiting} of at most {capacity}",
            waiting=format_number(recorder.waiting),
            capacity=format_number(recorder.capacity),
        )
    ]
    if (flush := recorder.last_flush) is not None:
        lines.append(
            ngettext(
                "Last stored: {when}, {count} record in {duration}",
                "Last stored: {when}, {count} records in {duration}",
                flush.records,
                when=moment_at_discord(flush.ended_at_ms),
                duration=_milliseconds(flush.took_seconds),
            )
        )
    lines += [line for shard in health.shards if shard.shard_id == shard_id for line in _shard_lines(shard)]
    if health.jobs:
        lines.append(_jobs_line(health.jobs))
    if health.database_bytes is not None:
        size = format_number(round(health.database_bytes / MEGABYTE, 1))
        lines.append(_("Database: {size} MB", size=size))
    return tuple(lines)


class Incident:
    """Decides when people are told that recording fails, and when that it works again: once each."""

    def __init__(self) -> None:
        self._is_told = False
        self._failed_at: float | None = None

    @property
    def is_told(self) -> bool:
        """Whether people know of one that is not over."""
        return self._is_told

    def note(self, failing_seconds: float | None, monotonic: float) -> HealthState | None:
        """Take for how long recording has been failing (None: it works); return what to tell now, if anything.

        What fails, works and fails again within a minute is one incident.
        """
        if failing_seconds is not None:
            self._failed_at = monotonic
            if not self._is_told and failing_seconds >= FAILING_SECONDS:
                self._is_told = True
                return HealthState.FAILING
        elif self._is_told and self._failed_at is not None and monotonic - self._failed_at >= FAILING_SECONDS:
            self._is_told = False
            return HealthState.OK
        return None


def _recorder_troubles(status: RecorderStatus, moment: Moment) -> Iterator[Trouble]:
    capacity = format_number(status.capacity)
    if status.failing_since_ms is not None:
        is_long = (status.failing_seconds or 0) >= FAILING_SECONDS
        text = ngettext(
            "The database could not be written since {since}; {count} record waits, and there is room for {capacity}. "
            "The operator finds the reason in the log.",
            "The database could not be written since {since}; {count} records wait, and there is room for {capacity}. "
            "The operator finds the reason in the log.",
            status.waiting,
            since=moment(status.failing_since_ms),
            capacity=capacity,
        )
        yield Trouble("database", HealthState.FAILING if is_long else HealthState.DEGRADED, text)
    elif (status.waiting_seconds or 0) >= STUCK_SECONDS:
        text = ngettext(
            "{count} record has been waiting for {seconds} seconds to be stored: the database is busy or slow.",
            "{count} records have been waiting for {seconds} seconds to be stored: the database is busy or slow.",
            status.waiting,
            seconds=format_number(round(status.waiting_seconds or 0)),
        )
        yield Trouble("stuck", HealthState.FAILING, text)
    elif status.waiting > status.capacity // 2:
        text = ngettext(
            "More comes in than can be stored: {count} record waits, and there is room for {capacity}.",
            "More comes in than can be stored: {count} records wait, and there is room for {capacity}.",
            status.waiting,
            capacity=capacity,
        )
        yield Trouble("flood", HealthState.DEGRADED, text)
    if status.lost:
        text = ngettext(
            "{count} record of all servers had to be given up since my last start, "
            "as the database could not be written.",
            "{count} records of all servers had to be given up since my last start, "
            "as the database could not be written.",
            status.lost,
        )
        yield Trouble("lost", HealthState.OK, text)


def _shard_troubles(shards: tuple[ShardHealth, ...], moment: Moment) -> Iterator[Trouble]:
    down = [shard for shard in shards if shard.steady_since_ms is None and shard.seconds >= DOWN_SECONDS]
    state = HealthState.FAILING if len(down) == len(shards) else HealthState.DEGRADED
    for shard in down:
        text = _(
            "The connection to Discord (shard {shard}) has been interrupted for {minutes} min; "
            "what is on record reaches to {until}.",
            shard=shard.shard_id,
            minutes=format_number(shard.seconds // 60),
            until=_("nowhere yet") if shard.beat_at_ms is None else moment(shard.beat_at_ms),
        )
        yield Trouble(f"shard {shard.shard_id}", state, text)


def _heartbeat_troubles(shards: tuple[ShardHealth, ...], moment: Moment) -> Iterator[Trouble]:
    late_seconds = PROOF_SECONDS + CATCHING_UP_SECONDS
    for shard in shards:
        is_late = shard.beat_age_seconds is None or shard.beat_age_seconds >= late_seconds
        if shard.steady_since_ms is None or shard.seconds < late_seconds or not is_late:
            continue
        if shard.beat_at_ms is None:
            text = _(
                "Shard {shard} has not caught up yet with what happened before it began.",
                shard=shard.shard_id,
            )
        else:
            text = _(
                "Shard {shard} has not caught up yet with what happened since {since}.",
                shard=shard.shard_id,
                since=moment(shard.beat_at_ms),
            )
        yield Trouble(f"heartbeat {shard.shard_id}", HealthState.DEGRADED, text)


def _job_troubles(jobs: tuple[JobHealth, ...]) -> Iterator[Trouble]:
    for job in jobs:
        if job.failures_in_a_row >= FAILURES_IN_A_ROW:
            text = ngettext(
                "The job “{job}” failed {count} time in a row. The operator finds the reason in the log.",
                "The job “{job}” failed {count} times in a row. The operator finds the reason in the log.",
                job.failures_in_a_row,
                job=job.name,
            )
            yield Trouble(f"job {job.name}", HealthState.DEGRADED, text)
        elif job.running_seconds is not None and job.running_seconds >= LONG_RUN_SECONDS:
            text = ngettext(
                "The job “{job}” has been running for {count} minute.",
                "The job “{job}” has been running for {count} minutes.",
                job.running_seconds // 60,
                job=job.name,
            )
            yield Trouble(f"job {job.name}", HealthState.DEGRADED, text)


def _shard_lines(shard: ShardHealth) -> Iterator[str]:
    if shard.steady_since_ms is None:
        yield _("Connection: interrupted")
    elif shard.latency_seconds is None:
        yield _("Connection: steady since {since}", since=moment_at_discord(shard.steady_since_ms))
    else:
        yield _(
            "Connection: steady since {since}, {latency} to Discord and back",
            since=moment_at_discord(shard.steady_since_ms),
            latency=_milliseconds(shard.latency_seconds),
        )
    if shard.beat_at_ms is not None:
        yield _("Certainly complete until: {when}", when=moment_at_discord(shard.beat_at_ms))


def _jobs_line(jobs: tuple[JobHealth, ...]) -> str:
    failing = [job.name for job in jobs if job.failures_in_a_row]
    if failing:
        return _("Jobs: failing: {names}", names=", ".join(failing))
    ended = [job.last_ended_at_ms for job in jobs if job.last_ended_at_ms is not None]
    if not ended:
        return ngettext("Jobs: {count}, not run yet", "Jobs: {count}, none has run yet", len(jobs))
    when = moment_at_discord(max(ended))
    return ngettext(
        "Jobs: {count}, it ran {when}",
        "Jobs: {count}, all well; the last one ran {when}",
        len(jobs),
        when=when,
    )


def _milliseconds(seconds: float) -> str:
    return _("{count} ms", count=format_number(round(seconds * 1000)))
