"""The bot's health on the wire: a database that is locked, a connection that stays away, and what is told of them."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.health import DOWN_SECONDS, FAILING_SECONDS, HealthState, health_lines, state_of, troubles_of
from bot.parts import Parts
from bot.sandbox.connect import running
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import World
from bot.settings.guild_settings import GuildSettings
from cogs.serverstats.settings import ServerstatsSettings
from storage.database import Database
from tests.wire.square import EVERYTHING, Square
from tests.wire.town import WiredBot, quick_config

LOOK = "health"


class TravellingClock(SystemClock):
    """The machine's clock, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead_seconds = 0.0

    def now_ms(self) -> int:
        return super().now_ms() + int(self.ahead_seconds * 1000)

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_seconds


class Watched(Square):
    """A square whose bot tells how it is doing."""

    clock: TravellingClock

    async def start(self) -> None:
        """Start the bot with a clock that can be put forward."""
        self.clock = TravellingClock()
        database = await Database.open(self.path, now_ms=self.clock.now_ms())
        self._life.push_async_callback(database.close)
        self.bot = WiredBot(Parts.assemble(self.config, database, self.clock))
        await self._life.enter_async_context(running(self.bot, self.server))
        await self.present()

    async def look(self) -> None:
        """Look at the bot's health now."""
        await self.client.parts.scheduler.run_now(LOOK)

    def state(self) -> HealthState:
        """How the bot is doing."""
        return state_of(troubles_of(self.client.health.snapshot()))

    def told(self) -> list[str]:
        """Return the titles of the embeds in the first channel."""
        stored = self.world.messages.get(self.channel.id, {}).values()
        return [embed["title"] for message in stored for embed in message.embeds]


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[Watched]:
    world = World()
    guild = world.make_guild("Harbour")
    config = quick_config()
    recorder = config.recorder.model_copy(update={"flush_interval_ms": 20, "retry_seconds": 0.05})
    async with SandboxServer(world) as server:
        here = Watched(world, server, folder, config.model_copy(update={"recorder": recorder}), guild)
        await here.enable_before_start(ServerstatsSettings(enabled_groups=EVERYTHING))
        try:
            await here.start()
            yield here
        finally:
            await here.stop()
    assert world.gaps == []


def changes(caplog: pytest.LogCaptureFixture) -> list[tuple[Any, Any]]:
    """Return each change of health that was logged: to which state, and by what."""
    return [
        (vars(record)["state"], vars(record)["troubles"])
        for record in caplog.records
        if vars(record).get("event") == "health_changed"
    ]


async def test_while_the_database_is_locked_admins_and_operator_are_told_once_and_nothing_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT_SECONDS", 0)
    async with watched(tmp_path) as here:
        book = here.client.parts.guild_settings
        await book.save(here.guild.id, GuildSettings(log_channel_id=here.channel.id), 0)
        recorder = here.client.parts.recorder
        await here.look()
        assert here.state() is HealthState.OK
        with closing(sqlite3.connect(here.path, isolation_level=None, check_same_thread=False)) as other:
            # Not in the loop: the bot may be within a transaction, which it could not end then.
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            for _ in range(5):
                here.world.say(here.channel.id, here.ada.id, "hello")
            await here.world.until(lambda: recorder.status.failing_since_ms is not None)
            await here.look()
            assert (here.state(), here.told()) == (HealthState.DEGRADED, [])
            here.clock.ahead_seconds += FAILING_SECONDS
            await here.look()
            await here.look()
            await here.world.until(lambda: here.told() == ["Recording fails"])
            assert here.state() is HealthState.FAILING
            other.execute("ROLLBACK")
        await here.world.until(lambda: recorder.status.failing_since_ms is None)
        await here.look()
        here.clock.ahead_seconds += FAILING_SECONDS
        await here.look()
        await here.world.until(lambda: here.told() == ["Recording fails", "Recording works again"])
        await here.look()
        # Five of ada, and the two of the bot.
        counted = await here.counted(sent=7)

    assert counted["sent"] == 7
    assert [change for change in changes(caplog) if not change[1].startswith("job")] == [
        ("degraded", "database"),
        ("failing", "database"),
        ("ok", ""),
    ]


async def test_a_connection_that_stays_away_is_told_with_how_far_the_record_reaches_and_so_is_its_return(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with watched(tmp_path) as here:
        await here.world.until(lambda: here.client.lifecycle.beats_on_record)
        await here.look()
        (shard,) = here.client.health.snapshot().shards
        assert shard.steady_since_ms is not None
        assert any(
            line.startswith("Connection: steady") for line in health_lines(here.client.health.snapshot(), 0)
        )
        here.world.switches.refuse_connections = True
        await here.server.gateway.drop_sockets()
        await here.world.until(lambda: here.client.parts.intake.steady_since_ms(0) is None)
        await here.look()
        assert here.state() is HealthState.OK
        here.clock.ahead_seconds += DOWN_SECONDS
        await here.look()
        (trouble,) = troubles_of(here.client.health.snapshot())
        (shard,) = here.client.health.snapshot().shards
        assert trouble.state is HealthState.FAILING
        assert f"<t:{(shard.beat_at_ms or 0) // 1000}:R>" in trouble.text
        assert "Connection: interrupted" in health_lines(here.client.health.snapshot(), 0)
        here.world.switches.refuse_connections = False
        await here.world.until(lambda: here.client.parts.intake.steady_since_ms(0) is not None, timeout_s=30)
        await here.look()

    assert changes(caplog) == [("failing", "shard 0"), ("ok", "")]
    events = [vars(record).get("event") for record in caplog.records]
    assert events.index("shard_disconnected") < events.index("health_changed")


async def test_a_connection_that_is_cut_while_one_server_is_told_keeps_no_other_from_being_told(
    tmp_path: Path,
) -> None:
    async with watched(tmp_path) as here:
        other = here.world.make_guild("Lighthouse")
        channels = {here.guild.id: here.channel, other.id: here.world.first_channel(other.id)}
        first_id, second_id = sorted(channels)
        await here.world.until(lambda: here.client.get_guild(other.id))
        for guild_id, channel in channels.items():
            await here.client.parts.guild_settings.save(
                guild_id,
                GuildSettings(log_channel_id=channel.id),
                here.client.parts.guild_settings.version_of(guild_id),
            )
        path = f"/channels/{channels[first_id].id}/messages"
        here.world.switches.fail("POST", path, drop_connection=True, times=None)
        await here.client.health._tell_each(frozenset(channels), True, False)
        assert not here.world.messages.get(channels[first_id].id)
        assert here.world.messages.get(channels[second_id].id)
