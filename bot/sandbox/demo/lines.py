"""What happens in a server's life, as lines for people. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import events
from .events import Event

ANSWER_LINES = 3
TOO_MANY = 2
LEGEND = "▲ ▼"
"""How the bot explains its signs; here it would only take up room."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Somebody did something."""

    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What came of it, behind a sign."""

    sign: str
    sign_style: str
    text: str
    style: str = ""


Line = Happened | Noted


def lines_of(event: Event) -> Iterator[Line]:
    """Return the lines of an event; none for those that are shown otherwise."""
    match event:
        case events.ChatHappened(members=members, messages=messages, edited=edited, deleted=deleted):
            what = f"write {messages} messages, edit {edited} and delete {deleted}"
            yield Happened(f"{len(members)} people", what)
        case events.MessageWritten(member=member, channel=channel, text=text):
            yield Happened(member, f"writes in #{channel}: {text}")
        case events.Recorded(what=what):
            yield Noted("✓", "green", what)
        case events.PollAsked(member=member, question=question, answers=answers):
            yield Happened(member, f"asks: {question} {either(answers)}?")
        case events.Voted(members=members, answer=answer, changed=changed):
            rest = f" ({listed(changed)} took another vote back)" if changed else ""
            yield Happened(listed(members), f"{verb(members, 'vote')} for {answer}{rest}")
        case events.StarsChanged(members=members, author=author, given=given):
            what = f"{verb(members, 'star')} it" if given else f"{verb(members, 'take')} the star back"
            at_once = " in the same instant" if len(members) > 1 else ""
            yield Happened(listed(members), f"{what}{at_once}" if given else f"{what} from {author}")
        case events.BoardShows(channel=channel, posts=posts, stars=stars, author=author, text=text):
            if posts:
                yield Noted(f"#{channel}", "dim", f"⭐ {stars}  {author}: {text}", "dim")
            number = {0: "no post", 1: "one post"}.get(posts, f"{posts} posts")
            yield Noted(
                *(("✓", "green") if posts < TOO_MANY else ("✗", "bold red")),
                f"{number} about it on #{channel}",
            )
        case events.PostCutShort(channel=channel):
            yield Noted(
                f"#{channel}", "dim", "The post is there; Discord's answer is still on its way", "dim"
            )
        case events.CounterRenamed(before=before, now=now):
            yield Noted("✓", "green", f"the channel “{before}” is called “{now}”")
        case events.GoalAnnounced(channel=channel, text=text):
            yield Noted(f"#{channel}", "dim", text, "dim")
        case events.VoiceChanged(members=members, channel=channel, moved=moved):
            if channel is None:
                yield Happened(listed(members), f"{verb(members, 'leave')} voice")
            else:
                how = verb(members, "move") + " to" if moved else verb(members, "enter")
                yield Happened(listed(members), f"{how} {channel}")
        case events.StatusShown(member=member, status=status, plays=plays):
            status = "busy" if status == "dnd" else status
            yield Happened(member, f"is {status} now" + (f" and plays {plays}" if plays else ""))
        case events.StatisticsShown(member=member, command=command, title=title, lines=lines, charts=charts):
            yield Happened(member, f"types {command}")
            yield Noted("←", "dim", "\n".join((title, *_worth_telling(lines))))
            for chart in charts:
                yield Noted("▤", "cyan", chart, "cyan")
        case _:
            pass


def _worth_telling(lines: Sequence[str]) -> Sequence[str]:
    return [line for line in lines if not line.startswith(LEGEND)][:ANSWER_LINES]


def listed(names: Sequence[str]) -> str:
    """Return names as people list them: "Anton, Bea and Cem"."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def either(options: Sequence[str]) -> str:
    """Return options as a question: "The swan or the newspaper"."""
    return " or ".join((*options[:1], *(one[0].lower() + one[1:] for one in options[1:])))


def verb(members: Sequence[str], stem: str) -> str:
    """Return the verb as it fits one person or several."""
    return stem if len(members) > 1 else f"{stem}s"
