"""/api_key: administrators make the keys with which programs use the HTTP API of their server, and delete them."""

from bot.client import HeadcountClient
from bot.modules import Job, Module
from cogs.api_keys.commands import ApiKeyCommands
from cogs.api_keys.privacy import ApiKeyPrivacy
from cogs.api_keys.service import ApiKeyService

STORE_SECONDS = 60.0


async def setup(client: HeadcountClient) -> None:
    """Publish the commands, and store the last uses of keys from time to time."""
    keys = client.parts.api_keys
    service = ApiKeyService(client)

    async def forget(guild_id: int) -> None:
        keys.forget(guild_id)

    client.parts.modules.register(
        Module(
            name="api_keys",
            jobs=(Job("uses of API keys", STORE_SECONDS, keys.store_uses),),
            settle=keys.store_uses,
            forget=forget,
            is_caught_up=lambda _guild_id: True,
            privacy=ApiKeyPrivacy(client),
        )
    )
    await client.add_cog(ApiKeyCommands(client, service))
