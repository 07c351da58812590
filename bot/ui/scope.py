"""Where a command was used."""

import discord

from bot.errors import SettingsError
from bot.text.language import _
from bot.ui.look import Interaction


def guild_of(interaction: Interaction) -> discord.Guild:
    """Return the guild in which the command was used; raises SettingsError where the bot is not a member."""
    if interaction.guild is None or interaction.guild.unavailable:
        raise SettingsError(_("I am not in this server."))
    return interaction.guild
