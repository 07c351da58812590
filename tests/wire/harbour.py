"""A server with counters on the wire, in which time can be put forward; for more than one test module."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import discord
import pytest

import bot.client
from bot.clock import SystemClock
from bot.config import Config, DiscordConfig
from bot.parts import Parts
from bot.sandbox.connect import running
from bot.sandbox.people import Person
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import RestRequest, World
from cogs.serverstats.counters.service import CountersService
from cogs.serverstats.service import ServerstatsService
from storage.counters import Counter, fetch_counters
from storage.database import Database
from tests.cogs.serverstats.counters import wiring
from tests.wire.town import WiredBot

CHANNEL = "/channels/{id}"
AT_ONCE_SECONDS = 15.0
"""Far above what a request takes here, and far below what Discord asks to wait."""


class TravellingClock(SystemClock):
    """The machine's clock, which a test can put forward; the bot and the limits of the local Discord share it."""

    def __init__(self) -> None:
        self._ahead_seconds = 0.0

    def pass_time(self, minutes: float) -> None:
        self._ahead_seconds += minutes * 60

    def now_ms(self) -> int:
        return super().now_ms() + int(self._ahead_seconds * 1000)

    def monotonic(self) -> float:
        return super().monotonic() + self._ahead_seconds


class Harbour:
    """A local Discord with a server, and the bot with its counters, which can be stopped and started."""

    def __init__(self, world: World, server: SandboxServer, folder: Path, clock: TravellingClock) -> None:
        self.world = world
        self.server = server
        self.clock = clock
        self.guild = next(iter(world.guilds.values()))
        self.channel = world.first_channel(self.guild.id)
        self._path = folder / "headcount.sqlite3"
        self._life = AsyncExitStack()
        self.bot: WiredBot | None = None

    async def start(self) -> None:
        """Start the bot on the database of its last life."""
        database = await Database.open(self._path, now_ms=self.clock.now_ms())
        self._life.push_async_callback(database.close)
        config = Config(discord=DiscordConfig(shard_count=1))
        self.bot = WiredBot(Parts.assemble(config, database, self.clock))
        await self._life.enter_async_context(running(self.bot, self.server))

    async def stop(self) -> None:
        """Stop it as SIGTERM does."""
        self.bot = None
        await self._life.aclose()
        self._life = AsyncExitStack()

    @property
    def client(self) -> WiredBot:
        """The bot that is running."""
        assert self.bot is not None
        return self.bot

    @property
    def service(self) -> CountersService:
        """The use cases of the bot that is running."""
        cog: Any = self.client.get_cog("CounterCog")
        service: CountersService = cog.counters
        return service

    @property
    def module(self) -> ServerstatsService:
        """Its module."""
        cog: Any = self.client.get_cog("CounterCog")
        module: ServerstatsService = cog.module
        return module

    @property
    def seen_guild(self) -> discord.Guild:
        """The guild as the bot has it."""
        found = self.client.get_guild(self.guild.id)
        assert found is not None
        return found

    async def make(self, counter_type: int = 6, **options: Any) -> Counter:
        """Make a counter whose channel the bot has heard of."""
        view = await self.service.create(self.guild.id, counter_type, **options)
        await self.world.until(lambda: self.seen_guild.get_channel(view.counter.channel_id))
        return view.counter

    async def grow(self) -> None:
        """Let somebody join, and wait until the bot counts them."""
        before = self.seen_guild.member_count
        self.world.join(self.guild.id, self.world.add_person(f"p{len(self.world.users)}").id)
        await self.world.until(lambda: self.seen_guild.member_count != before)

    async def update(self, minutes: float = 0) -> None:
        """Let the time go by and bring all counters up to date, which must never wait for a rate limit."""
        self.clock.pass_time(minutes)
        async with asyncio.timeout(AT_ONCE_SECONDS):
            await self.service.update_all()

    async def counters(self) -> tuple[Counter, ...]:
        """Return what is stored."""
        async with self.client.parts.database.read() as rx:
            return await fetch_counters(rx, self.guild.id)

    def name_of(self, counter: Counter) -> str | None:
        """Return the name that people see."""
        return self.world.channels[counter.channel_id].name

    async def seen_name(self, counter: Counter, name: str) -> None:
        """Wait until the bot has heard of this name."""

        def is_seen() -> bool:
            channel = self.seen_guild.get_channel(counter.channel_id)
            return channel is not None and channel.name == name

        await self.world.until(is_seen)

    def renames(self) -> list[RestRequest]:
        """Return the changes of channels that were asked for."""
        return self.world.requests("PATCH", CHANNEL)

    def messages(self) -> list[str]:
        """Return what stands in the first channel."""
        person = Person(self.world, self.guild.id, self.guild.owner_id)
        return [message.content for message in person.messages(self.channel.id)]


@asynccontextmanager
async def harbour(folder: Path, *, crowd: int = 0, online: int = 0) -> AsyncIterator[Harbour]:
    """Run a server in which the module is enabled; at its end no request may have met a gap."""
    clock = TravellingClock()
    world = World()
    guild = world.make_guild("Harbour")
    if crowd:
        crew = world.create_role(guild.id, "Crew")
        world.add_crowd(guild.id, crowd, online=online, role_ids=[crew.id])
    async with SandboxServer(world) as server:
        assert server._api is not None
        server._api._clock = clock
        here = Harbour(world, server, folder, clock)
        try:
            await here.start()
            await here.module.enable(guild.id)
            yield here
        finally:
            await here.stop()
    assert world.gaps == []


@pytest.fixture(autouse=True)
def counters_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load the counters and nothing else."""
    monkeypatch.setattr(bot.client, "EXTENSIONS", (wiring.NAME,))
    monkeypatch.setattr(bot.client, "INTENTS", wiring.INTENTS)
