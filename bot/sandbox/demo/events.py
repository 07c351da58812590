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
class MessageEdited:
    """The bot edited its message about a member, who is known better now."""

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
class PastInvented:
    """The server has a past that never happened; the demo says so."""

    seed: int
    days: int
    messages: int
    voice_hours: int
    joins: int
    leaves: int


@dataclass(frozen=True, slots=True)
class ChatHappened:
    """Several people wrote."""

    members: tuple[str, ...]
    messages: int
    edited: int
    deleted: int


@dataclass(frozen=True, slots=True)
class MessageWritten:
    """Somebody wrote a message of the story."""

    member: str
    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """The bot has it on record; ``what`` is a sentence about it."""

    what: str


@dataclass(frozen=True, slots=True)
class PollAsked:
    """Somebody asked something in a poll."""

    member: str
    question: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Voted:
    """People voted; ``changed`` are those who took another vote back for it."""

    members: tuple[str, ...]
    answer: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StarsChanged:
    """People starred a message, or took their stars back, in the same instant."""

    members: tuple[str, ...]
    author: str
    given: bool


@dataclass(frozen=True, slots=True)
class BoardShows:
    """What a starboard has of a message: how many posts, and what the post says (empty without one)."""

    channel: str
    posts: int
    stars: str
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class PostCutShort:
    """The bot's post is there, and the bot is killed before it hears so."""

    channel: str


@dataclass(frozen=True, slots=True)
class CounterRenamed:
    """The name of a counter's channel followed the number of members."""

    before: str
    now: str


@dataclass(frozen=True, slots=True)
class GoalAnnounced:
    """The bot announced that a goal is reached."""

    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class VoiceChanged:
    """People entered a voice channel, or left voice (``channel`` is None)."""

    members: tuple[str, ...]
    channel: str | None
    moved: bool


@dataclass(frozen=True, slots=True)
class StatusShown:
    """Somebody shows another status, and plays something or nothing."""

    member: str
    status: str
    plays: str


@dataclass(frozen=True, slots=True)
class StatisticsShown:
    """The bot answered a question about statistics; ``charts`` are the files in which its charts are kept."""

    member: str
    command: str
    title: str
    lines: tuple[str, ...]
    charts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartsKept:
    """Where all charts are."""

    folder: str
    charts: int


@dataclass(frozen=True, slots=True)
class AmountChecked:
    """One comparison of the truth with the bot's records; ``note`` says what may be missing and why."""

    what: str
    truth: str
    recorded: str
    right: bool
    note: str


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
    """The end: joins = right + wrong + ambiguous + unknown.

    The other numbers are what the bot has on record, invented days included; ``problems`` is 0 when all is right.
    """

    joins: int
    right: int
    wrong: int
    ambiguous: int
    unknown: int
    messages: int = 0
    deleted: int = 0
    voice_seconds: int = 0
    votes: int = 0
    stars: int = 0
    posts: int = 0
    charts: int = 0
    problems: int = 0


Event = (
    DemoStarted
    | PastInvented
    | ChatHappened
    | MessageWritten
    | Recorded
    | PollAsked
    | Voted
    | StarsChanged
    | BoardShows
    | PostCutShort
    | CounterRenamed
    | GoalAnnounced
    | VoiceChanged
    | StatusShown
    | StatisticsShown
    | ChartsKept
    | AmountChecked
    | BotReady
    | BotKilled
    | ActBegan
    | CommandUsed
    | LinkMade
    | Joined
    | CrowdJoined
    | Concluded
    | MessagePosted
    | MessageEdited
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
