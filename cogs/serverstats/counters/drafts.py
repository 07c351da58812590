"""What an admin wants of a counter, checked before anything happens at Discord."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import Enum, auto
from typing import Final

import discord

from bot.clock import Clock
from bot.errors import DiscordRefusedError, UnprocessableEntityError
from bot.text.language import Language, _, speaking
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

    def agrees(self, shown: Counter, now: Counter) -> bool:
        """Whether all that this changes is now as it was shown, or already as it is wanted."""
        wanted = {each.name: getattr(self, each.name) for each in fields(self)}
        if self.goal is None:
            # Where a goal is announced goes with it.
            wanted["announce_channel_id"] = None
        return all(
            getattr(now, name) in (getattr(shown, name), value)
            for name, value in wanted.items()
            if value is not KEEP
        )


class Drafts:
    """Makes and changes counters that are not stored yet; every refusal is a HeadcountError."""

    def __init__(
        self, census: Census, clock: Clock, language_of: Callable[[discord.Guild], Language]
    ) -> None:
        """`language_of(guild)` is the language that everybody there reads."""
        self._census = census
        self._clock = clock
        self._language_of = language_of

    def default_format(self, guild: discord.Guild, kind: CounterKind) -> str:
        """Return the format of a type in the language that the server has now; it does not follow a later one."""
        with speaking(self._language_of(guild)):
            return _(kind.default_format)

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
                _("counter_type must be between 1 and 10, not {value}.", value=counter_type)
            ) from None
        draft = Counter(
            guild_id=guild.id,
            counter_id=0,
            channel_id=0,
            counter_type=int(kind.counter_type),
            format=self.default_format(guild, kind) if format_text is None else format_text.strip(),
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
            counter = replace(counter, format=self.default_format(guild, kind))
        elif change.format is not KEEP:
            counter = replace(counter, format=change.format.strip())
        if change.role_id is not KEEP:
            if not kind.needs_role:
                raise UnprocessableEntityError(
                    _("A counter of the type {type} has no role.", type=_(kind.title))
                )
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
            raise UnprocessableEntityError(
                _("A counter of the type {type} needs a role.", type=_(kind.title))
            )
        if role_id is not None and guild.get_role(role_id) is None:
            raise UnprocessableEntityError(_("This server has no such role."))
        obstacle = self._census.obstacle(guild, CounterType(kind.counter_type), role_id)
        if obstacle == _(NO_MANAGE_ROLES):
            raise DiscordRefusedError(obstacle)
        if obstacle is not None:
            raise UnprocessableEntityError(obstacle)


def _check_goal(kind: CounterKind, goal: int | None) -> None:
    if goal is None:
        return
    if not kind.can_have_goal:
        raise UnprocessableEntityError(_("A counter of all statuses has no single number to set a goal for."))
    if not 1 <= goal <= GOAL_MOST:
        raise UnprocessableEntityError(
            _("The goal must be between 1 and {most}, not {value}.", most=GOAL_MOST, value=goal)
        )


def _check_announcement(guild: discord.Guild, counter: Counter, channel_id: int) -> None:
    if counter.goal is None:
        raise UnprocessableEntityError(_("Without a goal there is nothing to announce; set one too."))
    channel = guild.get_channel(channel_id)
    if not isinstance(channel, discord.TextChannel):
        raise UnprocessableEntityError(_("Goals can be announced in text channels of this server only."))
    permissions = channel.permissions_for(guild.me)
    if not permissions.view_channel or not permissions.send_messages:
        missing = _("Send Messages") if permissions.view_channel else _("View Channels")
        raise DiscordRefusedError(
            _("I need the permission {permission} in {channel}.", permission=missing, channel=channel.mention)
        )
