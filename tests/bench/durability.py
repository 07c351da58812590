"""Durability: how long after it was sent a message is committed, when they come at a fixed pace over a real websocket."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import quantiles
from typing import Any, cast

import discord

from bot.clock import Clock, SystemClock
from bot.config import Config, RecorderConfig, StorageConfig
from bot.parts import Parts
from bot.recorder import Recorder
from bot.sandbox.connect import running
from bot.sandbox.flood import FRESH_ID
from bot.sandbox.separate import Address, SeparateSandbox
from bot.sandbox.server import SandboxServer
from storage.database import Database
from storage.statistics.changes import Change
from storage.statistics.record_ids import time_ms_of
from tests.bench.goals import BenchError
from tests.bench.payloads import CHANNELS, build_crowd, build_messages
from tests.bench.ways import CROWD_SEED, count_stored, enable_statistics
from tests.clients import ReusingClient

TEMPLATES = 700
"""All of them go over in one request, of which aiohttp wants less than a megabyte. Each is by somebody else."""
TEMPLATES_SEED = 5
SETTLE_SECONDS = 20.0
POLL_SECONDS = 0.25


class TimedRecorder(Recorder):
    """The recorder, which also notes when what it was handed is committed."""

    def __init__(self, database: Database, clock: Clock, config: RecorderConfig, expected: int) -> None:
        super().__init__(database, clock, config)
        self._missing = expected
        self.done = asyncio.Event()
        self.commits: list[tuple[float, list[int]]] = []
        """UTC epoch milliseconds, and the ids of the records."""

    async def _store(self, batch: Sequence[Change]) -> None:
        await super()._store(batch)
        self.commits.append((time.time() * 1000, [change.record_id for change in batch]))
        self._missing -= len(batch)
        if self._missing <= 0:
            self.done.set()

    def delays_ms(self) -> list[float]:
        """Return for each message how long after it was sent it was committed: its id, and so its record's, tells when."""
        return [at_ms - time_ms_of(record_id) for at_ms, ids in self.commits for record_id in ids]


async def measure_durability(
    folder: Path, *, rate: int, count: int, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Let messages come at this rate a second, whether or not they are taken, and return how long each took to be durable.

    Raises BenchError when not every message arrives and is stored.
    """
    tell(f"Durability: {count:,} messages over a websocket, {rate:,} a second")
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    clock = SystemClock()
    async with SeparateSandbox(channels=CHANNELS) as sandbox:
        address = sandbox.address
        database = await Database.open(folder / "durability.sqlite3", now_ms=clock.now_ms())
        try:
            await enable_statistics(database, address.guild_id, clock.now_ms())
            config = Config(storage=StorageConfig(path=database.path))
            recorder = TimedRecorder(database, clock, config.recorder, count)
            parts = replace(Parts.assemble(config, database, clock), recorder=recorder)
            async with running(ReusingClient(parts), cast("SandboxServer", address)):
                await sandbox.begin_flood(
                    message_templates(address, clock.now_ms()), rate_per_s=rate, total=count
                )
                flood = await _wait_for(sandbox, recorder)
            stored = await count_stored(database)
        finally:
            await database.close()
    delays_ms = recorder.delays_ms()
    if not count == stored == len(delays_ms):
        raise BenchError(f"Of {count} messages {len(delays_ms)} were recorded and {stored} are stored.")
    cuts = quantiles(delays_ms, n=100)
    return {
        "p99_ms": round(cuts[98], 1),
        "p50_ms": round(cuts[49], 1),
        "most_ms": round(max(delays_ms), 1),
        "events": count,
        "events_per_s": rate,
        "events_per_s_sent": round(count / flood["elapsed_s"]),
        "commits": len(recorder.commits),
    }


async def _wait_for(sandbox: SeparateSandbox, recorder: TimedRecorder) -> Any:
    """Wait until all messages are sent and recorded, and return the state of the flood."""
    # The other process announces nothing.
    while (flood := await sandbox.flood_state())["running"]:  # noqa: ASYNC110
        await asyncio.sleep(POLL_SECONDS)
    with suppress(TimeoutError):
        await asyncio.wait_for(recorder.done.wait(), SETTLE_SECONDS)
    return flood


def message_templates(address: Address, now_ms: int) -> list[dict[str, Any]]:
    """Return the messages that a flood sends in turn; each is by somebody else."""
    crowd = replace(
        build_crowd(CROWD_SEED), guild_id=address.guild_id, channel_ids=address.channel_ids[:CHANNELS]
    )
    messages = build_messages(crowd, TEMPLATES, seed=TEMPLATES_SEED, first_ms=now_ms)
    return [
        {
            "event": "MESSAGE_CREATE",
            "payload": {**message, "id": FRESH_ID, "author": member["user"]},
            "label": "message",
        }
        for message, member in zip(messages, crowd.members, strict=False)
    ]
