"""/invite_tracker settings …: everything that can be set."""

from discord import app_commands

from bot.ui.look import Interaction
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.forms import RulesForm, SharedLinkForm
from cogs.invite_tracker.commands.leaderboard_form import LeaderboardForm
from cogs.invite_tracker.commands.scope import TrackerCommands
from cogs.invite_tracker.messages.message_settings import MessageKind


class SettingsCommands(TrackerCommands):
    """The subgroup of settings; each command opens a screen or a form."""

    settings = app_commands.Group(name="settings", description="Messages, rules and the shared link")

    @settings.command(name="join_message", description="Set the message that greets new members")
    async def join_message(self, interaction: Interaction) -> None:
        """Open the screen of join messages."""
        await self.screens.message.open(interaction, MessageKind.JOIN)

    @settings.command(name="leave_message", description="Set the message that is sent when a member leaves")
    async def leave_message(self, interaction: Interaction) -> None:
        """Open the screen of leave messages."""
        await self.screens.message.open(interaction, MessageKind.LEAVE)

    @settings.command(name="rules", description="Choose which joins count as fake")
    async def rules(self, interaction: Interaction) -> None:
        """Open the form of the fake rules."""
        stored = await self.service.fetch_settings(guild_of(interaction).id)
        await interaction.response.send_modal(RulesForm(self.service, stored))

    @settings.command(name="shared_link", description="Set or remove the link that everyone may share")
    async def shared_link(self, interaction: Interaction) -> None:
        """Open the form of the shared link."""
        stored = await self.service.fetch_settings(guild_of(interaction).id)
        await interaction.response.send_modal(SharedLinkForm(self.service, stored))

    @settings.command(name="leaderboard", description="Let the leaderboard be posted every week or month")
    async def posted_leaderboard(self, interaction: Interaction) -> None:
        """Open the form of the leaderboard that is posted."""
        guild = guild_of(interaction)
        stored = await self.service.fetch_settings(guild.id)
        timezone = await self.service.fetch_timezone(guild.id)
        await interaction.response.send_modal(LeaderboardForm(self.service, stored, guild, timezone))
