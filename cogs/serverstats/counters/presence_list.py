"""Everybody's status, asked for once where it has not been followed from the start.

Of a large server the gateway tells the statuses when it connects. discord.py keeps those of cached members only, so who came
online since then would be missing from a counter that is made later.
"""

import asyncio
import logging
from typing import Final

import discord

from bot.client import HeadcountClient
from bot.gateway import Payload

_log = logging.getLogger(__name__)

ASK_SECONDS: Final = 15.0
"""Discord may refuse a second request within 30 seconds without saying so to the library (Discord documentation, Gateway)."""


class PresenceList:
    """Asks the gateway for all members with their statuses; the status board reads what comes."""

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client
        self._waiting: dict[str, asyncio.Event] = {}

    def open(self) -> None:
        """Begin to listen."""
        self._client.parts.intake.subscribe("GUILD_MEMBERS_CHUNK", self._take_chunk)

    async def ask(self, guild: discord.Guild) -> None:
        """Return when everything has come, or when it takes too long: what is missing then comes with later events."""
        # A small server is told as a whole when the gateway connects, and its members stay in the cache.
        if not guild.large:
            return
        nonce = f"counters{guild.id}"
        complete = self._waiting[nonce] = asyncio.Event()
        # The library's own queries would keep the members; chunker() is private, tests/wire/test_counters.py its contract.
        connection = self._client._connection  # noqa: SLF001
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await connection.chunker(guild.id, presences=True, nonce=nonce)
                await complete.wait()
        except Exception as error:
            _log.warning("Server %d: not all statuses could be asked for: %r", guild.id, error)
        finally:
            self._waiting.pop(nonce, None)

    def _take_chunk(self, payload: Payload, _received_at_ms: int) -> None:
        complete = self._waiting.get(payload.get("nonce") or "")
        if complete is not None and payload.get("chunk_index", 0) + 1 >= payload.get("chunk_count", 1):
            complete.set()
