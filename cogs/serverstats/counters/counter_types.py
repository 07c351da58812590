"""The ten types of counters: one row each, from which formats, checks, choices and texts are derived."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from bot.text.language import N_


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
    """As choices and lists show it; marked with N_."""
    default_format: str
    """Marked with N_: a counter is made in the language that its server has then."""
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
        N_("Statuses"),
        N_("Online: <online> · DND: <dnd> · Offline: <offline>"),
        variables=("online", "dnd", "offline"),
        needs_presences=True,
        watches_presences=True,
    ),
    CounterKind(CounterType.ONLINE, N_("Online"), N_("Online: <value>"), watches_presences=True),
    CounterKind(
        CounterType.ONLINE_WITH_ROLE,
        N_("Online with a role"),
        N_("Online <role_name>: <value>"),
        variables=("value", "role_name"),
        needs_role=True,
        needs_presences=True,
        watches_presences=True,
    ),
    CounterKind(
        CounterType.OFFLINE,
        N_("Offline"),
        N_("Offline: <value>"),
        needs_presences=True,
        watches_presences=True,
    ),
    CounterKind(
        CounterType.DND,
        N_("Do not disturb"),
        N_("DND: <value>"),
        needs_presences=True,
        watches_presences=True,
    ),
    CounterKind(CounterType.MEMBERS, N_("Members"), N_("Members: <value>")),
    CounterKind(
        CounterType.MEMBERS_WITH_ROLE,
        N_("Members with a role"),
        "<role_name>: <value>",
        variables=("value", "role_name"),
        needs_role=True,
    ),
    CounterKind(CounterType.BOOSTS, N_("Boosts"), N_("Boosts: <value>")),
    CounterKind(CounterType.CHANNELS, N_("Channels"), N_("Channels: <value>")),
    CounterKind(CounterType.ROLES, N_("Roles"), N_("Roles: <value>")),
)
"""In the order of their numbers."""

_BY_TYPE = {kind.counter_type: kind for kind in KINDS}


def kind_of(counter_type: int) -> CounterKind:
    """Return the row of a type; raises ValueError for a number that is none."""
    return _BY_TYPE[CounterType(counter_type)]
