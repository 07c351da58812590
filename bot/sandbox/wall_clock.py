"""The time of the local Discord: the machine's clock, or one that differs from it."""

from datetime import UTC, datetime, timedelta

from bot.clock import Clock, SystemClock

from .backend import BackendClock


class WallClock(BackendClock):
    """Real time with microseconds; it never goes back.

    ``skew_ms`` is how far the local Discord's clock is ahead of the machine's.
    """

    def __init__(self, clock: Clock | None = None, *, skew_ms: float = 0) -> None:
        super().__init__()
        self._clock = clock or SystemClock()
        self._started_at = self._clock.monotonic()
        self._epoch = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC) + timedelta(
            milliseconds=skew_ms
        )

    def now(self) -> datetime:
        elapsed = timedelta(seconds=self._clock.monotonic() - self._started_at)
        return self._epoch + elapsed + timedelta(seconds=self.elapsed)
