"""Answering: what 200 requests a second from another process cost the recorder, while messages come at a fixed pace.

Stretches without requests and stretches with them take turns in one run, so that both see the same machine and the same
database. The cost is the median, over the pairs, of how much longer the 99th percentile of the delay is: from a message's
sending until the commit that contains it.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any, cast

import aiohttp
import discord
import orjson
from pydantic import SecretStr

from bot.client import HeadcountClient
from bot.clock import SystemClock
from bot.config import Config, HttpConfig, StorageConfig
from bot.parts import Parts
from bot.sandbox.connect import running
from bot.sandbox.separate import SeparateSandbox
from bot.sandbox.server import SandboxServer
from bot.web.application import find_routers
from bot.web.server import WebServer
from cogs.invite_tracker.settings import MODULE as INVITE_TRACKER
from cogs.invite_tracker.settings import InviteTrackerSettings
from cogs.serverstats.settings import MODULE as SERVERSTATS
from cogs.serverstats.settings import ServerstatsSettings
from storage.database import Database
from storage.guild_modules import insert_module
from storage.server_days import ServerDays
from storage.statistics.catalogue import Group
from storage.statistics.record_ids import time_ms_of
from storage.statistics.recording import insert_changes
from tests.bench.durability import TimedRecorder, message_templates
from tests.bench.goals import BenchError
from tests.bench.ingest import ROOT
from tests.bench.large import DAY_MS, Population, Stretch
from tests.bench.payloads import CHANNELS
from tests.clients import ReusingClient

OPERATOR_KEY = "operator-key-of-the-benchmark-0123456789abcdef"
SEED = 11
DAYS = 30
USERS = 2_000
CHANGES_PER_TRANSACTION = 20_000
REST_SECONDS = 1.0
"""Between two stretches, so that what one began is not counted in the other."""
READY_SECONDS = 30.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Load:
    """How much of everything."""

    events_per_s: int = 2_000
    requests_per_s: int = 200
    pairs: int = 4
    stretch_seconds: float = 8
    warm_up_seconds: float = 3
    stored_events: int = 200_000


class EndlessRecorder(TimedRecorder):
    """Notes what is committed until nobody wants it any more."""

    def delays_between(self, began_ms: float, ended_ms: float) -> list[float]:
        """Return the delays of the messages that were sent in this stretch."""
        return [
            at_ms - sent_ms
            for at_ms, ids in self.commits
            for sent_ms in map(time_ms_of, ids)
            if began_ms <= sent_ms < ended_ms
        ]


class Asker:
    """The client of the API in its own process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, seconds: float) -> Any:
        """Let it ask for so long, and return what came of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{seconds}\n".encode())
        line = await self._process.stdout.readline()
        if not line:
            raise BenchError("The client of the HTTP API ended too early.")
        return orjson.loads(line)


async def measure_answering(folder: Path, load: Load, tell: Callable[[str], None]) -> dict[str, Any]:
    """Return the delays of the recorder without requests and with them, and how the requests went.

    Raises BenchError when a stretch has no messages.
    """
    tell(
        f"HTTP API: {load.requests_per_s:,} requests a second beside {load.events_per_s:,} messages a second"
    )
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    clock = SystemClock()
    async with SeparateSandbox(channels=CHANNELS) as sandbox:
        guild_id = sandbox.address.guild_id
        database = await Database.open(folder / "answering.sqlite3", now_ms=clock.now_ms())
        try:
            await _furnish(database, guild_id, clock.now_ms(), load.stored_events)
            client, recorder = _make_client(database, clock)
            templates = message_templates(sandbox.address, clock.now_ms())
            user_id = templates[0]["payload"]["author"]["id"]
            async with (
                running(client, cast("SandboxServer", sandbox.address)),
                _answering(client) as url,
                _asking(url, guild_id, user_id, load.requests_per_s) as asker,
            ):
                await sandbox.begin_flood(templates, rate_per_s=load.events_per_s)
                # What a start and the first answers cost is no matter of this.
                await asyncio.sleep(load.warm_up_seconds)
                await asker.ask(load.warm_up_seconds)
                pairs = [await _take_pair(recorder, asker, load.stretch_seconds) for _ in range(load.pairs)]
                await sandbox.end_flood()
                await recorder.flush()
        finally:
            await database.close()
    return _figures([pair.judged(recorder) for pair in pairs], [pair.asked for pair in pairs], load)


@dataclass(frozen=True, slots=True)
class Pair:
    """When nobody asked, when somebody did (UTC epoch milliseconds), and how that went."""

    quiet_ms: tuple[float, float]
    asked_ms: tuple[float, float]
    asked: Any

    def judged(self, recorder: EndlessRecorder) -> tuple[float, float]:
        """Return the 99th percentile of the delay without requests, and with them."""
        return _p99(recorder.delays_between(*self.quiet_ms)), _p99(recorder.delays_between(*self.asked_ms))


async def _take_pair(recorder: EndlessRecorder, asker: Asker, seconds: float) -> Pair:
    await asyncio.sleep(REST_SECONDS)
    quiet_ms = _now_ms()
    await asyncio.sleep(seconds)
    asked_ms = _now_ms()
    asked = await asker.ask(seconds)
    return Pair((quiet_ms, asked_ms), (asked_ms, asked_ms + seconds * 1000), asked)


def _now_ms() -> float:
    return time.time() * 1000


def _p99(delays_ms: Sequence[float]) -> float:
    if len(delays_ms) < 100:
        raise BenchError("Hardly a message was recorded while the HTTP API was measured.")
    return quantiles(delays_ms, n=100)[98]


def _figures(p99s: Sequence[tuple[float, float]], asked: Sequence[Any], load: Load) -> dict[str, Any]:
    return {
        "recorder_extra_ms": round(median(busy - quiet for quiet, busy in p99s), 1),
        "recorder_p99_ms": round(median(quiet for quiet, _busy in p99s), 1),
        "recorder_p99_asked_ms": round(median(busy for _quiet, busy in p99s), 1),
        "pairs": [{"quiet_ms": round(quiet, 1), "asked_ms": round(busy, 1)} for quiet, busy in p99s],
        "requests": sum(one["requests"] for one in asked),
        "errors": sum(one["errors"] for one in asked),
        "failures": [failure for one in asked for failure in one["failures"]][:5],
        "requests_per_s": load.requests_per_s,
        "events_per_s": load.events_per_s,
        "answer_p50_ms": median(one["p50_ms"] for one in asked),
        "answer_p99_ms": median(one["p99_ms"] for one in asked),
    }


def _make_client(database: Database, clock: SystemClock) -> tuple[HeadcountClient, EndlessRecorder]:
    config = Config(
        storage=StorageConfig(path=database.path),
        http=HttpConfig(
            enabled=True, port=0, operator_key=SecretStr(OPERATOR_KEY), requests_per_minute=1_000_000
        ),
    )
    recorder = EndlessRecorder(database, clock, config.recorder, sys.maxsize)
    return ReusingClient(replace(Parts.assemble(config, database, clock), recorder=recorder)), recorder


async def _furnish(database: Database, guild_id: int, now_ms: int, events: int) -> None:
    """Enable both modules, and store what was recorded in the days before."""
    statistics = ServerstatsSettings(enabled_groups=frozenset(Group))
    async with database.write() as tx:
        await insert_module(tx, guild_id, SERVERSTATS, now_ms, statistics.model_dump_json())
        await insert_module(tx, guild_id, INVITE_TRACKER, now_ms, InviteTrackerSettings().model_dump_json())
    stretch = Stretch(start_ms=(now_ms // DAY_MS - DAYS) * DAY_MS, days=DAYS)
    changes = (
        change._replace(guild_id=guild_id) for change in Population(SEED, USERS).changes(stretch, events)
    )
    days: dict[int, ServerDays] = {}
    for batch in _in_batches(changes):
        async with database.write() as tx:
            await insert_changes(tx, batch, days, lambda _guild_id, _user_id: False)


def _in_batches(changes: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(changes, CHANGES_PER_TRANSACTION)):
        yield batch


@asynccontextmanager
async def _answering(client: HeadcountClient) -> AsyncIterator[str]:
    """Run the HTTP server of the bot, and wait until it has answers."""
    server = WebServer(client, find_routers())
    await server.start()
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(READY_SECONDS):
            # The bot announces to nobody in here that it is ready.
            while (await session.get(f"{server.url}/readyz")).status != 200:  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)
        yield server.url
    finally:
        await server.close()


@asynccontextmanager
async def _asking(url: str, guild_id: int, user_id: str, rate: float) -> AsyncIterator[Asker]:
    """Run the client of the API in its own process."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.asking", url, str(guild_id), user_id, str(rate)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(f"{OPERATOR_KEY}\n".encode())
    try:
        yield Asker(process)
    finally:
        process.stdin.close()
        if process.returncode is None:
            process.kill()
        await process.wait()
        # Nobody reads on; without this the pipes would be closed only when they are collected.
        process._transport.close()  # type: ignore[attr-defined]
