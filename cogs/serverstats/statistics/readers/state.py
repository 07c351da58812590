"""What reading functions work with: the state that grows from event to event, and what else is known. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.gateway import Payload
from cogs.serverstats.statistics.polls import PollBook
from cogs.serverstats.statistics.rules import GuildRules
from cogs.serverstats.statistics.sessions import OpenSessions
from storage.statistics.catalogue import Kind
from storage.statistics.changes import Change

TEXT_LENGTH = 100
"""Longer names are cut."""


class KnownMember(NamedTuple):
    """A member as far as it decides about counting."""

    is_bot: bool
    role_ids: frozenset[int]
    joined_at_ms: int | None


class RecentJoins:
    """Who joined lately: Discord may tell of one join twice, with times that differ a little."""

    COPY_MS = 1_000
    LIMIT = 10_000

    def __init__(self) -> None:
        self._joined_at_ms: dict[tuple[int, int], int] = {}

    def is_new(self, guild_id: int, user_id: int, joined_at_ms: int, known_ms: int | None) -> bool:
        """Take a join, and return whether it was not known, from here or as `known_ms`."""
        key = guild_id, user_id
        before = (self._joined_at_ms.pop(key, None), known_ms)
        self._joined_at_ms[key] = joined_at_ms
        if len(self._joined_at_ms) > self.LIMIT:
            del self._joined_at_ms[next(iter(self._joined_at_ms))]
        return not any(at_ms is not None and abs(joined_at_ms - at_ms) <= self.COPY_MS for at_ms in before)


class RecentDeletions:
    """Which messages were deleted lately: Discord may tell of one deletion twice."""

    LIMIT = 10_000

    def __init__(self) -> None:
        self._message_ids: dict[int, None] = {}

    def is_new(self, message_id: int) -> bool:
        """Take a deletion, and return whether it was not known."""
        if message_id in self._message_ids:
            return False
        self._message_ids[message_id] = None
        if len(self._message_ids) > self.LIMIT:
            del self._message_ids[next(iter(self._message_ids))]
        return True


@dataclass(slots=True, kw_only=True)
class State:
    """What is known beside the event itself."""

    next_id: Callable[[int], int]
    """Gives out an id for a record of this time."""
    is_opted_out: Callable[[int, int], bool]
    """Whether this member (guild id, user id) wants to be left out."""
    place_of: Callable[[int, int], Iterable[int]]
    """Returns what is known of where a channel (guild id, channel id) lies: itself, its parent, its category."""
    member_of: Callable[[int, int], KnownMember | None]
    """Returns what is known of a member (guild id, user id)."""
    clock_lead_ms: Callable[[], int] = lambda: 0
    """Returns how far our clock, that of `received_at_ms`, is ahead of Discord's."""
    sessions: OpenSessions
    polls: PollBook = field(default_factory=PollBook)
    joins: RecentJoins = field(default_factory=RecentJoins)
    deletions: RecentDeletions = field(default_factory=RecentDeletions)

    def named(self, guild_id: int, user_id: int) -> int | None:
        """Return the id under which something of this person is recorded: none when they opted out."""
        return None if self.is_opted_out(guild_id, user_id) else user_id

    def ignores(self, rules: GuildRules, channel_id: int | None) -> bool:
        """Whether nothing is counted in this channel."""
        if not rules.ignored_channel_ids or channel_id is None:
            return False
        return rules.ignores(self.place_of(rules.guild_id, channel_id))

    def leaves_out(
        self, rules: GuildRules, user_id: int, *, user: Payload | None = None, member: Payload | None = None
    ) -> bool:
        """Whether this person is not counted; what the event shows of them goes before what is known."""
        if rules.counts_everyone:
            return False
        known = None
        if user is None or "bot" not in user or member is None:
            known = self.member_of(rules.guild_id, user_id)
        is_bot = known.is_bot if known is not None else False
        if user is not None and "bot" in user:
            is_bot = bool(user["bot"])
        role_ids = known.role_ids if known is not None else frozenset[int]()
        if member is not None and "roles" in member:
            role_ids = frozenset(map(int, member["roles"]))
        return rules.leaves_out(is_bot=is_bot, role_ids=role_ids)


Read = Callable[[Payload, int, GuildRules, State], Iterable[Change]]
"""Takes a payload, when it was received, the rules of its guild and the state; returns what is to be recorded."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What is read from one kind of gateway event, in guilds that have switched the kinds' group on."""

    event: str
    feeds: tuple[Kind, ...]
    """Kinds of one group."""
    read: Read
