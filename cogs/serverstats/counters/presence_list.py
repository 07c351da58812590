"""Everybody's status, asked for where it has not been followed from the start.

Of a large server the gateway tells the statuses when it connects. discord.py keeps those of cached members only, so who came
online since then would be missing from a counter that is made later.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final, Protocol

import discord

from bot.client import HeadcountClient
from bot.gateway import Payload

_log = logging.getLogger(__name__)

WAIT_SECONDS: Final = 15.0
"""So long an answer is waited for; what comes later is taken all the same."""
ASK_DISTANCE_SECONDS: Final = 31.0
"""Discord refuses a second list of a server within 30 seconds (Discord documentation, Gateway, Request Guild Members)."""


class ListReader(Protocol):
    """Who reads the parts of the list."""

    def expect_list(self, guild_id: int, nonce: str) -> None:
        """Take the parts with this nonce."""
        ...


@dataclass(slots=True)
class _Question:
    nonce: str
    asked_at_seconds: float
    answered: asyncio.Event
    """Set with the last part, and when Discord refuses."""
    parts: int = 0


class PresenceList:
    """Asks the gateway for all members with their statuses; the status board reads what comes."""

    def __init__(self, client: HeadcountClient, reader: ListReader) -> None:
        self._client = client
        self._reader = reader
        self._questions: dict[int, _Question] = {}
        self._asked = 0

    def open(self) -> None:
        """Begin to listen."""
        self._client.parts.intake.subscribe("GUILD_MEMBERS_CHUNK", self._take_chunk)
        self._client.parts.intake.subscribe("RATE_LIMITED", self._take_refusal)

    def forget(self, guild_id: int) -> None:
        """Keep nothing of this guild."""
        self._questions.pop(guild_id, None)

    async def ask(self, guild: discord.Guild) -> None:
        """Return when everything has come, was refused, or takes too long.

        Within half a minute only one list is asked for; whoever comes meanwhile waits for the same.
        """
        now_seconds = self._client.parts.clock.monotonic()
        question = self._questions.get(guild.id)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                if question is None or now_seconds - question.asked_at_seconds >= ASK_DISTANCE_SECONDS:
                    question = await self._send(guild, now_seconds)
                await question.answered.wait()
        except Exception as error:
            _log.warning("Not all statuses could be asked for: %r", error, extra={"guild_id": guild.id})

    async def _send(self, guild: discord.Guild, now_seconds: float) -> _Question:
        self._asked += 1
        question = _Question(f"counters{self._asked}", now_seconds, asyncio.Event())
        self._questions[guild.id] = question
        self._reader.expect_list(guild.id, question.nonce)
        # The library's own queries would keep the members; chunker() is private, tests/wire/test_counters.py its contract.
        connection = self._client._connection  # noqa: SLF001
        await connection.chunker(guild.id, presences=True, nonce=question.nonce)
        return question

    def _take_chunk(self, payload: Payload, _received_at_ms: int) -> None:
        question = self._questions.get(int(payload["guild_id"]))
        if question is None or payload.get("nonce") != question.nonce:
            return
        question.parts += 1
        if question.parts >= payload.get("chunk_count", 1):
            question.answered.set()

    def _take_refusal(self, payload: Payload, _received_at_ms: int) -> None:
        meta = payload.get("meta") or {}
        for guild_id, question in self._questions.items():
            if meta.get("nonce") == question.nonce:
                _log.debug(
                    "Discord wants the list of statuses to be asked for later.", extra={"guild_id": guild_id}
                )
                question.answered.set()
