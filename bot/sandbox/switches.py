"""What a test or a demo can turn while the local Discord runs."""

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

DeliveryOrder = Literal["before", "after", "random"]
SearchAnswer = Literal["ok", "unindexed", "forbidden", "missing"]


def path_matches(template: str, path: str) -> bool:
    """Return whether a request path fits a template.

    A segment in braces matches any one segment, and the template ``*`` matches every path.
    """
    if template == "*":
        return True
    wanted, given = template.strip("/").split("/"), path.strip("/").split("/")
    return len(wanted) == len(given) and all(
        part == segment or (part.startswith("{") and part.endswith("}"))
        for part, segment in zip(wanted, given, strict=True)
    )


@dataclass(slots=True)
class RestFault:
    """A REST answer that replaces the real one.

    ``times`` is how many requests it spoils (None: all of them). With ``drop_connection`` the connection is
    cut instead of answered; with ``after_effect`` the request takes effect and only its answer is lost; with
    ``hold`` the answer, whichever it is, waits for ``release``. ``body`` is sent as JSON, or as HTML when it is
    a string (a proxy's error page). ``taken`` counts the requests that it has spoiled.
    """

    method: str
    path: str
    status: int = 500
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    times: int | None = 1
    drop_connection: bool = False
    after_effect: bool = False
    hold: bool = False
    taken: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Send the answers that are held back, and hold no further one."""
        self.released.set()

    def takes(self, method: str, path: str) -> bool:
        """Return whether this fault spoils the request, and count it."""
        if self.method not in {"*", method} or not path_matches(self.path, path) or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        self.taken += 1
        return True


@dataclass(frozen=True, slots=True)
class RouteLimit:
    """A rate limit that is enforced and announced in headers: ``limit`` requests in ``window_s``."""

    method: str
    path: str
    limit: int
    window_s: float


@dataclass(slots=True)
class Switches:
    """Every switch of the local Discord, with the settings of a quick and friendly one.

    Ranges are (lowest, highest) in milliseconds and drawn uniformly.

    - ``rest_latency_ms``: time that a request takes, split at random between before and after its effect;
      ``route_latency_ms`` overrides it for (method, path template).
    - ``event_lag_ms``: time between an effect and the sending of its event; the events of a shard keep their
      order unless ``reorder_events``.
    - ``invite_delete_order``: whether the INVITE_DELETE of a used-up invite goes before or after the member
      add.
    - ``search_delay_s``: how long a fresh member is missing from members-search.
    - ``search_answer``: members-search answers 202 (``unindexed``), 403 or 404.
    - ``role_invites``: whether Discord takes ``role_ids`` with a new invite (else 400) and gives the roles itself.
    - ``refuse_resumes``: how many of the next resumes are refused.
    - ``refuse_connections``: the gateway answers 503.
    - ``resume_window_s``: how long a session without a connection is kept.
    - ``chunk_window_s``: one full member chunk per guild in this time (None: no limit).
    - ``rename_limit``: the hidden limit of two channel renames per ``rename_window_s``.
    - ``nonce_window_s``: how long a nonce is remembered ("the past few minutes", says the documentation).
    - ``route_limits`` and ``global_limit_per_s``: further rate limits.
    """

    rest_latency_ms: tuple[float, float] = (0, 0)
    route_latency_ms: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    event_lag_ms: tuple[float, float] = (0, 0)
    reorder_events: bool = False
    invite_delete_order: DeliveryOrder = "before"
    search_delay_s: float = 0
    search_answer: SearchAnswer = "ok"
    search_retry_after_s: float = 1
    role_invites: bool = True
    refuse_resumes: int = 0
    refuse_connections: bool = False
    resume_window_s: float = 60
    chunk_window_s: float | None = 30
    rename_limit: bool = True
    rename_window_s: float = 600
    nonce_window_s: float = 300
    route_limits: list[RouteLimit] = field(default_factory=list)
    global_limit_per_s: int | None = None
    faults: list[RestFault] = field(default_factory=list)
    chance: Random = field(default_factory=Random)

    def fail(self, method: str, path: str, **options: Any) -> RestFault:
        """Add and return a REST fault; see RestFault for the options."""
        fault = RestFault(method, path, **options)
        self.faults.append(fault)
        return fault

    def lose_answer(self, method: str, path: str, *, times: int | None = 1) -> RestFault:
        """Let requests take effect and cut their connection instead of answering."""
        return self.fail(method, path, times=times, after_effect=True, drop_connection=True)

    def hold_answer(self, method: str, path: str, *, times: int | None = 1) -> RestFault:
        """Let requests take effect and send their own answers only when the fault is released."""
        return self.fail(method, path, times=times, after_effect=True, hold=True)

    def latency_s(self, method: str, path: str) -> float:
        """Draw the seconds that this request takes."""
        low_high = next(
            (
                span
                for (route_method, template), span in self.route_latency_ms.items()
                if route_method in {"*", method} and path_matches(template, path)
            ),
            self.rest_latency_ms,
        )
        return self._draw_s(low_high)

    def lag_s(self) -> float:
        """Draw the seconds between an effect and the sending of its event."""
        return self._draw_s(self.event_lag_ms)

    def invite_delete_first(self) -> bool:
        """Return whether the next INVITE_DELETE goes before its member add."""
        if self.invite_delete_order == "random":
            return self.chance.random() < 0.5
        return self.invite_delete_order == "before"

    def _draw_s(self, low_high_ms: tuple[float, float]) -> float:
        low, high = low_high_ms
        return (low if high <= low else self.chance.uniform(low, high)) / 1000
