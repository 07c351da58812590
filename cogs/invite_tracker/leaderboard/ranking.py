"""Who stands on a leaderboard: the inviters of those who came in that time and stayed, as far as they may be shown."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import discord

from storage.database import Database
from storage.leaderboards import fetch_ranking
from storage.records import FakeRules, InviteCounts

PLACES: Final = 10
AT_ONCE: Final = 100
"""Discord documentation, Gateway, Request Guild Members: so many can be asked for by their ids."""
PAGES_MOST: Final = 10
"""Where more than so many hundred at the top may not be shown, the leaderboard ends."""
LOOKUP_SECONDS: Final = 10.0


class NobodyAnsweredError(Exception):
    """Discord did not say who of the inviters is still here."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member who is here."""

    id: int
    display_name: str
    role_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the leaderboard."""

    inviter_id: int
    name: str
    counts: InviteCounts


@dataclass(frozen=True, slots=True)
class Hidden:
    """Who is not to be shown."""

    member_ids: frozenset[int]
    role_ids: frozenset[int]
    is_opted_out: Callable[[int], bool]

    def hides(self, person: Person) -> bool:
        """Whether this member is left out: by the server's choice, or by their own."""
        return (
            person.id in self.member_ids
            or not self.role_ids.isdisjoint(person.role_ids)
            or self.is_opted_out(person.id)
        )


def places_of(
    rows: Sequence[tuple[int, InviteCounts]], here: Mapping[int, Person], hidden: Hidden
) -> list[Place]:
    """Return those of the rows who are here and may be shown, in their order."""
    return [
        Place(inviter_id, person.display_name, counts)
        for inviter_id, counts in rows
        if (person := here.get(inviter_id)) is not None and not hidden.hides(person)
    ]


async def rank(
    database: Database,
    guild: discord.Guild,
    rules: FakeRules,
    since_ms: int,
    until_ms: int,
    hidden: Hidden,
) -> list[Place]:
    """Return the first places, at most `PLACES`; raises NobodyAnsweredError."""
    places: list[Place] = []
    for page in range(PAGES_MOST):
        async with database.read() as rx:
            rows = await fetch_ranking(rx, guild.id, rules, since_ms, until_ms, AT_ONCE, page * AT_ONCE)
        here = await _fetch_here(guild, [inviter_id for inviter_id, _counts in rows])
        places += places_of(rows, here, hidden)
        if len(places) >= PLACES or len(rows) < AT_ONCE:
            break
    return places[:PLACES]


async def _fetch_here(guild: discord.Guild, user_ids: Sequence[int]) -> dict[int, Person]:
    """Return those of them who are members, by id."""
    members = [member for user_id in user_ids if (member := guild.get_member(user_id)) is not None]
    known = {member.id for member in members}
    missing = [user_id for user_id in user_ids if user_id not in known]
    if missing:
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                members += await guild.query_members(user_ids=missing, limit=len(missing), cache=False)
        except TimeoutError as error:
            raise NobodyAnsweredError from error
    return {
        member.id: Person(member.id, member.display_name, frozenset(role.id for role in member.roles))
        for member in members
    }
