"""Counters on the wire: the hidden limit of renames, restarts, large servers, and what is deleted while the bot is away."""

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
from tests.wire.town import AnswersLate, WiredBot, eventually

CHANNEL = "/channels/{id}"
AT_ONCE_SECONDS = 5.0
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


async def test_a_busy_hour_never_meets_the_limit_of_renames(tmp_path: Path) -> None:
    async with harbour(tmp_path) as here:
        counter = await here.make()
        for _minute in range(60):
            await here.grow()
            await here.update(minutes=1)
        await here.update(minutes=6)

        statuses = [request.status for request in here.renames()]
        assert set(statuses) == {200}
        assert 10 <= len(statuses) <= 11
        assert here.name_of(counter) == f"Members: {len(here.guild.members)}"


async def test_a_refused_rename_waits_for_its_time_and_nothing_waits_for_it(tmp_path: Path) -> None:
    """People renamed the channel while the bot was away: it cannot know, and Discord refuses for almost ten minutes."""
    async with harbour(tmp_path) as here:
        counter = await here.make()
        for name in ("a", "b"):
            here.server._api._limits.take_rename(counter.channel_id, here.clock.monotonic())  # type: ignore[union-attr]
            here.world.channels[counter.channel_id].name = name
        await here.stop()
        await here.start()
        await here.update()

        assert [request.status for request in here.renames()] == [429]
        (stored,) = await here.counters()
        assert stored.blocked_until_ms is not None
        assert 500_000 < stored.blocked_until_ms - here.clock.now_ms() <= 600_000

        channel = here.seen_guild.get_channel(counter.channel_id)
        assert isinstance(channel, discord.VoiceChannel)
        async with asyncio.timeout(AT_ONCE_SECONDS):
            await channel.edit(user_limit=7)
        assert here.world.channels[counter.channel_id].user_limit == 7

        await here.update(minutes=8)
        await here.stop()
        await here.start()
        await here.update()
        assert [request.status for request in here.renames()] == [429, 200]
        assert here.name_of(counter) == "b"
        await here.update(minutes=2.5)
        assert here.name_of(counter) == "Members: 2"


async def test_a_short_refusal_does_not_hold_up_another_change_of_the_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For up to 30 seconds discord.py waits inside of the request; what else is changed must not queue behind it."""
    monkeypatch.setattr("cogs.serverstats.counters.channels.RENAME_SECONDS", 1.0)
    async with harbour(tmp_path) as here:
        counter = await here.make()
        here.world.switches.fail(
            "PATCH",
            f"/channels/{counter.channel_id}",
            status=429,
            body={"retry_after": 20.0, "global": False},
        )
        await here.grow()
        update = asyncio.create_task(here.update())
        await here.world.until(lambda: [request.status for request in here.renames()] == [429])
        channel = here.seen_guild.get_channel(counter.channel_id)
        assert isinstance(channel, discord.VoiceChannel)

        await channel.edit(user_limit=7)

        assert not update.done()
        await update
        assert here.name_of(counter) == "Members: 2"
        await here.update(minutes=6)
        assert here.name_of(counter) == "Members: 3"


async def test_the_distance_between_renames_is_kept_across_a_restart(tmp_path: Path) -> None:
    async with harbour(tmp_path) as here:
        counter = await here.make()
        await here.grow()
        await here.update()
        assert here.name_of(counter) == "Members: 3"
        await here.stop()
        here.world.join(here.guild.id, here.world.add_person("late").id)
        await here.start()

        await here.update(minutes=5)
        assert here.name_of(counter) == "Members: 3"
        await here.update(minutes=1)
        assert here.name_of(counter) == "Members: 4"


async def test_a_channel_that_discord_cannot_rename_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.serverstats.counters.channels.RENAME_SECONDS", 0.5)
    async with harbour(tmp_path) as here:
        broken, sound = await here.make(), await here.make()
        here.world.switches.fail("PATCH", f"/channels/{broken.channel_id}", status=500, times=None)
        await here.grow()
        await here.update()
        assert here.name_of(broken) == "Members: 2"
        assert here.name_of(sound) == "Members: 3"
        (trouble,) = here.module.troubles(here.guild.id)
        assert trouble.startswith(f"Discord did not rename <#{broken.channel_id}>")

        here.world.switches.faults.clear()
        await here.update(minutes=6)
        assert here.name_of(broken) == "Members: 3"
        assert here.module.troubles(here.guild.id) == ()


async def test_the_roles_and_statuses_of_10_000_members_are_counted_without_caching_them(
    tmp_path: Path,
) -> None:
    async with harbour(tmp_path, crowd=10_000, online=3_000) as here:
        crew = next(role for role in here.guild.roles.values() if role.name == "Crew")
        members = await here.make(7, role_id=crew.id)
        online = await here.make(3, role_id=crew.id)
        everyone = await here.make(7, role_id=here.guild.id, format="All: <value>")
        statuses = await here.make(1)

        assert here.name_of(members) == "Crew: 10000"
        assert here.name_of(online) == "Online Crew: 3000"
        assert here.name_of(everyone) == "All: 10002"
        assert here.name_of(statuses) == "Online: 3000 · DND: 0 · Offline: 7002"

        # The first comes online, one of them leaves; no list is read again.
        crowd = [user_id for user_id, member in here.guild.members.items() if member.role_ids == [crew.id]]
        here.world.set_presence(here.guild.id, crowd[-1], "idle")
        here.world.leave(here.guild.id, crowd[0])
        here.world.edit_member(here.guild.id, crowd[1], {"role_ids": []})
        await here.world.until(lambda: here.seen_guild.member_count == 10_001)
        lists = len(here.world.requests("GET", "/guilds/{id}/members"))
        assert lists == 11

        async def is_shown() -> bool:
            await here.update(minutes=10)
            return here.name_of(online) == "Online Crew: 2999" and here.name_of(members) == "Crew: 9998"

        await eventually(is_shown, "the role counts follow")
        assert len(here.world.requests("GET", "/guilds/{id}/members")) == lists


async def test_who_came_online_before_the_counter_was_made_is_counted(tmp_path: Path) -> None:
    """discord.py drops the presences of members whom it has not cached: the gateway is asked for all of them once."""
    async with harbour(tmp_path, crowd=2_000) as here:
        crowd = list(here.guild.members)[-50:]
        for user_id in crowd:
            here.world.set_presence(here.guild.id, user_id, "online")
        await here.grow()
        assert here.name_of(await here.make(2)) == "Online: 50"
        assert here.name_of(await here.make(4)) == f"Offline: {len(here.guild.members) - 50}"
        assert len(here.seen_guild.members) < 1_000


async def test_a_role_taken_away_while_the_members_are_listed_is_not_given_back(tmp_path: Path) -> None:
    """The list was put together before, and arrives after the event."""
    async with harbour(tmp_path, crowd=20, online=20) as here:
        crew = next(role for role in here.guild.roles.values() if role.name == "Crew")
        crowd = [user_id for user_id, member in here.guild.members.items() if member.role_ids == [crew.id]]
        here.world.switches.chance = AnswersLate()
        here.world.switches.route_latency_ms["GET", "/guilds/{id}/members"] = (150, 150)
        request = f"GET /guilds/{here.guild.id}/members"
        making = asyncio.create_task(here.make(3, role_id=crew.id))
        await here.world.until(lambda: ("HTTP", request) in [one[:2] for one in here.world.transcript])
        for user_id in crowd[:5]:
            here.world.edit_member(here.guild.id, user_id, {"role_ids": []})
        assert here.name_of(await making) == "Online Crew: 15"


async def test_what_was_deleted_while_the_bot_was_away_is_found_out(tmp_path: Path) -> None:
    async with harbour(tmp_path) as here:
        gone, kept = await here.make(), await here.make(8)
        await here.stop()
        here.world.delete_channel(gone.channel_id)
        await here.start()
        await here.update()
        assert await here.counters() == (kept,)

        category_id = here.module.require_settings(here.guild.id).counters_category_id or 0
        await here.stop()
        here.world.delete_channel(category_id)
        await here.start()
        await here.update()
        assert await here.counters() == ()
        assert not here.module.require_settings(here.guild.id).counters_enabled
        assert kept.channel_id not in here.world.channels


async def test_a_category_deleted_under_the_bots_eyes_ends_the_counters(tmp_path: Path) -> None:
    async with harbour(tmp_path) as here:
        counter = await here.make()
        here.world.delete_channel(here.module.require_settings(here.guild.id).counters_category_id or 0)

        async def is_over() -> bool:
            settings = here.module.require_settings(here.guild.id)
            return not settings.counters_enabled and await here.counters() == ()

        await eventually(is_over, "the counters are gone")
        await here.world.until(lambda: counter.channel_id not in here.world.channels)


async def test_a_channel_that_discord_does_not_speak_of_clearly_is_kept(tmp_path: Path) -> None:
    async with harbour(tmp_path) as here:
        counter = await here.make()
        await here.stop()
        here.world.delete_channel(counter.channel_id)
        await here.start()
        here.world.switches.fail("GET", CHANNEL, status=503, times=1)
        await here.update()
        assert await here.counters() == (counter,)
        await here.update()
        assert await here.counters() == ()


@pytest.mark.parametrize("fault", ["lost answer", "broken answer", "restart"])
async def test_a_goal_is_announced_once_whatever_happens(tmp_path: Path, fault: str) -> None:
    async with harbour(tmp_path) as here:
        await here.make(goal=3, announce_channel_id=here.channel.id)
        await here.grow()
        if fault == "lost answer":
            here.world.switches.fail(
                "POST", "/channels/{id}/messages", drop_connection=True, after_effect=True
            )
        elif fault == "broken answer":
            here.world.switches.fail("POST", "/channels/{id}/messages", status=503, after_effect=True)
        await here.update(minutes=10)
        await here.stop()
        await here.start()
        await here.update(minutes=10)
        await here.update(minutes=10)

        assert here.messages() == ["🎉 The goal of **3** members is reached: there are **3** now!"]


async def test_two_updates_at_once_rename_and_announce_once(tmp_path: Path) -> None:
    async with harbour(tmp_path) as here:
        counter = await here.make(goal=3, announce_channel_id=here.channel.id)
        here.world.switches.rest_latency_ms = (20, 40)
        await here.grow()
        await asyncio.gather(*(here.update() for _ in range(5)))
        await here.seen_name(counter, "Members: 0")
        assert len(here.renames()) == 1
        assert len(here.messages()) == 1
