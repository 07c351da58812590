"""The ten types of counters: one row each, from which formats, checks, choices and texts are derived."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class CounterType(IntEnum):
    """What a counter shows; the numbers are those that clients of the HTTP API know."""

    STATUSES = 1
    ONLINE = 2
    ONLINE_WITH_ROLE = 3
    OFFLINE = 4
    DND = 5
    MEMBERS = 6
    MEMBERS_WITH_ROLE = 7
    BOOSTS = 8
    CHANNELS = 9
    ROLES = 10


@dataclass(frozen=True, slots=True)
class CounterKind:
    """What is special about a type."""

    counter_type: CounterType
    title: str
    """As choices and lists show it."""
    noun: str
    """What is counted, after a number: "120 members"."""
    default_format: str
    variables: tuple[str, ...] = ("value",)
    """The names that stand for something in its formats, without brackets."""
    needs_role: bool = False
    needs_presences: bool = False
    """Whether it cannot be told without the presence intent."""
    watches_presences: bool = False
    """Whether it rests on people's statuses at all."""

    @property
    def can_have_goal(self) -> bool:
        """Whether there is one number that a goal could be set for."""
        return "value" in self.variables


KINDS: Final = (
    CounterKind(
        CounterType.STATUSES,
        "Statuses",
        "statuses",
        "Online: <online> · DND: <dnd> · Offline: <offline>",
        variables=("online", "dnd", "offline"),
        needs_presences=True,
        watches_presences=True,
    ),
    CounterKind(CounterType.ONLINE, "Online", "members online", "Online: <value>", watches_presences=True),
    CounterKind(
        CounterType.ONLINE_WITH_ROLE,
        "Online with a role",
        "members online with the role <role_name>",
        "Online <role_name>: <value>",
        variables=("value", "role_name"),
        needs_role=True,
        needs_presences=True,
        watches_presences=True,
    ),
    CounterKind(
        CounterType.OFFLINE,
        "Offline",
        "members offline",
        "Offline: <value>",
        needs_presences=True,
        watches_presences=True,
    ),
    CounterKind(
        CounterType.DND,
        "Do not disturb",
        "members on Do Not Disturb",
        "DND: <value>",
        needs_presences=True,
        watches_presences=True,
    ),
    CounterKind(CounterType.MEMBERS, "Members", "members", "Members: <value>"),
    CounterKind(
        CounterType.MEMBERS_WITH_ROLE,
        "Members with a role",
        "members with the role <role_name>",
        "<role_name>: <value>",
        variables=("value", "role_name"),
        needs_role=True,
    ),
    CounterKind(CounterType.BOOSTS, "Boosts", "boosts", "Boosts: <value>"),
    CounterKind(CounterType.CHANNELS, "Channels", "channels", "Channels: <value>"),
    CounterKind(CounterType.ROLES, "Roles", "roles", "Roles: <value>"),
)
"""In the order of their numbers."""

_BY_TYPE = {kind.counter_type: kind for kind in KINDS}


def kind_of(counter_type: int) -> CounterKind:
    """Return the row of a type; raises ValueError for a number that is none."""
    return _BY_TYPE[CounterType(counter_type)]
