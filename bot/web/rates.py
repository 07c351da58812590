"""How many requests a key may make: so many at once, and afterwards at the pace at which they come back.

The generic cell rate algorithm: of each key only the moment is kept at which it will have all its requests back. That is
a token bucket, with one number as its state.
"""

from dataclasses import dataclass
from typing import Final

from bot.clock import Clock

WINDOW_SECONDS: Final = 60
_TICKS: Final = 1_000_000
"""Time is counted in whole microseconds, times the limit: so that the time between two requests is a whole number, too."""
_SWEEP_AT_LEAST: Final = 128


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether a request is allowed, and what its answer says about those to come."""

    is_allowed: bool
    limit: int
    """So many requests are allowed at once; they come back one by one, all of them in a minute."""
    remaining: int
    """So many more are allowed right now."""
    reset_seconds: int
    """After so long without a request, rounded up, all are allowed again."""
    retry_after_seconds: int
    """After so long, rounded up, a refused request is allowed; 0 for one that is."""

    @property
    def headers(self) -> dict[str, str]:
        """What to send along with the answer."""
        found = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_seconds),
        }
        return found if self.is_allowed else found | {"Retry-After": str(self.retry_after_seconds)}


class RateLimit:
    """Counts the requests of each key. A key that has made none for a minute takes no room."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        """`per_minute` is at least 1."""
        self._clock = clock
        self._limit = per_minute
        self._second = _TICKS * per_minute
        self._cost = _TICKS * WINDOW_SECONDS
        self._all = self._cost * per_minute
        self._restored_at: dict[str, int] = {}
        self._sweep_at = _SWEEP_AT_LEAST

    def take(self, key: str) -> Allowance:
        """Count a request of this key, unless it is refused."""
        now = int(self._clock.monotonic() * _TICKS) * self._limit
        missing = max(self._restored_at.get(key, now) - now, 0)
        is_allowed = missing + self._cost <= self._all
        retry_after = 0
        if is_allowed:
            missing += self._cost
            self._restored_at[key] = now + missing
            if len(self._restored_at) >= self._sweep_at:
                self._sweep(now)
        else:
            retry_after = self._seconds(missing + self._cost - self._all)
        return Allowance(
            is_allowed=is_allowed,
            limit=self._limit,
            remaining=(self._all - missing) // self._cost,
            reset_seconds=self._seconds(missing),
            retry_after_seconds=retry_after,
        )

    def _seconds(self, ticks: int) -> int:
        return -(-ticks // self._second)

    def _sweep(self, now: int) -> None:
        """Forget keys that have everything back; next time when there are twice as many as are left."""
        self._restored_at = {key: at for key, at in self._restored_at.items() if at > now}
        self._sweep_at = max(_SWEEP_AT_LEAST, 2 * len(self._restored_at))
