"""What the contract tests share: a small real discord.py bot and a town to put it in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import discord
from discord.ext import commands

from bot.sandbox.connect import running
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import Channel, Guild, User, World


class ContractBot(commands.AutoShardedBot):
    """An unmodified discord.py bot that writes down what it dispatches."""

    def __init__(
        self, *, intents: discord.Intents | None = None, shard_count: int = 1, **options: Any
    ) -> None:
        options = {"max_messages": None, "guild_ready_timeout": 0.1, **options}
        super().__init__("!", intents=intents or discord.Intents.all(), shard_count=shard_count, **options)
        self.events: list[tuple[str, tuple[Any, ...]]] = []

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        self.events.append((event_name, args))
        super().dispatch(event_name, *args, **kwargs)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait five seconds between two shards."""

    def names(self, *wanted: str) -> list[str]:
        """Return the dispatched names, in order, that are among the wanted."""
        return [name for name, _ in self.events if name in wanted]

    def seen(self, name: str) -> list[Any]:
        """Return the first argument of every event of this name."""
        return [args[0] if args else None for event, args in self.events if event == name]


@dataclass
class Town:
    """A running local Discord with one guild, one old member and one connected bot."""

    world: World
    server: SandboxServer
    bot: ContractBot
    guild: Guild
    channel: Channel
    ada: User

    @property
    def seen_guild(self) -> discord.Guild:
        """Return the guild as the bot has it."""
        found = self.bot.get_guild(self.guild.id)
        assert found is not None
        return found

    def newcomer(self, name: str = "newcomer", **options: Any) -> User:
        """Make a person who is in no guild."""
        return self.world.add_person(name, **options)


@asynccontextmanager
async def town(
    *,
    bot: ContractBot | None = None,
    bot_permissions: discord.Permissions | None = None,
    vanity_code: str | None = None,
    world: World | None = None,
    **switches: Any,
) -> AsyncIterator[Town]:
    """Run a town; at its end no request may have met a gap."""
    world = world or World()
    for name, value in switches.items():
        setattr(world.switches, name, value)
    guild = world.make_guild("Harbour", bot_permissions=bot_permissions, vanity_code=vanity_code)
    ada = world.add_person("ada")
    world.add_old_member(guild.id, ada.id)
    client = bot or ContractBot()
    async with SandboxServer(world) as server, running(client, server):
        yield Town(world, server, client, guild, world.first_channel(guild.id), ada)
    assert world.gaps == []


async def until(condition: Callable[[], bool], *, timeout_s: float = 20) -> None:
    """Wait until something is so that no world of this process knows of."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
