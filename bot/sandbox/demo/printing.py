"""How the demo looks: lines for people, or one JSON object a line for programs."""

import codecs
import dataclasses
import json
import re
import sys
from collections.abc import Sequence
from typing import Protocol, TextIO

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from . import events
from .checking import Outcome
from .events import Event, event_name
from .lines import Happened, Noted, lines_of

WIDTH_MOST = 100
BOT = "Headcount"
VERDICT = (
    "Nobody was named wrongly, everybody who joined is on record once, nothing was posted twice, and the statistics lack "
    "only moments around the kill. Open means: several explanations fit, or none, and the bot says so."
)

_RANK = re.compile(r"\d+\.")
_STYLES = {
    Outcome.RIGHT: "green",
    Outcome.WRONG: "bold red",
    Outcome.AMBIGUOUS: "yellow",
    Outcome.UNKNOWN: "yellow",
}
_VERDICTS = {
    Outcome.RIGHT: "right",
    Outcome.WRONG: "wrong",
    Outcome.AMBIGUOUS: "open",
    Outcome.UNKNOWN: "open",
}
_PLAIN_SIGNS = {"✓": "+", "✗": "x", "→": ">", "←": "<", "·": "-", "…": ".", "▤": "#", "⭐": "*"}
_WAYS = {
    "vanity": "comes through the vanity URL",
    "discovery": "comes through Server Discovery",
}


class Printer(Protocol):
    """Something that shows what the demo tells."""

    def tell(self, event: Event) -> None:
        """Show one event at once."""
        ...


class JsonPrinter:
    """One JSON object a line, each with the name of its event."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def tell(self, event: Event) -> None:
        line = {"event": event_name(event), **dataclasses.asdict(event)}
        self._stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._stream.flush()


class PeoplePrinter:
    """Lines for people: what happened, and under it what the bot concluded; the summary ends it."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or make_console()
        self._seen_joining: set[str] = set()
        self._checked: list[events.JoinChecked] = []
        self._amounts: list[events.AmountChecked] = []
        self._has_problems = False
        self._kept: events.Kept | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether somebody is watching."""
        return self._console.is_terminal

    def tell(self, event: Event) -> None:
        if self._checked and not isinstance(event, events.JoinChecked):
            self._show_checked()
        if self._amounts and not isinstance(event, events.AmountChecked):
            self._show_amounts()
        match event:
            case events.ActBegan():
                self._begin_act(event)
            case events.Concluded():
                self._show_conclusion(event)
            case events.JoinChecked():
                self._checked.append(event)
            case events.AmountChecked():
                self._amounts.append(event)
            case events.LeaderboardShown():
                self._show_leaderboard(event)
            case events.LogShown():
                self._show_log(event)
            case events.Kept():
                self._kept = event
            case events.Summary():
                self._show_summary(event)
            case _:
                self._show_line(event)

    # ------------------------------------------------------------------------ the story

    def _begin_act(self, act: events.ActBegan) -> None:
        self._console.print()
        self._console.print(Text.assemble((f"{act.number:>2}  ", "dim"), (act.title, "bold cyan")))
        self._line(4, (act.narration, "italic dim"))

    def _show_line(self, event: Event) -> None:
        match event:
            case events.DemoStarted(server=server, api_base=api_base, seed=seed):
                place = api_base.split("/")[2]
                self._line(
                    0,
                    ("Headcount demo", "bold"),
                    (f" · {server}, a local Discord at {place}", ""),
                    (f" · --seed {seed}", "dim"),
                )
            case events.PastInvented():
                text = (
                    f"The last {event.days} days are invented (seed {event.seed}): {event.messages:,} messages, "
                    f"{event.voice_hours} hours in voice, {event.joins} joins, {event.leaves} leaves. "
                    "From here on everything really happens."
                )
                self._line(4, (text, "italic dim"))
            case events.BotReady(again=again):
                self._happened(BOT, "is back" if again else "is connected")
            case events.BotKilled():
                self._happened(BOT, "is killed (SIGKILL)")
            case events.CommandUsed(member=member, command=command, answer=answer, more=more):
                self._happened(member, f"types {command}")
                self._marked(6, ("←", "dim"), (": ".join([answer, *more[:1]]), ""))
            case events.LinkMade(inviter=inviter, code=code, max_uses=max_uses):
                limit = {0: "", 1: ", for a single use"}.get(max_uses, f", for {max_uses} uses")
                self._happened(inviter, f"makes the link discord.gg/{code}{limit}")
            case events.Joined(member=member, source=source, link=link, inviter=inviter):
                self._seen_joining.add(member)
                way = f"is added by {inviter}" if source == "bot" else _WAYS.get(source, f"joins by {link}")
                self._happened(member, way)
            case events.CrowdJoined(joins=joins, within_ms=within_ms, per_link=per_link):
                shares = ", ".join(f"{count} by {link}" for link, count in per_link)
                self._happened(f"{joins} people", f"join within {within_ms / 1000:g} s: {shares}")
            case events.RequestsCounted(joins=joins, requests=requests):
                asked = "once" if requests == 1 else f"{requests} times"
                text = f"For these {joins} joins the bot asked for the list of invites {asked}."
                self._line(6, (text, "dim"))
            case events.MessagePosted(member=member, channel=channel, text=text):
                if member in self._seen_joining:
                    self._marked(6, (f"#{channel} ", "dim"), (text, "dim"))
            case events.MessageEdited(member=member, channel=channel, text=text):
                if member in self._seen_joining:
                    self._marked(6, (f"#{channel} (edited) ", "dim"), (text, "dim"))
            case events.MemberLeft(member=member):
                self._happened(member, "leaves")
            case events.LeaveNoted(member=member):
                self._marked(6, ("✓", "green"), (f"{member} is recorded as having left", ""))
            case events.ProblemFound(problem=problem):
                self._has_problems = True
                self._marked(0, ("✗", "bold red"), (problem, "red"))
            case events.ChartsKept(folder=folder, charts=charts):
                self._console.print()
                self._line(0, (f"The {charts} charts are kept in ", ""), (folder, "bold"))
            case _:
                self._show_lines(event)

    def _show_lines(self, event: Event) -> None:
        for line in lines_of(event):
            match line:
                case Happened(who=who, what=what):
                    self._happened(who, what)
                case Noted():
                    self._marked(6, (line.sign, line.sign_style), (line.text, line.style))

    def _happened(self, who: str, what: str) -> None:
        self._line(4, (who, "bold"), (f" {what}", ""))

    def _show_conclusion(self, event: events.Concluded) -> None:
        mark = {Outcome.RIGHT: "✓", Outcome.WRONG: "✗"}.get(event.outcome, "?")
        style = _STYLES[event.outcome]
        truth = "" if event.member in self._seen_joining else f", {event.truth}"
        sure = "certain" if event.certainty == "certain" else "open"
        note = f" ({event.note})" if event.note else ""
        self._marked(
            6,
            (mark, style),
            (f"{event.member}{truth}", ""),
            (" → ", "dim"),
            (event.says, style),
            (f"  {sure}: {event.because}{note}", "dim"),
        )

    # ------------------------------------------------------------------------ the end

    def _show_leaderboard(self, event: events.LeaderboardShown) -> None:
        self._console.print()
        headline, *rows = event.answer
        body = Text("\n").join(
            Text(row, "bold") if _RANK.match(row) else Text(f"   {row}", "dim") for row in rows
        )
        width = min(60, self._console.width)
        self._console.print(
            Panel(body, title=f"{headline} · {event.command}", title_align="left", width=width)
        )

    def _show_checked(self) -> None:
        columns = ("Member", "Came by", "The bot says", "How it knows", "Verdict")
        table = _table("Expected against concluded", columns)
        for row in self._checked:
            style = _STYLES[row.outcome]
            table.add_row(
                row.member,
                row.expected,
                Text(row.concluded, style),
                Text(row.how, "dim"),
                Text(_VERDICTS[row.outcome], style),
            )
        self._checked = []
        self._console.print()
        self._console.print(table)

    def _show_amounts(self) -> None:
        table = _table("The truth against the bot's records", ("What", "True", "On record", "", ""))
        for row in self._amounts:
            verdict = Text("right", "green") if row.right else Text("wrong", "bold red")
            table.add_row(row.what, row.truth, row.recorded, verdict, Text(row.note, "dim"))
        self._amounts = []
        self._console.print()
        self._console.print(table)

    def _show_summary(self, event: events.Summary) -> None:
        self._console.print()
        self._line(
            0,
            (f"{event.joins} joins: ", "bold"),
            (f"{event.right} right", "green"),
            (", ", ""),
            (f"{event.wrong} wrong", "bold red" if event.wrong else "green"),
            (f", {event.ambiguous} ambiguous, {event.unknown} unknown.", ""),
        )
        if not self._has_problems:
            self._line(0, (VERDICT, "green"))
        if self._kept is not None:
            self._show_kept(self._kept)

    def _show_log(self, event: events.LogShown) -> None:
        self._line(0, (f"The end of the bot's log, {event.path}:", "bold"))
        for line in event.lines:
            self._console.print(Text(f"  {line}", "dim"), soft_wrap=True)

    def _show_kept(self, event: events.Kept) -> None:
        rows = {
            "API": event.api_base,
            "Gateway": event.gateway_url,
            "Token": event.token,
            "Data": event.data_path,
            "Log": event.log_path,
        }
        self._console.print()
        for name, value in rows.items():
            self._console.print(Text.assemble((f"{name:8} ", "bold"), value), soft_wrap=True)
        self._line(0, ("Both keep running; Ctrl-C stops them.", ""))

    def _marked(self, indent: int, mark: tuple[str, str], *parts: tuple[str, str]) -> None:
        """Print a mark and, beside it, a text whose further lines begin where its first one does."""
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(no_wrap=True)
        # Not the default, which cuts a line off that ends in a space after a wide character.
        grid.add_column(overflow="fold")
        grid.add_row(Text(*mark), Text.assemble(*parts))
        self._console.print(Padding(grid, (0, 0, 0, indent), expand=False))

    def _line(self, indent: int, *parts: tuple[str, str]) -> None:
        self._console.print(Padding(Text.assemble(*parts), (0, 0, 0, indent), expand=False))


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for column in columns:
        table.add_column(column)
    return table


def _plain_signs(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks by a sign that everything can show."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_PLAIN_SIGNS.get(sign, "?") for sign in missing), error.end


class _PipeConsole(Console):
    """A console that says when nobody reads any more, instead of ending the process."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def make_console() -> Console:
    """Return a console on standard output that no terminal and no encoding can make fail."""
    if hasattr(sys.stdout, "reconfigure"):
        codecs.register_error("plain signs", _plain_signs)
        sys.stdout.reconfigure(errors="plain signs")
    console = _PipeConsole(highlight=False)
    console.width = min(console.width, WIDTH_MOST)
    return console
