"""What a counter shows: pure functions from what is known of a server to a number, or to the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cogs.serverstats.counters.counter_types import CounterType


@dataclass(frozen=True, slots=True)
class Statuses:
    """How many members are online (or idle), on Do Not Disturb, and neither; together they are all members."""

    online: int
    dnd: int
    offline: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What is known of a server at one moment; None where nothing is known."""

    members: int
    boosts: int
    channels: int
    roles: int
    statuses: Statuses | None = None
    approximate_online: int | None = None
    """Discord's own estimate, which includes Do Not Disturb; used where statuses are unknown."""
    members_by_role: Mapping[int, int] = field(default_factory=dict)
    online_by_role: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """The number of a counter; for a counter of all statuses only `statuses` is set."""

    value: int | None = None
    statuses: Statuses | None = None
    is_approximate: bool = False


def split_statuses(members: int, online: int, dnd: int) -> Statuses:
    """Return the three statuses such that they add up to all members.

    Who is online is counted by other events than who is a member; for a moment there may be more of the former.
    """
    members = max(0, members)
    dnd = min(max(0, dnd), members)
    online = min(max(0, online), members - dnd)
    return Statuses(online, dnd, members - online - dnd)


def read_counter(tally: Tally, counter_type: CounterType, role_id: int | None) -> Reading | None:
    """Return what a counter of this type shows, None when it is not known."""
    role_id = role_id or 0
    match counter_type:
        case CounterType.STATUSES:
            return None if tally.statuses is None else Reading(statuses=tally.statuses)
        case CounterType.ONLINE if tally.statuses is None:
            approximate = tally.approximate_online
            return None if approximate is None else Reading(approximate, is_approximate=True)
        case CounterType.ONLINE | CounterType.OFFLINE | CounterType.DND if tally.statuses is not None:
            statuses = tally.statuses
            by_type = {
                CounterType.ONLINE: statuses.online,
                CounterType.OFFLINE: statuses.offline,
                CounterType.DND: statuses.dnd,
            }
            return Reading(by_type[counter_type])
        case CounterType.ONLINE_WITH_ROLE if role_id in tally.online_by_role:
            return Reading(tally.online_by_role[role_id])
        case CounterType.MEMBERS_WITH_ROLE if role_id in tally.members_by_role:
            return Reading(tally.members_by_role[role_id])
        case CounterType.MEMBERS:
            return Reading(tally.members)
        case CounterType.BOOSTS:
            return Reading(tally.boosts)
        case CounterType.CHANNELS:
            return Reading(tally.channels)
        case CounterType.ROLES:
            return Reading(tally.roles)
        case _:
            return None


def missing_to_goal(value: int, goal: int) -> int:
    """Return how much is missing, 0 once the goal is reached."""
    return max(0, goal - value)
