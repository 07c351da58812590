"""How recording is doing, for those who watch over it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flush:
    """One time that everything which waited was stored."""

    ended_at_ms: int
    took_seconds: float
    records: int


@dataclass(frozen=True, slots=True)
class RecorderStatus:
    """How recording is doing. Durations are of a clock that never goes back, unlike the times."""

    waiting: int
    """Records that came in and are not stored yet."""
    capacity: int
    lost: int
    """Records that had to be given up since the start of the process."""
    failing_since_ms: int | None
    """Since when the database cannot be written; None when it can."""
    last_error: str | None
    failing_seconds: float | None = None
    """For how long the database cannot be written; None when it can."""
    waiting_seconds: float | None = None
    """For how long something waits without anything being stored; None when nothing waits."""
    last_flush: Flush | None = None
