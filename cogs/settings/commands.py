"""/settings: the screen, and the timezone at once for whoever knows its name."""

import asyncio
from typing import ClassVar, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import HeadcountClient
from bot.settings.timezones import suggest_timezones, timezone_names
from bot.text.language import _
from bot.ui.access import Access, AccessTable, check_command
from bot.ui.look import Interaction
from bot.ui.scope import guild_of
from cogs.settings.general_page import KEY, GeneralPage
from cogs.settings.screen import SettingsScreen

COMMAND_ACCESS: Final[AccessTable] = {"settings": Access.MANAGE_SERVER}

CHOICES_MOST: Final = 25
"""Discord documentation, Application Commands, Autocomplete."""


class SettingsCommands(commands.Cog):
    """The command that opens the screen."""

    command_access: ClassVar[AccessTable] = COMMAND_ACCESS

    def __init__(self, client: HeadcountClient, general: GeneralPage, screen: SettingsScreen) -> None:
        self.client = client
        self._general = general
        self._screen = screen

    @app_commands.command(
        name="settings", description="Open the settings of this server: general ones, and a page per module"
    )
    @app_commands.describe(timezone="Set the timezone at once: a city or an IANA name")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def settings(self, interaction: Interaction, timezone: str | None = None) -> None:
        """Open the screen; with a timezone, save that first."""
        check_command(interaction, COMMAND_ACCESS)
        guild = guild_of(interaction)
        if timezone is None:
            await self._screen.open(interaction, KEY)
            return
        # What waits is stored first, and a slow disk may take longer for that than Discord waits.
        await interaction.response.defer(ephemeral=True)
        name = await self._general.save_timezone(guild.id, timezone)
        await self._screen.open(interaction, KEY, _("Saved: the timezone is `{name}`.", name=name))

    @settings.autocomplete("timezone")
    async def suggest(self, _interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the timezones that fit what was typed so far."""
        names = await asyncio.to_thread(timezone_names)
        return [
            app_commands.Choice(name=name, value=name)
            for name in suggest_timezones(typed, names, CHOICES_MOST)
        ]
