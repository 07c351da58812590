"""The slash commands of serverstats: they translate between Discord and the use cases, no more."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.access import AccessTable, check_command
from cogs.serverstats.commands.access import COMMAND_ACCESS
from cogs.serverstats.commands.disabling import Disabling
from cogs.serverstats.commands.module_commands import ModuleCommands
from cogs.serverstats.commands.showing import Charts
from cogs.serverstats.commands.statistics_commands import StatisticsCommands
from cogs.serverstats.commands.top_command import TopCommand
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.statistics.service import StatisticsService

__all__ = ["COMMAND_ACCESS", "ServerstatsCommands"]


@app_commands.guild_only()
class ServerstatsCommands(
    StatisticsCommands,
    TopCommand,
    ModuleCommands,
    commands.GroupCog,
    group_name="serverstats",
    group_description="Statistics, counters and the starboard of this server",
):
    """The group /serverstats; `subgroups` are those of the other parts."""

    command_access: ClassVar[AccessTable] = COMMAND_ACCESS

    def __init__(
        self,
        module: ServerstatsService,
        statistics: StatisticsService,
        charts: Charts,
        disabling: Disabling,
        subgroups: Sequence[app_commands.Group] = (),
    ) -> None:
        self.module = module
        self.disabling = disabling
        self.statistics = statistics
        self.charts = charts
        # A GroupCog has its group from the beginning.
        group = cast("app_commands.Group", self.app_command)
        for subgroup in subgroups:
            # A command asks the check of the group that it is bound to, which is not this cog.
            for command in subgroup.walk_commands():
                if isinstance(command, app_commands.Command):
                    command.add_check(self.interaction_check)
            group.add_command(subgroup)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Refuse people who may not use the command."""
        check_command(interaction, COMMAND_ACCESS)
        return True
