"""Who has which role, without a member cache: listed once, then kept up to date by the member events.

Only the ids are kept, and only of those roles that a counter asks for: 100,000 cached members would be 100 MB.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final

import discord

from bot.client import HeadcountClient
from bot.gateway import Payload

MEMBERS_PER_PAGE: Final = 1000
"""Discord documentation, Guild Resource, List Guild Members."""


@dataclass(slots=True)
class _Roster:
    member_ids: dict[int, set[int]]
    """By the id of the role."""
    is_listed: bool = False
    changed: dict[int, frozenset[int]] = field(default_factory=dict)
    """The roles of members of whom an event told while the list was being read: the list may be older."""

    def note(self, user_id: int, role_ids: Iterable[int]) -> None:
        roles = frozenset(role_ids)
        if not self.is_listed:
            self.changed[user_id] = roles
        for role_id, members in self.member_ids.items():
            if role_id in roles:
                members.add(user_id)
            else:
                members.discard(user_id)

    def end_list(self) -> None:
        self.is_listed = True
        changed, self.changed = self.changed, {}
        for user_id, role_ids in changed.items():
            self.note(user_id, role_ids)


class Rosters:
    """The members of those roles that were asked for, guild by guild."""

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client
        self._rosters: dict[int, _Roster] = {}
        self._locks: dict[int, asyncio.Lock] = {}

    def open(self) -> None:
        """Begin to listen."""
        intake = self._client.parts.intake
        # A guild that comes, or comes again, may have missed events.
        for event in ("GUILD_CREATE", "GUILD_DELETE"):
            intake.subscribe(event, self._take_guild)
        for event in ("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE"):
            intake.subscribe(event, self._take_member)
        intake.subscribe("GUILD_MEMBER_REMOVE", self._take_leave)

    async def fetch(self, guild: discord.Guild, role_ids: Collection[int]) -> Mapping[int, Set[int]]:
        """Return the ids of the members of each of these roles; the first time it reads the list of members.

        That needs the members intent: a refusal is discord.Forbidden.
        """
        lock = self._locks.setdefault(guild.id, asyncio.Lock())
        async with lock:
            roster = self._rosters.get(guild.id)
            if roster is None or not roster.is_listed or not roster.member_ids.keys() >= set(role_ids):
                roster = self._rosters[guild.id] = _Roster({role_id: set() for role_id in role_ids})
                try:
                    await self._list(guild.id, roster)
                except BaseException:
                    self.forget(guild.id)
                    raise
            return roster.member_ids

    def forget(self, guild_id: int) -> None:
        """Keep nothing of this guild."""
        self._rosters.pop(guild_id, None)

    async def _list(self, guild_id: int, roster: _Roster) -> None:
        after: int | None = None
        while True:
            page: Any = await self._client.http.get_members(guild_id, MEMBERS_PER_PAGE, after)
            for member in page:
                user_id = int(member["user"]["id"])
                for role in member["roles"]:
                    members = roster.member_ids.get(int(role))
                    if members is not None:
                        members.add(user_id)
            if len(page) < MEMBERS_PER_PAGE:
                break
            after = int(page[-1]["user"]["id"])
        roster.end_list()

    def _take_guild(self, payload: Payload, _received_at_ms: int) -> None:
        self.forget(int(payload["id"]))

    def _take_member(self, payload: Payload, _received_at_ms: int) -> None:
        roster = self._rosters.get(int(payload["guild_id"]))
        if roster is not None:
            roster.note(int(payload["user"]["id"]), map(int, payload.get("roles", ())))

    def _take_leave(self, payload: Payload, _received_at_ms: int) -> None:
        roster = self._rosters.get(int(payload["guild_id"]))
        if roster is not None:
            roster.note(int(payload["user"]["id"]), ())
