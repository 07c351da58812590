"""An extension with the counters alone, so that these tests need nothing else of the module."""

from collections.abc import Iterator

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import HeadcountClient
from bot.modules import Module
from cogs.serverstats.counters.commands import CounterCommands
from cogs.serverstats.counters.screens import CounterScreens
from cogs.serverstats.counters.service import CountersService
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import MODULE
from cogs.serverstats.statistics.statuses import StatusBoard

NAME = __name__

INTENTS = discord.Intents(guilds=True, members=True, moderation=True, invites=True, presences=True)


@app_commands.guild_only()
class CounterCog(
    commands.GroupCog, name="CounterCog", group_name="serverstats", group_description="Counters"
):
    """The group /serverstats, with the counters in it."""

    def __init__(
        self, module: ServerstatsService, counters: CountersService, screens: CounterScreens
    ) -> None:
        self.module = module
        self.counters = counters
        self.screens = screens
        assert self.app_command is not None
        self.app_command.add_command(CounterCommands(screens))


async def setup(client: HeadcountClient) -> None:
    """Load the counters."""

    def fetch_present(guild_id: int) -> Iterator[tuple[int, str]]:
        guild = client.get_guild(guild_id)
        for member in () if guild is None else guild.members:
            yield member.id, str(member.status)

    module = ServerstatsService(client)
    board = StatusBoard(fetch_present)
    board.subscribe(client.parts.intake)

    counters = CountersService(client, module, board)
    await module.open([counters])
    await counters.open()
    client.parts.modules.register(
        Module(
            name=MODULE,
            jobs=counters.jobs,
            settle=counters.close,
            forget=module.forget,
            is_caught_up=lambda _guild_id: True,
        )
    )
    await client.add_cog(CounterCog(module, counters, CounterScreens(client, counters)))
