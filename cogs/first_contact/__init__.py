"""The first message in a new server: to the person who added the bot, with what to do next."""

from bot.client import HeadcountClient
from cogs.first_contact.greeter import Greeter


async def setup(client: HeadcountClient) -> None:
    """Load the feature: listen for servers that the bot is new in."""
    await client.add_cog(Greeter(client))
