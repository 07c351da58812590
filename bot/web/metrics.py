"""How the bot is doing, in numbers: for Prometheus, which asks again and again. No number is about one server or one person."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import __version__
from bot.clock import Clock
from bot.web.context import WebContext

DURATIONS_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
NO_ROUTE: Final = "none"
"""Stands for every path that is none of ours, and for requests that were refused before anybody looked."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})

router = APIRouter(tags=["Operation"])


class Metrics:
    """The numbers of one application."""

    def __init__(self, context: WebContext) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_HealthCollector(context))
        self._requests = Counter(
            "headcount_http_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._durations = Histogram(
            "headcount_http_request_seconds",
            "How long answers took.",
            ("method", "route"),
            buckets=DURATIONS_SECONDS,
            registry=self.registry,
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._durations.labels(method, route).observe(seconds)


class RequestWatch:
    """Counts what goes through it, by the template of the path: its labels are as many as there are endpoints."""

    def __init__(self, app: ASGIApp, metrics: Metrics, clock: Clock) -> None:
        self._app = app
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status: int | None = None

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = self._clock.monotonic()
        try:
            await self._app(scope, receive, note_status)
        finally:
            if status is not None:
                route = _template_of(scope)
                self._metrics.note(scope["method"], route, status, self._clock.monotonic() - began)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    operation_id="metrics",
)
async def metrics(request: Request) -> Response:
    """Give the numbers of the bot and of its requests, for Prometheus."""
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    body = encode(request.app.state.metrics.registry)
    return Response(body, headers={"Content-Type": content_type})


class _HealthCollector(Collector):
    """Reads how the bot is doing at the moment at which it is asked."""

    def __init__(self, context: WebContext) -> None:
        self._context = context

    def collect(self) -> Iterator[Metric]:
        client = self._context.client
        health = client.health.snapshot()
        yield InfoMetricFamily("headcount_build", "Which version this is.", {"version": __version__})
        yield _gauge("headcount_ready", "Whether Discord is connected.", self._context.is_ready)
        yield _gauge("headcount_guilds", "Servers that the bot is in.", len(client.guilds))
        recorder = health.recorder
        yield _gauge("headcount_records_waiting", "Records that are not stored yet.", recorder.waiting)
        yield _gauge(
            "headcount_records_capacity", "Records for which there is room to wait.", recorder.capacity
        )
        yield CounterMetricFamily("headcount_records_lost", "Records that had to be given up.", recorder.lost)
        yield _gauge(
            "headcount_recording_failing_seconds",
            "For how long the database cannot be written; 0 when it can.",
            recorder.failing_seconds or 0,
        )
        if (flush := recorder.last_flush) is not None:
            yield _gauge(
                "headcount_flush_seconds", "How long storing took the last time.", flush.took_seconds
            )
            yield _gauge("headcount_flush_records", "Records that were stored the last time.", flush.records)
            yield _gauge("headcount_flush_timestamp_seconds", "When that was.", flush.ended_at_ms / 1000)
        shards = [(str(shard.shard_id), shard) for shard in health.shards]
        yield _by_label(
            "headcount_shard_steady",
            "Whether a shard is connected without interruption.",
            "shard",
            [(name, shard.steady_since_ms is not None) for name, shard in shards],
        )
        yield _by_label(
            "headcount_shard_latency_seconds",
            "How long Discord takes to answer.",
            "shard",
            [(name, shard.latency_seconds) for name, shard in shards],
        )
        yield _by_label(
            "headcount_shard_heartbeat_age_seconds",
            "How long ago everything was certainly on record.",
            "shard",
            [(name, shard.beat_age_seconds) for name, shard in shards],
        )
        yield _by_label(
            "headcount_job_failures_in_a_row",
            "How often a job failed since it worked.",
            "job",
            [(job.name, job.failures_in_a_row) for job in health.jobs],
        )
        yield _by_label(
            "headcount_job_seconds",
            "How long a job took the last time.",
            "job",
            [(job.name, job.took_seconds) for job in health.jobs],
        )
        yield _by_label(
            "headcount_job_timestamp_seconds",
            "When a job ended the last time.",
            "job",
            [
                (job.name, None if job.last_ended_at_ms is None else job.last_ended_at_ms / 1000)
                for job in health.jobs
            ],
        )
        if health.database_bytes is not None:
            yield _gauge("headcount_database_bytes", "The size of the database.", health.database_bytes)
        if health.free_bytes is not None:
            yield _gauge("headcount_disk_free_bytes", "What is free on its disk.", health.free_bytes)


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, float(value))


def _by_label(name: str, about: str, label: str, values: list[tuple[str, float | None]]) -> GaugeMetricFamily:
    """Return a number for each of several; those that are not known yet are left out."""
    family = GaugeMetricFamily(name, about, labels=(label,))
    for key, value in values:
        if value is not None:
            family.add_metric((key,), float(value))
    return family


def _template_of(scope: Scope) -> str:
    route: Any = scope.get("route")
    return str(getattr(route, "path_format", None) or getattr(route, "path", None) or NO_ROUTE)
