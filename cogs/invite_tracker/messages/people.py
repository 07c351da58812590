"""What messages tell of people: from the cache, or asked for once and remembered for a while."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import discord

from bot.client import HeadcountClient
from bot.request_failures import REQUEST_FAILURES
from bot.text.discord_objects import member_facts
from bot.text.facts import MemberFacts

FRESH_MS: Final = 60_000
"""In a burst the same inviters are named in every message: each is asked for once, not once per message."""

KEPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class _Remembered:
    facts: MemberFacts
    until_ms: int


class People:
    """Finds out about members, and about users who are members no more."""

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client
        self._remembered: dict[tuple[int, int], _Remembered] = {}

    async def fetch(self, guild: discord.Guild, user_id: int) -> MemberFacts:
        """Return what is known of a member, of a user who left, or at least of an id."""
        member = guild.get_member(user_id)
        if member is not None:
            return member_facts(member)
        key, now_ms = (guild.id, user_id), self._client.parts.clock.now_ms()
        remembered = self._remembered.get(key)
        if remembered is not None and now_ms < remembered.until_ms:
            return remembered.facts
        facts = await self._ask(guild, user_id)
        self._remembered.pop(key, None)
        if facts is None:
            return MemberFacts(user_id=user_id)
        self._remembered[key] = _Remembered(facts, now_ms + FRESH_MS)
        while len(self._remembered) > KEPT:
            del self._remembered[next(iter(self._remembered))]
        return facts

    async def fetch_all(self, guild: discord.Guild, user_ids: Iterable[int]) -> dict[int, MemberFacts]:
        """Return the same of several people, by id."""
        return {user_id: await self.fetch(guild, user_id) for user_id in user_ids}

    async def _ask(self, guild: discord.Guild, user_id: int) -> MemberFacts | None:
        try:
            return member_facts(await guild.fetch_member(user_id))
        except REQUEST_FAILURES:
            # No member any more, or no answer: what is the same in every server may still be known.
            user = self._client.get_user(user_id)
        if user is None:
            try:
                user = await self._client.fetch_user(user_id)
            except REQUEST_FAILURES:
                return None
        return member_facts(user)
