"""What is stored of a person, for that person: counted, deleted, and left out from now on."""

from bot.client import HeadcountClient
from bot.modules import Module
from cogs.privacy.commands import PrivacyCommands
from cogs.privacy.service import PrivacyService


async def setup(client: HeadcountClient) -> None:
    """Load the commands; the modules that are loaded, before or after, know what they store."""
    service = PrivacyService(client)

    async def nothing() -> None:
        """Settle: an erasure that is cut off does the rest when it is asked for again."""

    async def keep(_guild_id: int) -> None:
        """Forget: there is nothing of a guild in memory."""

    client.parts.modules.register(
        Module(
            name="privacy",
            jobs=(),
            settle=nothing,
            forget=keep,
            is_caught_up=lambda _guild_id: True,
            services=(service,),
        )
    )
    await client.add_cog(PrivacyCommands(client, service))
