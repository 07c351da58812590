"""Rate limits of the local Discord: announced ones, the global one, and the hidden one on channel renames."""

from collections import deque
from dataclasses import dataclass, field

from .switches import RouteLimit, Switches, path_matches

RENAMES_PER_WINDOW = 2


@dataclass(frozen=True, slots=True)
class Refusal:
    """A 429: seconds to wait, whether it counts for all routes, and the headers of its bucket."""

    retry_after_s: float
    is_global: bool = False
    headers: dict[str, str] = field(default_factory=dict)


class RateLimits:
    """Counts requests against the limits in the switches; times are seconds of any steady clock."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._all: deque[float] = deque()
        self._routes: dict[tuple[RouteLimit, str], deque[float]] = {}
        self._renames: dict[int, deque[float]] = {}

    def take(self, method: str, path: str, now_s: float) -> Refusal | dict[str, str]:
        """Count one request; return a refusal, or the headers that announce its bucket."""
        allowed = self._switches.global_limit_per_s
        if allowed is not None:
            _forget(self._all, now_s - 1)
            if len(self._all) >= allowed:
                return Refusal(round(self._all[0] + 1 - now_s, 3), is_global=True)
            self._all.append(now_s)
        for limit in self._switches.route_limits:
            if limit.method in {"*", method} and path_matches(limit.path, path):
                return self._take_route(limit, path, now_s)
        return {}

    def take_rename(self, channel_id: int, now_s: float) -> Refusal | None:
        """Count one change of a channel's name or topic; the third in the window is refused."""
        if not self._switches.rename_limit:
            return None
        window_s = self._switches.rename_window_s
        taken = self._renames.setdefault(channel_id, deque())
        _forget(taken, now_s - window_s)
        if len(taken) >= RENAMES_PER_WINDOW:
            return Refusal(round(taken[0] + window_s - now_s, 3))
        taken.append(now_s)
        return None

    def _take_route(self, limit: RouteLimit, path: str, now_s: float) -> Refusal | dict[str, str]:
        taken = self._routes.setdefault((limit, path), deque())
        _forget(taken, now_s - limit.window_s)
        reset_after_s = (taken[0] + limit.window_s - now_s) if taken else limit.window_s
        refused = len(taken) >= limit.limit
        if not refused:
            taken.append(now_s)
        headers = {
            "X-RateLimit-Limit": str(limit.limit),
            "X-RateLimit-Remaining": str(limit.limit - len(taken)),
            "X-RateLimit-Reset-After": f"{reset_after_s:.3f}",
            "X-RateLimit-Bucket": f"{abs(hash((limit.method, limit.path))):016x}"[:16],
        }
        return Refusal(round(reset_after_s, 3), headers=headers) if refused else headers


def _forget(times: deque[float], before_s: float) -> None:
    while times and times[0] <= before_s:
        times.popleft()
