"""What all commands of the tracker share."""

import discord
from discord.ext import commands

from bot.errors import SettingsError
from bot.ui.look import Interaction
from cogs.invite_tracker.service import InviteTrackerService


class TrackerCommands(commands.Cog):
    """Commands that only translate between Discord and the use cases."""

    service: InviteTrackerService


def guild_of(interaction: Interaction) -> discord.Guild:
    """Return the guild in which the command was used; raises SettingsError where the bot is not a member."""
    if interaction.guild is None or interaction.guild.unavailable:
        raise SettingsError("I am not in this server.")
    return interaction.guild
