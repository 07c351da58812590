"""The counter panel of an older generation of the published API: existing channels that become counters.

Three of its fields name a channel each, and two lists make and delete counters of members with a role who are online.
What follows from them is decided before anything happens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.errors import UnprocessableEntityError
from bot.text.language import _
from cogs.serverstats.counters.counter_types import CounterType
from cogs.serverstats.counters.placing import COUNTERS_PER_GUILD
from storage.counters import Counter

NUMBER: Final = "<value>"


@dataclass(frozen=True, slots=True)
class RolePanel:
    """A counter that is to be made for the members with a role who are online."""

    format: str
    role_id: int

    @classmethod
    def named(cls, name: str, role_id: int) -> "RolePanel":
        """Return the panel with this name: the number stands behind it, unless the name says where."""
        return cls(name if NUMBER in name else f"{name.strip()}: {NUMBER}", role_id)


@dataclass(frozen=True, slots=True)
class PanelWish:
    """What the panel is to be like; a type that is not named stays as it is."""

    channels: Mapping[CounterType, int | None] = field(default_factory=dict)
    """The channel that shows a number of this type; None: none that was there before does so any more."""
    made: tuple[RolePanel, ...] = ()
    deleted_channel_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """What is to be done, in this order."""

    deleted: tuple[Counter, ...]
    released: tuple[Counter, ...]
    adopted: tuple[tuple[int, CounterType], ...]
    """(channel id, type)."""
    made: tuple[RolePanel, ...]


def plan_panel(counters: Sequence[Counter], wish: PanelWish) -> PanelPlan:
    """Return what follows from a wish; raises UnprocessableEntityError for what cannot be."""
    wanted = [channel_id for channel_id in wish.channels.values() if channel_id is not None]
    for channel_id in wanted:
        if wanted.count(channel_id) > 1 or channel_id in wish.deleted_channel_ids:
            raise UnprocessableEntityError(
                _("{channel} cannot be two things of the counter panel at once.", channel=f"<#{channel_id}>")
            )
    by_channel = {counter.channel_id: counter for counter in counters}
    for channel_id in sorted(wish.deleted_channel_ids):
        counter = by_channel.get(channel_id)
        if counter is None or counter.counter_type != CounterType.ONLINE_WITH_ROLE:
            raise UnprocessableEntityError(
                _(
                    "{channel} is not a counter of members with a role who are online.",
                    channel=f"<#{channel_id}>",
                )
            )
    adopted = tuple(
        (channel_id, counter_type)
        for counter_type, channel_id in wish.channels.items()
        if channel_id is not None
        and (channel_id not in by_channel or by_channel[channel_id].counter_type != counter_type)
    )
    released = tuple(
        counter
        for counter in counters
        if counter.is_adopted
        and counter.counter_type in wish.channels
        # A channel that becomes something else of the panel is not let go in between.
        and counter.channel_id not in wanted
    )
    deleted = tuple(counter for counter in counters if counter.channel_id in wish.deleted_channel_ids)
    new = len(wish.made) + sum(channel_id not in by_channel for channel_id, _type in adopted)
    if new and len(counters) - len(deleted) - len(released) + new > COUNTERS_PER_GUILD:
        raise UnprocessableEntityError(
            _("A server can have {most} counters; delete one first.", most=COUNTERS_PER_GUILD)
        )
    return PanelPlan(deleted, released, adopted, wish.made)
