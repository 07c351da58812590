"""What a story is made of: a server, the people in it, and acts that are played one after the other.

A story is plain data. It says what happens and which joins can be decided; what is right follows from that.
A new kind of happening is a new step here, and a method in ``player.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThroughLink:
    """Somebody follows an invite link; ``link`` is the name that the story gives it."""

    link: str


@dataclass(frozen=True, slots=True)
class ThroughVanity:
    """Somebody uses the server's own address."""


@dataclass(frozen=True, slots=True)
class ThroughDiscovery:
    """Somebody finds the server in Server Discovery; no counter rises."""


Way = ThroughLink | ThroughVanity | ThroughDiscovery


@dataclass(frozen=True, slots=True)
class EnableTracker:
    """The admin types ``/invite_tracker enable``."""


@dataclass(frozen=True, slots=True)
class TurnOnMessages:
    """The admin turns the join and leave messages on, in the welcome channel."""


@dataclass(frozen=True, slots=True)
class MakeLink:
    """A member makes an invite in Discord itself; ``max_uses`` 0 is no limit."""

    link: str
    by: str
    max_uses: int = 0


@dataclass(frozen=True, slots=True)
class MakeLinkByCommand:
    """A member makes an invite with ``/invite_tracker create``; Discord names the bot as its inviter."""

    link: str
    by: str


@dataclass(frozen=True, slots=True)
class Join:
    """Somebody joins. ``decidable`` demands that the bot finds out how; it must never be wrong either way."""

    who: str
    way: Way
    decidable: bool = True


@dataclass(frozen=True, slots=True)
class JoinAtOnce:
    """Several people join in the same instant."""

    joins: tuple[Join, ...]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Many people join within ``within_ms``; chance decides who follows which of the links, and when."""

    who: tuple[str, ...]
    links: tuple[str, ...]
    within_ms: int


@dataclass(frozen=True, slots=True)
class AddBot:
    """A member adds a bot to the server."""

    name: str
    by: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody leaves."""

    who: str


@dataclass(frozen=True, slots=True)
class KillBot:
    """The bot's process is killed, without a chance to tidy up."""


@dataclass(frozen=True, slots=True)
class StartBot:
    """The bot is started again."""


Step = (
    EnableTracker
    | TurnOnMessages
    | MakeLink
    | MakeLinkByCommand
    | Join
    | JoinAtOnce
    | Crowd
    | AddBot
    | Leave
    | KillBot
    | StartBot
)


@dataclass(frozen=True, slots=True)
class Act:
    """A scene: a title, a line about what there is to see, and what happens in it."""

    title: str
    narration: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A server with an admin and members who were there before the bot, and what happens."""

    server: str
    vanity_code: str
    admin: str
    members: tuple[str, ...]
    acts: tuple[Act, ...]
    event_lag_ms: tuple[float, float] = (5, 40)
    rest_latency_ms: tuple[float, float] = (5, 40)

    def steps(self) -> Iterator[Step]:
        """Go through what happens, in order."""
        for act in self.acts:
            yield from act.steps

    def newcomers(self) -> tuple[str, ...]:
        """Return the names of all people (no bots) who join, each once, in order."""
        names: dict[str, None] = {}
        for step in self.steps():
            match step:
                case Join(who=who):
                    names[who] = None
                case JoinAtOnce(joins=joins):
                    names |= dict.fromkeys(join.who for join in joins)
                case Crowd(who=crowd):
                    names |= dict.fromkeys(crowd)
                case _:
                    pass
        return tuple(names)
