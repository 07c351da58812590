"""The slash commands of the invite tracker: they translate between Discord and the use cases, no more."""

from typing import Any, ClassVar

import discord
from discord import app_commands
from discord.ext import commands

from bot.charts.studio import ChartStudio
from bot.ui.access import AccessTable, check_command
from cogs.invite_tracker.commands.access import COMMAND_ACCESS
from cogs.invite_tracker.commands.adjusting_commands import AdjustingCommands
from cogs.invite_tracker.commands.invite_commands import InviteCommands
from cogs.invite_tracker.commands.module_commands import ModuleCommands
from cogs.invite_tracker.commands.people_commands import PeopleCommands
from cogs.invite_tracker.commands.record_commands import RecordCommands
from cogs.invite_tracker.commands.role_commands import RoleCommands
from cogs.invite_tracker.commands.screens import TrackerScreens
from cogs.invite_tracker.commands.settings_commands import SettingsCommands
from cogs.invite_tracker.commands.sync_commands import SyncCommands
from cogs.invite_tracker.commands.transfer_commands import TransferCommands
from cogs.invite_tracker.commands.tree_commands import TreeCommands
from cogs.invite_tracker.service import InviteTrackerService

__all__ = ["COMMAND_ACCESS", "InviteTrackerCommands"]


@app_commands.guild_only()
class InviteTrackerCommands(
    InviteCommands,
    PeopleCommands,
    RecordCommands,
    AdjustingCommands,
    RoleCommands,
    ModuleCommands,
    SettingsCommands,
    TransferCommands,
    SyncCommands,
    TreeCommands,
    commands.GroupCog,
    group_name="invite_tracker",
    group_description="Who invited whom",
):
    """The group /invite_tracker."""

    command_access: ClassVar[AccessTable] = COMMAND_ACCESS

    def __init__(self, service: InviteTrackerService, screens: TrackerScreens, charts: ChartStudio) -> None:
        self.service = service
        self.screens = screens
        self.charts = charts

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Refuse people who may not use the command."""
        check_command(interaction, COMMAND_ACCESS)
        return True
