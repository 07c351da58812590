"""/help: what the bot does, and the commands that this person may use here."""

from bot.client import HeadcountClient
from cogs.help.commands import HelpCommands
from cogs.help.screen import HelpScreen


async def setup(client: HeadcountClient) -> None:
    """Load the command; what it tells of is read from the command tree at each use."""
    await client.add_cog(HelpCommands(HelpScreen(client)))
