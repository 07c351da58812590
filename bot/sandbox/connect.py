"""Pointing discord.py at a local Discord, and back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from .server import SandboxServer


@contextmanager
def pointed_at(server: SandboxServer) -> Iterator[None]:
    """Make every discord.py client of this process talk to the server; undone at the end."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = server.api_base
    DiscordWebSocket.DEFAULT_GATEWAY = URL(server.gateway_url)
    try:
        yield
    finally:
        Route.BASE = base
        DiscordWebSocket.DEFAULT_GATEWAY = gateway


@asynccontextmanager
async def running(
    client: discord.Client, server: SandboxServer, *, timeout_s: float = 20
) -> AsyncIterator[discord.Client]:
    """Run a client against the server: enters when it is ready, closes it at the end.

    An exception of the client's own start (a refused token or intent) is raised here.
    """
    with pointed_at(server):
        async with client:
            life = asyncio.create_task(client.start(server.token))
            ready = asyncio.create_task(client.wait_until_ready())
            try:
                async with asyncio.timeout(timeout_s):
                    await asyncio.wait({life, ready}, return_when=asyncio.FIRST_COMPLETED)
                if life.done():
                    await life
                    raise RuntimeError("The client ended before it was ready.")
                yield client
            finally:
                await client.close()
                for task in (ready, life):
                    task.cancel()
                    with suppress(BaseException):
                        await task
