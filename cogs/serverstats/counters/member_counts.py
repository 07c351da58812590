"""How many members a server has.

discord.py counts every arrival of somebody whom it has not cached, also when Discord tells of the same one twice: in a large
server the number would drift upwards. So Discord's own number is asked for once an hour, and the difference is taken off.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.client import HeadcountClient
from bot.gateway import Payload
from bot.request_failures import REQUEST_FAILURES

_log = logging.getLogger(__name__)

ASK_DISTANCE_SECONDS: Final = 3600.0
REQUEST_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class _Correction:
    asked_at_seconds: float
    difference: int


class MemberCounts:
    """The number of members of each server, put right once an hour."""

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client
        self._corrections: dict[int, _Correction] = {}

    def open(self) -> None:
        """Begin to listen."""
        # A guild that comes brings its exact number with it.
        for event in ("GUILD_CREATE", "GUILD_DELETE"):
            self._client.parts.intake.subscribe(event, self._take_guild)

    def forget(self, guild_id: int) -> None:
        """Keep nothing of this guild."""
        self._corrections.pop(guild_id, None)

    async def fetch(self, guild: discord.Guild) -> int:
        """Return how many members there are; when Discord does not answer, as far as that is known."""
        # Where every member is cached, nobody can have been counted twice.
        if len(guild.members) == (guild.member_count or 0):
            self.forget(guild.id)
            return len(guild.members)
        now_seconds = self._client.parts.clock.monotonic()
        known = self._corrections.get(guild.id)
        if known is None or now_seconds - known.asked_at_seconds >= ASK_DISTANCE_SECONDS:
            difference = 0 if known is None else known.difference
            self._corrections[guild.id] = _Correction(now_seconds, difference)
            measured = await self._measure(guild)
            if measured is not None:
                self._corrections[guild.id] = _Correction(now_seconds, measured)
        correction = self._corrections.get(guild.id)
        return (guild.member_count or 0) + (0 if correction is None else correction.difference)

    async def _measure(self, guild: discord.Guild) -> int | None:
        """Return by how much Discord's number differs; None when that is not certain."""
        difference = await self._ask(guild)
        # Of somebody who joined just now the event may still be on its way: then the second answer differs from the first.
        if difference and await self._ask(guild) != difference:
            return None
        return difference

    async def _ask(self, guild: discord.Guild) -> int | None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                payload: Any = await self._client.http.get_guild(guild.id, with_counts=True)
            return int(payload["approximate_member_count"]) - (guild.member_count or 0)
        except (*REQUEST_FAILURES, KeyError) as error:
            _log.debug("The number of members was not told: %r", error, extra={"guild_id": guild.id})
            return None

    def _take_guild(self, payload: Payload, _received_at_ms: int) -> None:
        self.forget(int(payload["id"]))
