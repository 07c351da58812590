"""What is stored of a person, for that person: counted, deleted, and left out from now on."""

from bot.client import HeadcountClient
from cogs.privacy.commands import PrivacyCommands
from cogs.privacy.service import PrivacyService


async def setup(client: HeadcountClient) -> None:
    """Load the commands; the modules that are loaded, before or after, know what they store."""
    await client.add_cog(PrivacyCommands(client, PrivacyService(client)))
