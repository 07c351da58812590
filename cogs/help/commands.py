"""/help itself."""

from typing import ClassVar

from discord import app_commands
from discord.ext import commands

from bot.ui.access import Access, AccessTable
from bot.ui.look import Interaction
from cogs.help.screen import HelpScreen


class HelpCommands(commands.Cog):
    """The command that shows the screen."""

    command_access: ClassVar[AccessTable] = {"help": Access.EVERYONE}

    def __init__(self, screen: HelpScreen) -> None:
        self._screen = screen

    @app_commands.command(name="help", description="Show what I do, and the commands that you may use here")
    @app_commands.guild_only()
    async def help(self, interaction: Interaction) -> None:
        """Show the overview."""
        await self._screen.show(interaction)
