"""The language of what everybody in a server reads: posts, announcements, names of channels."""

import discord

from bot.client import HeadcountClient
from bot.text.language import Language


def public_language(client: HeadcountClient, guild: discord.Guild) -> Language:
    """Return the language that the server has chosen, here or at Discord."""
    return client.parts.guild_settings.language_for(guild)
