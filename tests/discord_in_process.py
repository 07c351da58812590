"""The bot on a Discord in the same process: commands, screens and permissions, without a socket.

Requests never yield here and the start-up order is not Discord's, so races belong to the wire tests. Only
simcord's virtual clock ticks; APScheduler compares the machine's time, so jobs do not fire: call them directly.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord._runtime import _CallbackRecord

from bot.client import HeadcountClient
from bot.command_errors import sentence_for
from bot.config import Config, DiscordConfig, InviteTrackerConfig
from bot.parts import Parts
from bot.sandbox.world import World
from bot.scheduler import Scheduler
from storage.database import Database
from tests.clients import ReusingClient

EVERYONE = discord.Permissions(
    view_channel=True,
    send_messages=True,
    read_message_history=True,
    create_instant_invite=True,
    use_application_commands=True,
)
MOMENT_SECONDS = 1.0
"""Pauses below this pass by themselves: deleting pauses a hundredth of a second after each step."""
LOOK_AGAIN_SECONDS = 0.005
"""simcord's twentieth of a second was most of the time that these tests took."""
# simcord looks for one of its records among hundreds, field by field; each is there once.
_CallbackRecord.__eq__ = object.__eq__  # type: ignore[method-assign]

SETTLE_SECONDS = 60.0
"""How long the machine may take for anything that is asked of the bot; simcord's five seconds are little for a busy one."""


QUIET = Config(
    discord=DiscordConfig(shard_count=1), invite_tracker=InviteTrackerConfig(existing_members=False)
)
"""Nobody is put on record by the mere enabling of a module."""


class VirtualClock:
    """Follows simcord's clock, which discord.py's own idea of the present follows too."""

    def __init__(self) -> None:
        self.env: simcord.Env | None = None
        self._ahead_ms = 0

    def now_ms(self) -> int:
        """Return the virtual time as UTC epoch milliseconds."""
        moment = self.env.now() if self.env is not None else discord.utils.utcnow()
        return int(moment.timestamp() * 1000) + self._ahead_ms

    def skip_to(self, now_ms: int) -> None:
        """Be at that time at once, for months: no timer runs out on the way, as on a machine that slept."""
        self._ahead_ms += now_ms - self.now_ms()

    def monotonic(self) -> float:
        """Return virtual seconds."""
        return self.now_ms() / 1000

    async def sleep(self, seconds: float) -> None:
        """Wait; more than a moment passes only in `advance_time`."""
        if seconds < MOMENT_SECONDS or self.env is None:
            await asyncio.sleep(seconds)
        else:
            await self.env.external_wait(asyncio.sleep(seconds), reason="the bot waits on its clock")

    async def wait_for(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for the event; only `advance_time` makes the time run out."""
        assert self.env is not None
        return bool(
            await self.env.external_wait(_wait_for(event, seconds), reason="the bot waits on its clock")
        )


class SilentScheduler(Scheduler):
    """Takes jobs and starts none by itself; `run_now` runs one."""

    def start(self) -> None:
        """Start nothing: its timers would keep simcord from settling."""


@dataclass(slots=True)
class Place:
    """A server with the bot in it, some people and two channels."""

    env: simcord.Env
    client: HeadcountClient
    """After a restart another one."""
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    other_channel: simcord.ChannelHandle
    admin: simcord.MemberActor
    """Has Administrator."""
    manager: simcord.MemberActor
    """Has Manage Server."""
    member: simcord.MemberActor
    """Has what everyone has."""

    @property
    def clock(self) -> VirtualClock:
        """What the bot takes for the time."""
        assert isinstance(self.client.parts.clock, VirtualClock)
        return self.client.parts.clock

    @property
    def world(self) -> World:
        """The Discord itself."""
        assert isinstance(self.env.backend, World)
        return self.env.backend

    async def restart(self) -> None:
        """Stop the bot cleanly and start a new process of it on the same database: all that was in memory is gone."""
        await self.env.settle()
        parts = self.client.parts
        await self.client.close()
        self.client = _make_client(parts.config, parts.database, self.clock)
        await self.env.restart_bot(self.client)

    def set_language(self, who: simcord.MemberActor, locale: str) -> None:
        """Let this person use Discord in that language, e.g. `de`; everybody starts with American English."""
        self.world.locales[who.id] = locale

    def add_member(self, name: str, *, nick: str | None = None) -> simcord.MemberActor:
        """Let somebody without any special permission join."""
        return self.guild.add_member(self.env.create_user(name), nick=nick)

    def deny_bot(self, channel: simcord.ChannelHandle, **permissions: bool) -> None:
        """Deny the bot these permissions on one channel, e.g. `send_messages=False`."""
        self.world.set_bot_overwrite(channel.id, discord.PermissionOverwrite(**permissions))


class QuickEnv(simcord.Env):
    """Notices sooner that the bot has nothing to do, and gives a busy machine the time that it needs to start."""

    async def _settle_internal(
        self,
        *,
        timeout: float | None = None,
        idle: float = LOOK_AGAIN_SECONDS,
        **options: Any,
    ) -> None:
        timeout = None if timeout is None else max(timeout, SETTLE_SECONDS)
        await super()._settle_internal(timeout=timeout, idle=idle, **options)


@asynccontextmanager
async def in_process(folder: Path, *, config: Config | None = None) -> AsyncIterator[Place]:
    """Run the whole bot with a fresh database in `folder`, and take it down afterwards.

    An error that no sentence was foreseen for fails the test at the end.
    """
    clock = VirtualClock()
    database = await Database.open(folder / "headcount.sqlite3", now_ms=clock.now_ms())
    client = _make_client(config or QUIET, database, clock)
    env = QuickEnv(client, settle_timeout=SETTLE_SECONDS)
    env.backend = World(clock=env.backend.clock)
    clock.env = env
    place: Place | None = None
    try:
        await env.start()
        place = _furnish(env, client)
        # Everybody was here long before whatever the test does.
        await env.advance_time(86_400)
        yield place
        await env.settle()
    finally:
        await (client if place is None else place.client).close()
        await env.shutdown()
        await database.close()
    unforeseen = [error for error in env.errors if sentence_for(error) is None]
    if unforeseen:
        raise BaseExceptionGroup("errors that no sentence was foreseen for", unforeseen)


def _make_client(config: Config, database: Database, clock: VirtualClock) -> HeadcountClient:
    return ReusingClient(Parts.assemble(config, database, clock, SilentScheduler(clock)))


def words_of(result: simcord.InteractionResult | simcord.ResponseMessage | None) -> str:
    """Return everything that an answer says: contents and embeds, of the response and of what followed."""
    assert result is not None
    if isinstance(result, simcord.InteractionResult):
        messages = [message for message in (result.response, *result.followups) if message is not None]
        return "\n".join(map(words_of, messages))
    parts = [result.content]
    parts += [one["content"] for one in _walk(result.components) if "content" in one]
    for embed in result.embeds:
        parts += [embed.title or "", embed.description or ""]
        parts += [f"{field.name}: {field.value}" for field in embed.fields]
        parts.append(embed.footer.text or "")
    return "\n".join(part for part in parts if part)


def controls_of(message: simcord.ResponseMessage | None) -> dict[str, dict[str, Any]]:
    """Return the buttons and selects of a message by their custom id."""
    assert message is not None
    return {one["custom_id"]: one for one in _walk(message.components) if "custom_id" in one}


def control_of(message: simcord.ResponseMessage | None, action: str, *arguments: object) -> str:
    """Return the custom id of the one component with this action (see bot/ui/actions.py) and these last arguments."""
    wanted = tuple(map(str, arguments))
    found = []
    for custom_id in controls_of(message):
        _prefix, name, _owner_id, *rest = custom_id.split(":")
        if name == action and tuple(rest[len(rest) - len(wanted) :]) == wanted:
            found.append(custom_id)
    [custom_id] = found
    return custom_id


def _walk(components: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Yield components and what stands in them, from top to bottom."""
    for component in components:
        yield component
        yield from _walk(component.get("components", ()))
        if "accessory" in component:
            yield component["accessory"]


def _furnish(env: simcord.Env, client: HeadcountClient) -> Place:
    guild = env.create_guild("Harbour")
    # As on a real server: everyone may invite.
    env.backend.edit_role(guild.id, guild.id, {"permissions": EVERYONE.value})
    administrators = guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    managers = guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    return Place(
        env=env,
        client=client,
        guild=guild,
        channel=guild.create_text_channel("general"),
        other_channel=guild.create_text_channel("welcome"),
        admin=guild.add_member(env.create_user("ada"), roles=[administrators]),
        manager=guild.add_member(env.create_user("max"), roles=[managers]),
        member=guild.add_member(env.create_user("mia")),
    )


async def _wait_for(event: asyncio.Event, seconds: float) -> bool:
    # Not asyncio.wait_for: before Python 3.12 it waits in a task of its own, which simcord would not recognise.
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
