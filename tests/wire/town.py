"""What the wire tests share: the real bot, a local Discord, and the truth to hold the bot's records against."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, cast

import discord

from bot.clock import SystemClock
from bot.config import Config, DiscordConfig, HeartbeatConfig, InviteTrackerConfig, RetentionConfig
from bot.parts import Parts
from bot.sandbox.connect import running
from bot.sandbox.people import Person
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import Channel, Guild, Invite, JoinSource, User, World
from cogs.invite_tracker.service import InviteTrackerService, TrackerInfo
from cogs.invite_tracker.settings import InviteTrackerSettings
from storage.database import Database
from storage.invites import fetch_known_invites, fetch_unexplained_rises
from storage.joins import fetch_joins_of_members
from storage.records import Candidate, Certainty, Join, KnownInvite, Source, UnexplainedRise
from tests.clients import ReusingClient

INVITE_LIST = "/guilds/{id}/invites"
VANITY_URL = "/guilds/{id}/vanity-url"
TIMEOUT_S = 20.0

QUICK = InviteTrackerConfig(lag_bound_ms=150, clock_margin_ms=60, existing_members=False)
"""Both sides read the clock of one machine, and nothing is far away."""

COUNTERLESS = {Source.UNKNOWN, Source.DISCOVERY, Source.INTEGRATION, Source.HUB}


class AnswersLate(Random):
    """Chance that lets every request take effect at once and spend its whole latency on the way back."""

    def random(self) -> float:
        return 0.0


class TakesEffectLate(Random):
    """Chance that lets every request spend its whole latency on the way there."""

    def random(self) -> float:
        return 1.0


class WiredBot(ReusingClient):
    """The bot without the five seconds that discord.py waits between two shards, and two before it is ready."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._connection.guild_ready_timeout = 0.1

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Let every shard identify at once."""


async def eventually(
    condition: Callable[[], Awaitable[bool]], what: str, timeout_s: float = TIMEOUT_S
) -> None:
    """Wait until the condition holds; fails with `what` was waited for."""
    try:
        async with asyncio.timeout(timeout_s):
            # The condition reads the database, which no event of ours announces.
            while not await condition():  # noqa: ASYNC110
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"It did not happen within {timeout_s:.0f} seconds: {what}.") from None


class Town:
    """A local Discord with a guild, two old members who make invites, and the bot, which can be stopped and started."""

    def __init__(
        self, world: World, server: SandboxServer, folder: Path, config: Config, guild: Guild
    ) -> None:
        self.world = world
        self.server = server
        self.path = folder / "headcount.sqlite3"
        self.config = config
        self.guild = guild
        self.channel: Channel = world.first_channel(guild.id)
        self.ada = self.old_member("ada")
        self.ben = self.old_member("ben")
        self.bot: WiredBot | None = None
        self._life = AsyncExitStack()
        self._newcomers = 0

    # The bot

    async def start(self) -> None:
        """Start the bot on the database of its last life; returns when discord.py is ready."""
        clock = SystemClock()
        database = await Database.open(self.path, now_ms=clock.now_ms())
        self._life.push_async_callback(database.close)
        parts = Parts.assemble(self.config, database, clock)
        self.bot = WiredBot(parts)
        await self._life.enter_async_context(running(self.bot, self.server))

    async def stop(self) -> None:
        """Stop the bot as SIGTERM does."""
        self.bot = None
        await self._life.aclose()
        self._life = AsyncExitStack()

    @property
    def client(self) -> WiredBot:
        """The bot that is running."""
        assert self.bot is not None
        return self.bot

    @property
    def database(self) -> Database:
        """The database of the bot that is running."""
        return self.client.parts.database

    @property
    def service(self) -> InviteTrackerService:
        """The use cases of the bot that is running."""
        # discord.py imports an extension anew for every bot, so its classes are never ours.
        cog: Any = self.client.get_cog("InviteTrackerCommands")
        return cast("InviteTrackerService", cog.service)

    @property
    def seen_guild(self) -> discord.Guild:
        """The guild as the bot has it."""
        found = self.client.get_guild(self.guild.id)
        assert found is not None
        return found

    @property
    def seen_permissions(self) -> discord.Permissions:
        """What the bot believes that it may do in the guild."""
        return self.seen_guild.me.guild_permissions

    async def info(self, guild_id: int | None = None) -> TrackerInfo:
        """Return what `/invite_tracker info` says."""
        return await self.service.describe(guild_id or self.guild.id)

    async def enable(self, guild_id: int | None = None) -> None:
        """Enable the module and wait for the first look at the counters."""
        guild_id = guild_id or self.guild.id
        await self.service.enable(guild_id)
        await self.caught_up(guild_id)
        await self.calm(guild_id)

    async def caught_up(self, guild_id: int | None = None) -> None:
        """Wait until the bot knows the members and the counters of the guild."""

        async def is_caught_up() -> bool:
            status = (await self.info(guild_id)).status
            return status.is_caught_up and status.last_answer_at_ms is not None

        await eventually(is_caught_up, "the bot has caught up")

    async def calm(self, guild_id: int | None = None) -> None:
        """Wait until the last look is so long ago that no margin for the clocks reaches back to it."""
        answered_at_ms = (await self.info(guild_id)).status.last_answer_at_ms or 0
        calm_at_ms = answered_at_ms + 2 * self.config.invite_tracker.clock_margin_ms
        await self.world.until(lambda: self.client.parts.clock.now_ms() > calm_at_ms)

    async def looked(self) -> None:
        """Wait for one more look at the counters, asked for by the schedule."""
        seen = len(self.world.requests("GET", INVITE_LIST))
        before = (await self.info()).status.last_answer_at_ms
        await self.client.parts.scheduler.run_now("invite resync")

        async def has_answered() -> bool:
            answered = (await self.info()).status.last_answer_at_ms != before
            return answered and len(self.world.requests("GET", INVITE_LIST)) > seen

        await eventually(has_answered, "one more look at the counters")

    async def save(self, **changes: Any) -> None:
        """Change settings as an admin does."""
        current = await self.service.fetch_settings(self.guild.id)
        settings = InviteTrackerSettings.model_validate(current.values.model_dump() | changes)
        await self.service.save_settings(self.guild.id, settings, current.version)

    # People

    def old_member(self, name: str) -> User:
        """Add somebody who has been in the guild for long."""
        person = self.world.add_person(name)
        self.world.add_old_member(self.guild.id, person.id)
        return person

    def newcomer(self) -> User:
        """Make a person who is in no guild."""
        self._newcomers += 1
        return self.world.add_person(f"newcomer{self._newcomers}")

    def invite(self, by: User | None = None, **options: Any) -> Invite:
        """Let a person (ada) make an invite."""
        return self.world.make_invite(self.channel.id, (by or self.ada).id, **options)

    def join(self, invite: Invite | None = None, *, person: User | None = None, **options: Any) -> User:
        """Let somebody new (or the person) join; returns who it was."""
        person = person or self.newcomer()
        code = None if invite is None else invite.code
        self.world.join(self.guild.id, person.id, code=code, **options)
        return person

    def leave(self, person: User) -> None:
        """Let a member leave."""
        self.world.leave(self.guild.id, person.id)

    async def expired(self, invite: Invite) -> None:
        """Wait until the time of an invite is up, for the bot's cautious reckoning too."""
        margin = timedelta(milliseconds=2 * self.config.invite_tracker.clock_margin_ms)
        expires_at = datetime.fromisoformat(invite.expires_at or "") + margin
        await self.world.until(lambda: self.world.clock.now() > expires_at)

    @property
    def lists_put_together(self) -> int:
        """How many invite lists Discord has put together so far, answered or still on their way."""
        request = f"GET /guilds/{self.guild.id}/invites"
        return sum(entry[:2] == ("HTTP", request) for entry in self.world.transcript)

    def messages(self) -> list[str]:
        """Return what stands in the first channel."""
        person = Person(self.world, self.guild.id, self.ada.id)
        return [message.content for message in person.messages(self.channel.id)]

    # The record

    async def joins_of(self, person: User, guild_id: int | None = None) -> list[Join]:
        """Return the joins on record of a member, the earliest first."""
        async with self.database.read() as rx:
            found = await fetch_joins_of_members(rx, guild_id or self.guild.id, [person.id])
        return found.get(person.id, [])

    async def recorded(self, person: User, number: int = 1, guild_id: int | None = None) -> Join:
        """Wait until so many joins of a person are on record, and return the latest."""

        async def is_recorded() -> bool:
            return len(await self.joins_of(person, guild_id)) >= number

        await eventually(is_recorded, f"join {number} of {person.name} is on record")
        joins = await self.joins_of(person, guild_id)
        assert len(joins) == number
        return joins[-1]

    async def left(self, person: User) -> Join:
        """Wait until the latest join of a person is marked as left, and return it."""

        async def is_marked() -> bool:
            joins = await self.joins_of(person)
            return bool(joins) and joins[-1].left_at_ms is not None

        await eventually(is_marked, f"the join of {person.name} is marked as left")
        return (await self.joins_of(person))[-1]

    async def decided(self, guild_id: int | None = None) -> None:
        """Wait until the bot has nothing undecided."""

        async def is_quiet() -> bool:
            return (await self.info(guild_id)).status.undecided == 0

        await eventually(is_quiet, "everything is decided")

    async def all_recorded(self) -> list[Join]:
        """Wait until every join of the world is on record, and return those of the guild, the earliest first."""
        people = Counter(record.user_id for record in self.world.history if record.guild_id == self.guild.id)

        async def are_recorded() -> bool:
            joins = await self.fetch_joins(tuple(people))
            return len(joins) >= people.total()

        await eventually(are_recorded, "every join is on record")
        await self.decided()
        joins = await self.fetch_joins(tuple(people))
        assert Counter(join.member_id for join in joins) == people
        return joins

    async def fetch_joins(self, member_ids: Sequence[int]) -> list[Join]:
        """Return the joins on record of these members, the earliest first."""
        async with self.database.read() as rx:
            found = await fetch_joins_of_members(rx, self.guild.id, member_ids)
        return sorted(
            (join for joins in found.values() for join in joins), key=lambda join: join.joined_at_ms
        )

    async def known_invites(self) -> dict[str, KnownInvite]:
        """Return the invites on record, tombstones too."""
        async with self.database.read() as rx:
            known = await fetch_known_invites(rx, self.guild.id, include_deleted=True)
        return {invite.code: invite for invite in known}

    async def unexplained(self) -> list[UnexplainedRise]:
        """Return the uses on record that no join explains."""
        async with self.database.read() as rx:
            return await fetch_unexplained_rises(rx, self.guild.id, 100)

    def execute(self, sql: str) -> list[Any]:
        """Ask the database from outside the bot."""
        with sqlite3.connect(self.path) as connection:
            rows = connection.execute(sql).fetchall()
        connection.close()
        return rows

    # The truth

    def truth(self, join: Join) -> Candidate:
        """Return how the member of this join really came."""
        records = [
            record
            for record in self.world.history
            if record.user_id == join.member_id and record.guild_id == join.guild_id
        ]
        record = min(records, key=lambda one: abs(one.at.timestamp() * 1000 - join.joined_at_ms))
        match record.source:
            case JoinSource.INVITE:
                return Candidate(Source.INVITE, record.code, record.inviter_id)
            case JoinSource.VANITY:
                return Candidate(Source.VANITY, record.code, None)
            case JoinSource.BOT:
                return Candidate(Source.BOT, None, record.inviter_id)
            case _:
                return Candidate(Source.UNKNOWN, None, None)

    def assert_never_wrong(self, joins: Sequence[Join]) -> None:
        """Check that certain answers are true, and that open ones hold the truth."""
        for join in joins:
            truth = self.truth(join)
            if join.certainty is Certainty.CERTAIN:
                assert Candidate(join.source, join.code, join.inviter_id) == truth, join
            elif join.certainty is Certainty.AMBIGUOUS:
                assert truth in join.candidates, join
                assert join.inviter_id in {None, truth.inviter_id}, join
                assert join.code is None, join

    def assert_totals(self, joins: Sequence[Join]) -> None:
        """Check that each code is credited with as many joins as came by it."""
        truth = Counter(record.code for record in self.world.history if record.guild_id == self.guild.id)
        assert Counter(join.credited_code for join in joins) == truth


def quick_config(**invite_tracker: Any) -> Config:
    """Return a configuration with short waits; the arguments are fields of its invite tracker."""
    return Config(
        invite_tracker=QUICK.model_copy(update=invite_tracker),
        heartbeat=HeartbeatConfig(interval_seconds=0.2),
        retention=RetentionConfig(departed_guild_days=7),
    )


def with_shards(config: Config, count: int) -> Config:
    """Return the configuration of a bot with so many shards."""
    return config.model_copy(update={"discord": DiscordConfig(shard_count=count)})


@asynccontextmanager
async def town(
    folder: Path,
    *,
    config: Config | None = None,
    vanity_code: str | None = None,
    bot_permissions: discord.Permissions | None = None,
    is_enabled: bool = True,
    skew_ms: float = 0,
    **switches: Any,
) -> AsyncIterator[Town]:
    """Run a town in which the module is enabled and caught up; at its end no request may have met a gap."""
    world = World(skew_ms=skew_ms)
    guild = world.make_guild("Harbour", bot_permissions=bot_permissions, vanity_code=vanity_code)
    for member in guild.members.values():
        member.joined_at = (world.clock.now() - timedelta(days=30)).isoformat()
    async with SandboxServer(world) as server:
        here = Town(world, server, folder, config or quick_config(), guild)
        try:
            await here.start()
            if is_enabled:
                await here.enable()
            for name, value in switches.items():
                setattr(world.switches, name, value)
            yield here
        finally:
            await here.stop()
    assert world.gaps == []


def without(*names: str) -> discord.Permissions:
    """Return everything but Administrator and the permissions named."""
    permissions = discord.Permissions.all()
    permissions.update(administrator=False, **dict.fromkeys(names, False))
    return permissions
