"""/invite_tracker sync: the members who were here before."""

from discord import app_commands

from bot.ui.look import Interaction
from cogs.invite_tracker.commands.scope import TrackerCommands


class SyncCommands(TrackerCommands):
    """The command that puts members on record who came before tracking began."""

    @app_commands.command(name="sync", description="Put members on record who were here before me")
    async def sync(self, interaction: Interaction) -> None:
        """Begin, and show how far it is."""
        await self.screens.members_before.begin(interaction)
