"""When to ask for the counters again."""

from cogs.invite_tracker.attribution.bounds import Bounds

GROWTH = 1.25


class Pacing:
    """The distance between requests: short when quiet, growing under a lasting burst and after failures."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._distance_ms = float(bounds.request_distance_least_ms)
        self._asked_at_ms: int | None = None
        self._failures = 0
        self._pause_until_ms = 0

    @property
    def next_request_at_ms(self) -> int:
        """The earliest moment for the next request; in the past when there is nothing to wait for."""
        if self._asked_at_ms is None:
            return self._pause_until_ms
        return max(self._asked_at_ms + int(self._distance_ms), self._pause_until_ms)

    def note_request(self, asked_at_ms: int, waiting: int) -> None:
        """Learn that a request was sent for `waiting` joins."""
        bounds = self._bounds
        if waiting >= bounds.crowd:
            self._distance_ms = min(self._distance_ms * GROWTH, bounds.request_distance_most_ms)
        else:
            self._distance_ms = max(self._distance_ms / 2, bounds.request_distance_least_ms)
        self._asked_at_ms = asked_at_ms

    def note_success(self) -> None:
        """Learn that Discord answered."""
        self._failures = 0
        self._pause_until_ms = 0

    def note_failure(self, at_ms: int) -> None:
        """Learn that Discord did not answer; each failure in a row doubles the pause."""
        pause_ms = self._bounds.failure_pause_least_ms * 2 ** min(self._failures, 20)
        self._failures += 1
        self._pause_until_ms = at_ms + min(pause_ms, self._bounds.failure_pause_most_ms)
