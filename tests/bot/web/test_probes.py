"""Whether the bot is alive and ready, as those who watch over it are told."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.health import DOWN_SECONDS, FAILING_SECONDS, STUCK_SECONDS, Health, ShardHealth
from bot.recorder import RecorderStatus
from bot.scheduler import JobHealth
from bot.web.probes import CONNECTING, OK, readiness_of
from bot.web.refusals import RETRY_SECONDS
from storage.database import Database
from tests.bot.web.http_servers import asking
from tests.discord_in_process import in_process
from tests.web.api import api_of, http_config

NOW_MS = 1_767_268_800_000
WELL = RecorderStatus(waiting=3, capacity=1000, lost=0, failing_since_ms=None, last_error=None)
FAILING = replace(WELL, failing_since_ms=NOW_MS, failing_seconds=0.5)
STEADY = ShardHealth(0, NOW_MS - 3_600_000, 3600, 0.04, NOW_MS, 0.0)
DOWN = ShardHealth(1, None, DOWN_SECONDS, None, NOW_MS)
ILL_JOB = JobHealth("retention", NOW_MS, NOW_MS, "no reason", 5, 15, 0.002, None, NOW_MS)


async def test_the_probes_need_no_key_and_answer_before_the_bot_is_connected(database: Database) -> None:
    async with asking(database, is_ready=False) as (_bot, client):
        alive = await client.get("/livez")
        ready = await client.get("/readyz")
    assert (alive.status_code, alive.json()) == (200, {"success": True, "data": {"status": "alive"}})
    assert ready.status_code == 503
    assert ready.headers["retry-after"] == str(RETRY_SECONDS)
    assert ready.json() == {
        "success": False,
        "data": {"gateway": CONNECTING, "database": OK, "pipeline": OK},
        "error": {"code": 503, "message": f"ServiceUnavailableError! {CONNECTING}"},
    }


async def test_a_bot_that_is_connected_is_ready(tmp_path: Path) -> None:
    async with in_process(tmp_path, config=http_config()) as place, api_of(place) as api:
        answer = await api.http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "data": {"gateway": OK, "database": OK, "pipeline": OK}}


@pytest.mark.parametrize(
    "health",
    [
        Health(WELL, (STEADY,)),
        Health(WELL, (STEADY, DOWN)),
        Health(WELL, (replace(DOWN, seconds=DOWN_SECONDS - 1),)),
        Health(WELL, (STEADY,), (ILL_JOB,)),
        Health(replace(WELL, waiting=600, lost=7), (STEADY,), free_bytes=1),
        Health(replace(WELL, waiting_seconds=STUCK_SECONDS - 1), (STEADY,)),
    ],
    ids=["well", "one shard down", "just interrupted", "a job fails", "busy and short of space", "slow"],
)
def test_what_does_not_keep_requests_from_being_answered_leaves_it_ready(health: Health) -> None:
    assert readiness_of(health, is_connected=True).reasons == ()


@pytest.mark.parametrize(
    ("health", "part", "sentence"),
    [
        (Health(WELL, (DOWN,)), "gateway", "The connection to Discord (shard 1) has been interrupted"),
        (Health(FAILING, (STEADY,)), "database", "The database could not be written since 2026-01-01T12:00"),
        (
            Health(replace(FAILING, failing_seconds=FAILING_SECONDS)),
            "database",
            "The database could not be written since",
        ),
        (
            Health(replace(WELL, waiting_seconds=STUCK_SECONDS), (STEADY,)),
            "pipeline",
            "3 records have been waiting for 30 seconds",
        ),
    ],
)
def test_a_part_that_does_not_work_says_why_and_the_others_are_ok(
    health: Health, part: str, sentence: str
) -> None:
    told = readiness_of(health, is_connected=True).model_dump()
    assert told.pop(part).startswith(sentence)
    assert set(told.values()) == {OK}


def test_before_the_first_connection_shards_say_nothing_more() -> None:
    assert readiness_of(Health(WELL, (DOWN,)), is_connected=False).reasons == (CONNECTING,)


async def test_a_database_that_cannot_be_written_makes_it_unready_until_it_can(tmp_path: Path) -> None:
    async with in_process(tmp_path, config=http_config()) as place, api_of(place) as api:
        recorder = place.client.parts.recorder
        recorder._failing_since_ms, recorder._failing_since = NOW_MS, place.clock.monotonic()
        answer = await api.http.get("/readyz")
        recorder._failing_since_ms = recorder._failing_since = None
        assert (await api.http.get("/readyz")).status_code == 200
    assert answer.status_code == 503
    assert answer.json()["data"]["database"].startswith("The database could not be written since")
    assert place.guild.name not in answer.text
