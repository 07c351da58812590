"""The settings of a server inside Discord: one screen, a page per module."""

from bot.client import HeadcountClient
from cogs.settings.commands import SettingsCommands
from cogs.settings.general_page import GeneralPage
from cogs.settings.screen import SettingsScreen


async def setup(client: HeadcountClient) -> None:
    """Load the screen; the modules that are loaded, before or after, bring their pages."""
    general = GeneralPage(client)
    screen = SettingsScreen(client, general)
    client.settings_screen = screen
    client.settings_log.after_change = screen.refresh_left
    await client.add_cog(SettingsCommands(client, general, screen))
