"""How a server lives: statistics with charts, counters, the starboard."""

from bot.client import HeadcountClient
from bot.modules import Module
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import MODULE


async def setup(client: HeadcountClient) -> None:
    """Load the module: begin to listen, register its jobs, publish its commands."""
    module = ServerstatsService(client)
    await module.open(())

    async def settle() -> None:
        pass

    client.parts.modules.register(
        Module(name=MODULE, jobs=(), settle=settle, forget=module.forget, is_caught_up=lambda _guild_id: True)
    )
