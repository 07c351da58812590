"""What a story is made of: a server, the people in it, and acts that are played one after the other.

A story is plain data. It says what happens and which joins can be decided; what is right follows from that.
A new kind of happening is a new step here, and a method of its area in ``playing``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


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
    """Somebody joins. ``decidable`` demands that the counters alone tell how; it must never be wrong either way."""

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
class AwaitSearch:
    """Time passes until Discord's member search tells how those came whose joins are open."""


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


@dataclass(frozen=True, slots=True)
class Chat:
    """Several people write, each what chance lets them; some messages are edited or deleted again."""

    who: tuple[str, ...]
    messages: int
    edited: int = 0
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class Write:
    """Somebody writes a message; ``message`` is the name that the story gives it."""

    message: str
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class AskPoll:
    """Somebody asks something; ``poll`` is the name that the story gives it."""

    poll: str
    by: str
    question: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vote:
    """People vote for an answer of a poll; those who voted for another take that vote back first."""

    poll: str
    who: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class MakeBoard:
    """The admin makes a starboard by command; the bot makes its channel."""

    threshold: int


@dataclass(frozen=True, slots=True)
class Star:
    """People star a message, all in the same instant."""

    message: str
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unstar:
    """People take their stars back, all in the same instant."""

    message: str
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StarAndKillBot:
    """People star a message; the bot is killed when its post is there and before it can know."""

    message: str
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MakeCounter:
    """The admin makes a counter of all members by command.

    ``text`` is its name with ``<value>`` for the number, the bot's own when it is empty. With ``goal_ahead`` its goal is
    so many more members than there are.
    """

    text: str = ""
    goal_ahead: int = 0


@dataclass(frozen=True, slots=True)
class AwaitCounters:
    """Time passes until all counters show how many members there are; each can be renamed once in six minutes."""


@dataclass(frozen=True, slots=True)
class EnterVoice:
    """People join a voice channel, or move there."""

    who: tuple[str, ...]
    channel: str


@dataclass(frozen=True, slots=True)
class LeaveVoice:
    """People leave voice."""

    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """Somebody is online, idle, dnd or offline from now on, and plays something or nothing."""

    who: str
    status: str
    plays: str = ""


@dataclass(frozen=True, slots=True)
class AskStatistics:
    """The admin asks for statistics by command; the charts of the answer are kept."""

    command: str
    options: tuple[tuple[str, str | int], ...] = ()


Step = (
    EnableTracker
    | TurnOnMessages
    | MakeLink
    | MakeLinkByCommand
    | Join
    | JoinAtOnce
    | Crowd
    | AwaitSearch
    | AddBot
    | Leave
    | KillBot
    | StartBot
    | Chat
    | Write
    | AskPoll
    | Vote
    | MakeBoard
    | Star
    | Unstar
    | StarAndKillBot
    | MakeCounter
    | AwaitCounters
    | EnterVoice
    | LeaveVoice
    | ShowStatus
    | AskStatistics
)


@dataclass(frozen=True, slots=True)
class Act:
    """A scene: a title, a line about what there is to see, and what happens in it."""

    title: str
    narration: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PastLife:
    """What the server was like before the story: its last ``days`` are invented by chance.

    ``crowd`` members have no part in the story; ``newcomers`` of them came during these days, ``leavers`` others came
    and went again.
    """

    days: int
    timezone: str
    crowd: int
    newcomers: int
    leavers: int
    activities: tuple[tuple[int, str, float], ...]
    """Type, name, and how much it is liked."""


@dataclass(frozen=True, slots=True)
class Story:
    """A server with an admin and members who were there before the bot, and what happens.

    ``text_channels`` come beside #general and #welcome; the numbers say how much is written there.
    """

    server: str
    vanity_code: str
    admin: str
    members: tuple[str, ...]
    acts: tuple[Act, ...]
    past: PastLife
    text_channels: Mapping[str, float] = field(default_factory=dict)
    voice_channels: tuple[str, ...] = ()
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
