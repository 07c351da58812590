"""What the demo tells, one plain record each; the printers decide how it looks."""

import re
from dataclasses import dataclass

from .checking import Outcome


@dataclass(frozen=True, slots=True)
class DemoStarted:
    """Both processes are about to run."""

    server: str
    api_base: str
    seed: int


@dataclass(frozen=True, slots=True)
class BotReady:
    """The bot is connected."""

    again: bool
    process_id: int


@dataclass(frozen=True, slots=True)
class BotKilled:
    """The bot's process was killed."""


@dataclass(frozen=True, slots=True)
class ActBegan:
    """A scene begins; counted from 1."""

    number: int
    title: str
    narration: str


@dataclass(frozen=True, slots=True)
class CommandUsed:
    """Somebody used a command of the bot; ``answer`` is the first line of what it said, ``more`` the rest."""

    member: str
    command: str
    answer: str
    more: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkMade:
    """An invite exists from now on; ``max_uses`` 0 is no limit."""

    link: str
    inviter: str
    code: str
    max_uses: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody joined: the truth."""

    member: str
    source: str
    link: str | None
    code: str | None
    inviter: str | None


@dataclass(frozen=True, slots=True)
class CrowdJoined:
    """Many joined in a short time; ``per_link`` says how many through which link."""

    joins: int
    within_ms: int
    per_link: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Concluded:
    """What the bot concluded about a join, and how it knows; ``says`` is the answer in words.

    ``note`` is what else there is to say about it, mostly nothing.
    """

    member: str
    truth: str
    says: str
    because: str
    note: str
    certainty: str
    method: str
    source: str
    code: str | None
    inviter: str | None
    candidates: tuple[str, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """The bot wrote a message about a member in a channel."""

    member: str
    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class RequestsCounted:
    """How often the bot asked for the list of invites during a crowd."""

    joins: int
    requests: int


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """Somebody left."""

    member: str


@dataclass(frozen=True, slots=True)
class LeaveNoted:
    """The bot has it on record that a member left."""

    member: str


@dataclass(frozen=True, slots=True)
class LeaderboardRow:
    """An inviter's counts as the bot has them."""

    inviter: str
    real: int
    total: int
    leaves: int
    fake: int


@dataclass(frozen=True, slots=True)
class LeaderboardShown:
    """The leaderboard, best first; ``answer`` is what the bot's own command showed."""

    command: str
    answer: tuple[str, ...]
    rows: tuple[LeaderboardRow, ...]


@dataclass(frozen=True, slots=True)
class JoinChecked:
    """Expected against concluded, for one join."""

    member: str
    expected: str
    concluded: str
    how: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ProblemFound:
    """Something is not as it must be."""

    problem: str


@dataclass(frozen=True, slots=True)
class LogShown:
    """The end of the bot's log, after a failure."""

    path: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """Both processes go on running; this is how to reach them."""

    api_base: str
    gateway_url: str
    token: str
    data_path: str
    log_path: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The end: joins = right + wrong + ambiguous + unknown."""

    joins: int
    right: int
    wrong: int
    ambiguous: int
    unknown: int


Event = (
    DemoStarted
    | BotReady
    | BotKilled
    | ActBegan
    | CommandUsed
    | LinkMade
    | Joined
    | CrowdJoined
    | Concluded
    | MessagePosted
    | RequestsCounted
    | MemberLeft
    | LeaveNoted
    | LeaderboardShown
    | JoinChecked
    | ProblemFound
    | LogShown
    | Kept
    | Summary
)


def event_name(event: Event) -> str:
    """Return the name of an event in JSON lines, e.g. ``act_began``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
