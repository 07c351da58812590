"""The numbers for Prometheus: those of the bot when it is asked, and those of the requests."""

from pathlib import Path
from typing import Annotated

import httpx
from fastapi import Path as PathField
from fastapi import Response
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from bot import __version__
from bot.web.envelope import success
from bot.web.routing import ApiRouter
from storage.database import Database
from storage.statistics.catalogue import Group
from tests.bot.web.http_servers import AS_OPERATOR, SetClock, asking
from tests.discord_in_process import in_process
from tests.web.api import api_of, http_config

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def scrape(client: httpx.AsyncClient) -> Samples:
    """Return every number by its name and labels."""
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = list(read_text(answer.text))
    assert all(family.documentation.endswith(".") for family in families if "_created" not in family.name)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def number(samples: Samples, name: str, **labels: str) -> float:
    return samples[f"headcount_{name}", frozenset(labels.items())]


def make_router(clock: SetClock) -> ApiRouter:
    router = ApiRouter("/things", "Things")

    @router.endpoint("GET", "/{thing_id}", right=None)
    async def find_thing(thing_id: Annotated[int, PathField()]) -> Response:
        """Find a thing, which takes 0.2 seconds."""
        clock.seconds += 0.2
        return success({"id": thing_id})

    @router.endpoint("POST", "/broken", right=None)
    async def break_thing() -> Response:
        """Fail in a way that nobody foresaw."""
        raise RuntimeError("a bug")

    return router


async def test_it_tells_how_the_bot_is_doing_when_it_is_asked(tmp_path: Path) -> None:
    async with in_process(tmp_path, config=http_config()) as place, api_of(place) as api:
        before = await scrape(api.http)
        await place.client.health.look()
        place.env.create_guild("Haven")
        await place.env.settle()
        recorder = place.client.parts.recorder
        recorder._lost = 3
        text = (await api.http.get("/metrics")).text
        after = await scrape(api.http)
    assert number(before, "build_info", version=__version__) == 1
    assert number(before, "ready") == 1
    assert (number(before, "guilds"), number(after, "guilds")) == (1, 2)
    assert number(before, "records_capacity") == 200_000
    assert (number(before, "records_lost_total"), number(after, "records_lost_total")) == (0, 3)
    assert number(before, "shard_steady", shard="0") == 1
    assert number(before, "job_failures_in_a_row", job="health") == 0
    assert ("headcount_database_bytes", frozenset()) not in before
    assert number(after, "database_bytes") > 0
    assert number(after, "disk_free_bytes") > 0
    for telling in ("Haven", "Harbour", str(place.guild.id), "ada"):
        assert telling not in text


async def test_it_answers_before_the_bot_is_connected(database: Database) -> None:
    async with asking(database, is_ready=False) as (_bot, client):
        samples = await scrape(client)
    assert number(samples, "ready") == number(samples, "guilds") == 0


async def test_a_flush_is_told_with_how_long_it_took(tmp_path: Path) -> None:
    async with in_process(tmp_path, config=http_config()) as place, api_of(place) as api:
        recorder = place.client.parts.recorder
        recorder.want(place.guild.id, frozenset(Group))
        assert recorder.record("modules/tickets/created", place.guild.id)
        waiting = await scrape(api.http)
        await recorder.flush()
        stored = await scrape(api.http)
    assert (number(waiting, "records_waiting"), number(stored, "records_waiting")) == (1, 0)
    assert ("headcount_flush_records", frozenset()) not in waiting
    assert number(stored, "flush_records") == 1
    assert number(stored, "flush_timestamp_seconds") == place.clock.now_ms() / 1000


async def test_requests_are_counted_by_the_template_of_their_path(database: Database) -> None:
    clock = SetClock()
    async with asking(database, make_router(clock), clock=clock) as (_bot, client):
        for thing_id in ("1", "2", "x"):
            await client.get(f"/things/{thing_id}", headers=AS_OPERATOR)
        await client.post("/things/broken", headers=AS_OPERATOR)
        await client.get("/things/3")
        await client.get("/nowhere/1", headers=AS_OPERATOR)
        await client.request("BREW", "/things/4", headers=AS_OPERATOR)
        samples = await scrape(client)
    requests = {
        (labels["method"], labels["route"], labels["status"]): value
        for (name, pairs), value in samples.items()
        if name == "headcount_http_requests_total" and (labels := dict(pairs))
    }
    assert requests == {
        ("GET", "/things/{thing_id}", "200"): 2,
        ("GET", "/things/{thing_id}", "400"): 1,
        ("POST", "/things/broken", "500"): 1,
        ("GET", "none", "401"): 1,
        ("GET", "none", "404"): 1,
        ("other", "/things/{thing_id}", "405"): 1,
    }
    took = {"method": "GET", "route": "/things/{thing_id}"}
    assert number(samples, "http_request_seconds_count", **took) == 3
    assert number(samples, "http_request_seconds_bucket", **took, le="0.1") == 1
    assert number(samples, "http_request_seconds_bucket", **took, le="0.25") == 3


async def test_several_bots_in_one_process_do_not_share_numbers(database: Database) -> None:
    async with asking(database) as (_bot, first), asking(database) as (_other, second):
        await first.get("/livez")
        key = (
            "headcount_http_requests_total",
            frozenset({"method": "GET", "route": "/livez", "status": "200"}.items()),
        )
        assert key in await scrape(first)
        assert key not in await scrape(second)


async def test_it_speaks_openmetrics_where_that_is_wanted(database: Database) -> None:
    async with asking(database) as (_bot, client):
        answer = await client.get(
            "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}
        )
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert "headcount_build" in {family.name for family in read_openmetrics(answer.text)}  # type: ignore[no-untyped-call]
