"""What the demo prints: JSON lines for programs, and lines that fit for people."""

import io
import json

from rich.console import Console

from bot.sandbox.demo import events
from bot.sandbox.demo.checking import Outcome
from bot.sandbox.demo.printing import JsonPrinter, PeoplePrinter

CONCLUDED = events.Concluded(
    member="Elif",
    truth="Anton's link",
    says="Anton",
    because="the counter of Anton's link rose by 1",
    note="",
    certainty="certain",
    method="uses_rise",
    source="invite",
    code="aaa",
    inviter="Anton",
    candidates=("Anton",),
    outcome=Outcome.RIGHT,
)
STORY: tuple[events.Event, ...] = (
    events.DemoStarted("Paper Boats", "http://127.0.0.1:40000/api/v10", 7),
    events.BotReady(again=False, process_id=100),
    events.ActBegan(
        1, "One at a time", "A narration that is long enough to need more than a single line of it."
    ),
    events.CommandUsed("Mira", "/invite_tracker enable", "Invite tracker enabled", ()),
    events.LinkMade("Cem's one-time link", "Cem", "abcdefgh", 1),
    events.Joined("Elif", "invite", "Anton's link", "aaa", "Anton"),
    CONCLUDED,
    events.MessagePosted(
        "Elif", "welcome", "Welcome Elif!\nInvited by Anton, who has a very long story to tell."
    ),
    events.CrowdJoined(2, 1000, (("Anton's link", 1), ("Bea's link", 1))),
    events.Concluded(
        member="Pia",
        truth="Bea's link",
        says="Anton, Bea, Cem or Dora",
        because="several fit",
        note="came back; Bea keeps the credit",
        certainty="ambiguous",
        method="none",
        source="unknown",
        code=None,
        inviter=None,
        candidates=("Anton", "Bea", "Cem", "Dora"),
        outcome=Outcome.AMBIGUOUS,
    ),
    events.MessagePosted("Pia", "welcome", "Not shown: one of many."),
    events.RequestsCounted(2, 1),
    events.BotKilled(),
    events.BotReady(again=True, process_id=101),
    events.MemberLeft("Elif"),
    events.LeaveNoted("Elif"),
    events.LeaderboardShown(
        "/invite_tracker leaderboard",
        ("Invite leaderboard", "1. Anton · 1"),
        (events.LeaderboardRow("Anton", 1, 1, 0, 0),),
    ),
    events.JoinChecked("Elif", "Anton's link", "Anton", "counter rose", Outcome.RIGHT),
    events.JoinChecked("Pia", "Bea's link", "Anton, Bea, Cem or Dora", "several fit", Outcome.AMBIGUOUS),
    events.ProblemFound("The join of Leo is not on record: it was lost."),
    events.LogShown("/srv/x/bot.log", ("a line [with brackets]",)),
    events.Summary(joins=2, right=1, wrong=0, ambiguous=1, unknown=0),
)


def printed(width: int = 80, *, colours: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=colours, highlight=False)
    printer = PeoplePrinter(console)
    for event in STORY:
        printer.tell(event)
    return stream.getvalue()


def test_every_event_is_one_json_line_with_its_name() -> None:
    stream = io.StringIO()
    printer = JsonPrinter(stream)
    for event in STORY:
        printer.tell(event)

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]

    assert [line["event"] for line in lines] == [events.event_name(event) for event in STORY]
    assert lines[-1] == {"event": "summary", "joins": 2, "right": 1, "wrong": 0, "ambiguous": 1, "unknown": 0}
    assert lines[6]["outcome"] == "right"


def test_json_lines_are_flushed_one_by_one() -> None:
    class Pipe(io.StringIO):
        flushed = ""

        def flush(self) -> None:
            self.flushed = self.getvalue()

    pipe = Pipe()

    JsonPrinter(pipe).tell(events.BotKilled())

    assert pipe.flushed == '{"event": "bot_killed"}\n'


def test_without_a_terminal_there_are_no_escape_sequences() -> None:
    assert "\x1b" not in printed()
    assert "\x1b" in printed(colours=True)


def test_no_line_is_wider_than_the_terminal() -> None:
    for width in (60, 80, 100):
        assert max(map(len, printed(width).splitlines())) <= width


def test_a_conclusion_shows_the_name_the_certainty_and_the_reason() -> None:
    assert "✓ Elif → Anton  certain: the counter of Anton's link rose by 1" in printed(110)


def test_somebody_out_of_a_crowd_is_shown_with_the_truth() -> None:
    assert (
        "? Pia, Bea's link → Anton, Bea, Cem or Dora  open: several fit (came back; Bea keeps the credit)"
        in printed(110)
    )


def test_messages_about_a_crowd_are_left_out() -> None:
    text = printed()

    assert "Welcome Elif!" in text
    assert "Not shown" not in text


def test_brackets_in_a_log_are_no_markup() -> None:
    assert "a line [with brackets]" in printed()


def test_all_is_well_is_said_only_when_it_is() -> None:
    stream = io.StringIO()
    printer = PeoplePrinter(Console(file=stream, width=80))
    printer.tell(STORY[-1])

    assert "Nobody was named wrongly" in stream.getvalue()
    assert "Nobody was named wrongly" not in printed()


def test_how_to_connect_is_the_last_thing_that_is_said() -> None:
    stream = io.StringIO()
    printer = PeoplePrinter(Console(file=stream, width=40))
    printer.tell(events.Kept("http://127.0.0.1:1/api/v10", "ws://127.0.0.1:1/", "a" * 64, "/srv/d", "/srv/l"))
    printer.tell(STORY[-1])

    *_, token, data, log, last = stream.getvalue().splitlines()

    assert token == f"Token    {'a' * 64}"
    assert (data, log) == ("Data     /srv/d", "Log      /srv/l")
    assert last.strip() == "Both keep running; Ctrl-C stops them."


def test_problems_and_totals_are_at_the_end() -> None:
    assert "✗ The join of Leo is not on record: it was lost." in printed()
    assert "2 joins: 1 right, 0 wrong, 1 ambiguous, 0 unknown." in printed().splitlines()[-1]
