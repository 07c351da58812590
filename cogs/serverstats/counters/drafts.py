"""What an admin wants of a counter, checked before anything happens at Discord."""

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

import discord

from bot.clock import Clock
from bot.errors import DiscordRefusedError, UnprocessableEntityError
from cogs.serverstats.counters.census import NO_MANAGE_ROLES, Census
from cogs.serverstats.counters.counter_types import CounterKind, CounterType, kind_of
from storage.counters import Counter

GOAL_MOST: Final = 1_000_000_000


class Keep(Enum):
    """Stands for a field that an edit leaves as it is."""

    KEEP = auto()


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class CounterChange:
    """What an edit changes; a format of None is the one of the type, another None takes the thing away."""

    format: str | Keep | None = KEEP
    role_id: int | Keep = KEEP
    goal: int | Keep | None = KEEP
    announce_channel_id: int | Keep | None = KEEP


class Drafts:
    """Makes and changes counters that are not stored yet; every refusal is a HeadcountError."""

    def __init__(self, census: Census, clock: Clock) -> None:
        self._census = census
        self._clock = clock

    def make(
        self,
        guild: discord.Guild,
        counter_type: int,
        format_text: str | None,
        role_id: int | None,
        goal: int | None,
        announce_channel_id: int | None,
    ) -> Counter:
        """Return a counter without an id and a channel; a role that its type does not need is left out."""
        try:
            kind = kind_of(counter_type)
        except ValueError:
            raise UnprocessableEntityError(
                f"counter_type must be between 1 and 10, not {counter_type}."
            ) from None
        draft = Counter(
            guild_id=guild.id,
            counter_id=0,
            channel_id=0,
            counter_type=int(kind.counter_type),
            format=kind.default_format if format_text is None else format_text.strip(),
            role_id=role_id if kind.needs_role else None,
            goal=goal,
            announce_channel_id=announce_channel_id,
            is_adopted=False,
            created_at_ms=self._clock.now_ms(),
            goal_reached_at_ms=None,
            renamed_at_ms=None,
            blocked_until_ms=None,
        )
        self._check_role(guild, kind, draft.role_id)
        _check_goal(kind, goal)
        if announce_channel_id is not None:
            _check_announcement(guild, draft, announce_channel_id)
        return draft

    def change(self, guild: discord.Guild, counter: Counter, change: CounterChange) -> Counter:
        """Return the counter as it is wanted; only what changes is checked."""
        kind = kind_of(counter.counter_type)
        if change.format is None:
            counter = replace(counter, format=kind.default_format)
        elif change.format is not KEEP:
            counter = replace(counter, format=change.format.strip())
        if change.role_id is not KEEP:
            if not kind.needs_role:
                raise UnprocessableEntityError(f"A counter of the type {kind.title} has no role.")
            self._check_role(guild, kind, change.role_id)
            counter = replace(counter, role_id=change.role_id)
        if change.goal is not KEEP:
            _check_goal(kind, change.goal)
            counter = replace(counter, goal=change.goal)
            if change.goal is None:
                counter = replace(counter, announce_channel_id=None)
        if change.announce_channel_id is not KEEP:
            counter = replace(counter, announce_channel_id=change.announce_channel_id)
            if change.announce_channel_id is not None:
                _check_announcement(guild, counter, change.announce_channel_id)
        return counter

    def _check_role(self, guild: discord.Guild, kind: CounterKind, role_id: int | None) -> None:
        if kind.needs_role and role_id is None:
            raise UnprocessableEntityError(f"A counter of the type {kind.title} needs a role.")
        if role_id is not None and guild.get_role(role_id) is None:
            raise UnprocessableEntityError("This server has no such role.")
        obstacle = self._census.obstacle(guild, CounterType(kind.counter_type), role_id)
        if obstacle == NO_MANAGE_ROLES:
            raise DiscordRefusedError(obstacle)
        if obstacle is not None:
            raise UnprocessableEntityError(obstacle)


def _check_goal(kind: CounterKind, goal: int | None) -> None:
    if goal is None:
        return
    if not kind.can_have_goal:
        raise UnprocessableEntityError("A counter of all statuses has no single number to set a goal for.")
    if not 1 <= goal <= GOAL_MOST:
        raise UnprocessableEntityError(f"The goal must be between 1 and {GOAL_MOST}, not {goal}.")


def _check_announcement(guild: discord.Guild, counter: Counter, channel_id: int) -> None:
    if counter.goal is None:
        raise UnprocessableEntityError("Without a goal there is nothing to announce; set one too.")
    channel = guild.get_channel(channel_id)
    if not isinstance(channel, discord.TextChannel):
        raise UnprocessableEntityError("Goals can be announced in text channels of this server only.")
    permissions = channel.permissions_for(guild.me)
    if not permissions.view_channel or not permissions.send_messages:
        missing = "Send Messages" if permissions.view_channel else "View Channels"
        raise DiscordRefusedError(f"I need the permission {missing} in {channel.mention}.")
