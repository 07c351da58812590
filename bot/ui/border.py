"""Where an interaction comes in: from here on its task knows who acts, and in which language to answer."""

from typing import Any

import discord

from bot.acting import Actor, act_for
from bot.text.language import Language, language_of_locale, speak


def enter(interaction: discord.Interaction[Any]) -> None:
    """Answer this person in their language; in the server's where theirs is not among ours."""
    act_for(Actor(user_id=interaction.user.id))
    speak(language_of_locale(interaction.locale.value) or language_of_server(interaction))


def speak_publicly(interaction: discord.Interaction[Any]) -> None:
    """Go on in the language of the server: everybody reads the answer."""
    speak(language_of_server(interaction))


def language_of_server(interaction: discord.Interaction[Any]) -> Language:
    """Return the language that the server has chosen."""
    if interaction.guild_id is None:
        return Language.ENGLISH
    locale = interaction.guild_locale.value if interaction.guild_locale else ""
    language: Language = interaction.client.parts.guild_settings.language_of(interaction.guild_id, locale)
    return language
