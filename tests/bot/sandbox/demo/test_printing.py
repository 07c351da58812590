"""What the demo prints: JSON lines for programs, and lines that fit for people."""

import io
import json

import pytest
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
    events.PastInvented(7, 30, 5827, 148, 66, 14),
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
    events.MessageEdited("Elif", "welcome", "Welcome Elif!\nInvited by Bea, as it turned out in the end."),
    events.MessageEdited("Pia", "welcome", "Not shown: one of many."),
    events.RequestsCounted(2, 1),
    events.BotKilled(),
    events.BotReady(again=True, process_id=101),
    events.MemberLeft("Elif"),
    events.LeaveNoted("Elif"),
    events.ChatHappened(("Anton", "Bea"), 60, 3, 5),
    events.Recorded("60 messages are on record, 5 of them as deleted"),
    events.MessageWritten(
        "Bea", "general", "She floated for nine minutes. A record! Nobody believed that she would."
    ),
    events.PollAsked("Dora", "Which boat sails on Sunday?", ("The swan", "The newspaper")),
    events.Voted(("Falk", "Lotte"), "The newspaper", ("Falk",)),
    events.StarsChanged(("Anton", "Cem", "Dora"), "Bea", given=True),
    events.BoardShows("starboard", 1, "3", "Bea", "She floated for nine minutes. A record!"),
    events.StarsChanged(("Dora",), "Bea", given=False),
    events.BoardShows("starboard", 0, "0", "Bea", "She floated for nine minutes. A record!"),
    events.BoardShows("starboard", 2, "3", "Henk", "Twice."),
    events.PostCutShort("starboard"),
    events.CounterRenamed("Members: 199", "Members: 200"),
    events.GoalAnnounced("general", "The goal of 200 members is reached: there are 200 now!"),
    events.VoiceChanged(("Anton", "Bea"), "Harbour", moved=False),
    events.VoiceChanged(("Bea",), "Night Watch", moved=True),
    events.VoiceChanged(("Anton",), None, moved=False),
    events.StatusShown("Cem", "dnd", "Tidewater"),
    events.StatisticsShown(
        "Mira",
        "/serverstats messages days:14",
        "Messages",
        (
            "2,806 messages",
            "▲ ▼ against the 14 days before",
            "Busiest day: 292",
            "Quietest day: 90",
            "Left out: 1",
        ),
        (".demo/charts/messages.png",),
    ),
    events.LeaderboardShown(
        "/invite_tracker leaderboard",
        ("Invite leaderboard", "1. Anton · 1"),
        (events.LeaderboardRow("Anton", 1, 1, 0, 0),),
    ),
    events.JoinChecked("Elif", "Anton's link", "Anton", "counter rose", Outcome.RIGHT),
    events.JoinChecked("Pia", "Bea's link", "Anton, Bea, Cem or Dora", "several fit", Outcome.AMBIGUOUS),
    events.AmountChecked("Messages sent", "5,931", "5,926", True, "5 around the kill"),
    events.AmountChecked("Starboard posts", "3", "4", False, ""),
    events.ProblemFound("The join of Leo is not on record: it was lost."),
    events.LogShown("/srv/x/bot.log", ("a line [with brackets]",)),
    events.ChartsKept(".demo/charts", 8),
    events.Summary(joins=2, right=1, wrong=0, ambiguous=1, unknown=0, messages=5926, problems=1),
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
    joins = {"joins": 2, "right": 1, "wrong": 0, "ambiguous": 1, "unknown": 0}
    assert lines[-1].items() >= {"event": "summary", **joins, "messages": 5926, "problems": 1}.items()
    assert next(line for line in lines if line["event"] == "concluded")["outcome"] == "right"


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


def test_the_invented_past_is_called_invented() -> None:
    text = " ".join(printed(110).split())

    assert "The last 30 days are invented (seed 7): 5,827 messages, 148 hours in voice" in text


def test_every_amount_is_shown_with_its_verdict() -> None:
    rows = [" ".join(line.split()) for line in printed(110).splitlines()]

    assert "Messages sent 5,931 5,926 right 5 around the kill" in rows
    assert "Starboard posts 3 4 wrong" in rows
    assert "The 8 charts are kept in .demo/charts" in rows


@pytest.mark.parametrize(
    "line",
    [
        "2 people write 60 messages, edit 3 and delete 5",
        "✓ 60 messages are on record, 5 of them as deleted",
        "Bea writes in #general: She floated for nine minutes. A record! Nobody believed that she would.",
        "Dora asks: Which boat sails on Sunday? The swan or the newspaper?",
        "Falk and Lotte vote for The newspaper (Falk took another vote back)",
        "Anton, Cem and Dora star it in the same instant",
        "#starboard ⭐ 3 Bea: She floated for nine minutes. A record!",
        "✓ one post about it on #starboard",
        "Dora takes the star back from Bea",
        "✓ no post about it on #starboard",
        "✗ 2 posts about it on #starboard",
        "✓ the channel “Members: 199” is called “Members: 200”",
        "Anton and Bea enter Harbour",
        "Bea moves to Night Watch",
        "Anton leaves voice",
        "Cem is busy now and plays Tidewater",
        "Mira types /serverstats messages days:14",
        "← Messages",
        "▤ .demo/charts/messages.png",
    ],
)
def test_what_happens_is_told_in_a_line(line: str) -> None:
    assert line in [" ".join(one.split()) for one in printed(110).splitlines()]


def test_of_an_answer_the_first_lines_are_told_without_the_legend() -> None:
    text = printed(110)

    assert "Quietest day: 90" in text
    assert "against the 14 days before" not in text
    assert "Left out" not in text
