"""Taking the numbers of a server: from what discord.py holds, from the statuses, and from Discord where it must be asked."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import discord

from bot.client import HeadcountClient
from bot.request_failures import REQUEST_FAILURES
from bot.text.language import N_, _
from cogs.serverstats.counters.counter_types import CounterType, kind_of
from cogs.serverstats.counters.member_counts import MemberCounts
from cogs.serverstats.counters.numbers import Reading, Tally, read_counter, split_statuses
from cogs.serverstats.counters.presence_list import PresenceList
from cogs.serverstats.counters.rosters import Rosters
from storage.counters import Counter

REQUEST_SECONDS: Final = 30.0
LIST_SECONDS: Final = 120.0
"""The members of a large server are read at the pace of requests that nobody waits for."""

ROLE_DELETED: Final = N_(
    "The role of this counter was deleted; choose another with `/serverstats counter edit`."
)
NO_MANAGE_ROLES: Final = N_("I need the permission Manage Roles to count the members of a role.")
NO_MEMBERS_INTENT: Final = N_(
    "A counter of who is online with a role needs the Server Members Intent, "
    "which the operator of this bot has not turned on."
)

STATUSES_UNKNOWN: Final = N_(
    "Discord has not told me yet who is online in this large server; I will ask again."
)

NO_MEMBERS_NEEDED: Final = frozenset({CounterType.BOOSTS, CounterType.CHANNELS, CounterType.ROLES})


class StatusBoard(Protocol):
    """Who shows which status at this moment, as far as the gateway told, in the guilds that are watched."""

    def watch(self, guild_id: int) -> None:
        """Keep the statuses of this guild from now on."""
        ...

    def unwatch(self, guild_id: int) -> None:
        """Keep them no longer."""
        ...

    def is_complete(self, guild_id: int) -> bool:
        """Whether everybody's status is known, so that the numbers of this guild mean anything."""
        ...

    def expect_list(self, guild_id: int, nonce: str) -> None:
        """Take the parts of the list of all members with this nonce: with the last of them the guild is complete."""
        ...

    def online_count(self, guild_id: int) -> int:
        """Return how many members are online or idle."""
        ...

    def dnd_count(self, guild_id: int) -> int:
        """Return how many members are on Do Not Disturb."""
        ...

    def online_user_ids(self, guild_id: int) -> Collection[int]:
        """Return who is online or idle."""
        ...


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was found out, and for some counters why nothing was."""

    tally: Tally
    problems: Mapping[CounterType, str]

    def read(self, counter_type: CounterType, role_id: int | None) -> Reading | str:
        """Return what such a counter shows, or one sentence that says why it shows nothing."""
        reading = read_counter(self.tally, counter_type, role_id)
        if reading is not None:
            return reading
        return self.problems.get(
            counter_type, _("Discord has not told me this number yet; I will try again.")
        )


class Census:
    """Finds out what counters show."""

    def __init__(self, client: HeadcountClient, statuses: StatusBoard) -> None:
        self._client = client
        self._statuses = statuses
        self._rosters = Rosters(client)
        self._presences = PresenceList(client, statuses)
        self._members = MemberCounts(client)

    def open(self) -> None:
        """Begin to listen."""
        self._rosters.open()
        self._presences.open()
        self._members.open()

    def forget(self, guild_id: int) -> None:
        """Keep nothing of this guild."""
        self._rosters.forget(guild_id)
        self._presences.forget(guild_id)
        self._members.forget(guild_id)
        self._statuses.unwatch(guild_id)

    def obstacle(self, guild: discord.Guild, counter_type: CounterType, role_id: int | None) -> str | None:
        """Return why a counter of this type cannot work, one sentence; None when nothing is known to be in its way."""
        kind = kind_of(counter_type)
        if kind.needs_presences and not self._client.intents.presences:
            return _(
                "A counter of the type {type} needs the Presence Intent, "
                "which the operator of this bot has not turned on.",
                type=_(kind.title),
            )
        if not kind.needs_role or role_id == guild.id:
            return None
        if role_id is None or guild.get_role(role_id) is None:
            return _(ROLE_DELETED)
        if (
            counter_type is CounterType.MEMBERS_WITH_ROLE
            and not guild.me.guild_permissions.manage_roles  # Administrator includes it.
        ):
            return _(NO_MANAGE_ROLES)
        if counter_type is CounterType.ONLINE_WITH_ROLE and not self._client.intents.members:
            return _(NO_MEMBERS_INTENT)
        return None

    def gap(self, guild: discord.Guild, counter_type: CounterType) -> str | None:
        """Return why a counter of this type shows no number for now, one sentence; None when it does."""
        is_blind = not self._client.intents.presences or not kind_of(counter_type).watches_presences
        return None if is_blind or self._statuses.is_complete(guild.id) else _(STATUSES_UNKNOWN)

    async def take(self, guild: discord.Guild, wanted: Sequence[tuple[CounterType, int | None]]) -> Numbers:
        """Find out what these (type, role id) show; what they do not need is not asked for. Raises nothing of Discord's."""
        wanted = [one for one in wanted if self.obstacle(guild, *one) is None]
        types = {counter_type for counter_type, _role_id in wanted}
        problems: dict[CounterType, str] = {}
        statuses = None
        if self._client.intents.presences and any(kind_of(one).watches_presences for one in types):
            self._statuses.watch(guild.id)
            if not self._statuses.is_complete(guild.id):
                await self._presences.ask(guild)
        members = guild.member_count or 0
        if types - NO_MEMBERS_NEEDED:
            members = await self._members.fetch(guild)
        problems |= {one: gap for one in types if (gap := self.gap(guild, one)) is not None}
        types -= problems.keys()
        wanted = [one for one in wanted if one[0] in types]
        if self._client.intents.presences and any(kind_of(one).watches_presences for one in types):
            statuses = split_statuses(
                members, self._statuses.online_count(guild.id), self._statuses.dnd_count(guild.id)
            )
        approximate = None
        if CounterType.ONLINE in types and statuses is None:
            approximate = await self._ask_approximate_online(guild, problems)
        members_by_role: Mapping[int, int] = {}
        if any(kind is CounterType.MEMBERS_WITH_ROLE and role != guild.id for kind, role in wanted):
            members_by_role = await self._ask_role_counts(guild, problems)
        online_by_role: Mapping[int, int] = {}
        online_roles = {role for kind, role in wanted if kind is CounterType.ONLINE_WITH_ROLE and role}
        if online_roles - {guild.id}:
            online_by_role = await self._count_online(guild, online_roles - {guild.id}, problems)
        return Numbers(
            Tally(
                members=members,
                boosts=guild.premium_subscription_count,
                # People see categories as headings, and everybody has @everyone.
                channels=sum(channel.type is not discord.ChannelType.category for channel in guild.channels),
                roles=len(guild.roles) - 1,
                statuses=statuses,
                approximate_online=approximate,
                members_by_role={**members_by_role, guild.id: members},
                online_by_role=online_by_role
                if statuses is None
                else {**online_by_role, guild.id: statuses.online},
            ),
            problems,
        )

    async def _ask_approximate_online(
        self, guild: discord.Guild, problems: dict[CounterType, str]
    ) -> int | None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                payload: Any = await self._client.http.get_guild(guild.id, with_counts=True)
            return int(payload["approximate_presence_count"])
        except (*REQUEST_FAILURES, KeyError) as error:
            problems[CounterType.ONLINE] = _unanswered(
                error,
                N_("Discord did not say how many members are online ({reason}); I will try again."),
                N_("Discord did not say how many members are online; I will try again."),
            )
            return None

    async def _ask_role_counts(
        self, guild: discord.Guild, problems: dict[CounterType, str]
    ) -> Mapping[int, int]:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                counts = await guild.role_member_counts()
        except discord.Forbidden:
            problems[CounterType.MEMBERS_WITH_ROLE] = _(NO_MANAGE_ROLES)
        except REQUEST_FAILURES as error:
            problems[CounterType.MEMBERS_WITH_ROLE] = _unanswered(
                error,
                N_("Discord did not say how many members each role has ({reason}); I will try again."),
                N_("Discord did not say how many members each role has; I will try again."),
            )
        else:
            # A role that nobody has may be left out of the answer.
            return {role.id: 0 for role in guild.roles} | {role.id: count for role, count in counts.items()}
        return {}

    async def _count_online(
        self, guild: discord.Guild, role_ids: Collection[int], problems: dict[CounterType, str]
    ) -> Mapping[int, int]:
        try:
            async with asyncio.timeout(LIST_SECONDS):
                rosters = await self._rosters.fetch(guild, role_ids)
        except discord.Forbidden:
            problems[CounterType.ONLINE_WITH_ROLE] = _(NO_MEMBERS_INTENT)
        except REQUEST_FAILURES as error:
            problems[CounterType.ONLINE_WITH_ROLE] = _unanswered(
                error,
                N_("Discord did not say who has the role ({reason}); I will try again."),
                N_("Discord did not say who has the role; I will try again."),
            )
        else:
            online = self._statuses.online_user_ids(guild.id)
            return {role_id: sum(user_id in rosters[role_id] for user_id in online) for role_id in role_ids}
        return {}


def wanted_by(counters: Sequence[Counter]) -> list[tuple[CounterType, int | None]]:
    """Return what to ask a census for."""
    return [(CounterType(counter.counter_type), counter.role_id) for counter in counters]


def _unanswered(error: Exception, with_reason: str, without_reason: str) -> str:
    if isinstance(error, discord.HTTPException):
        return _(with_reason, reason=error.text or error.status)
    return _(without_reason)
