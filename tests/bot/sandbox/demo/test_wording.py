"""The words for what happened and for what was concluded."""

from dataclasses import replace

import pytest

from bot.sandbox.demo.checking import Expectation
from bot.sandbox.demo.wording import Names, say_because, say_conclusion, say_how, say_truth
from storage.records import Candidate, Certainty, Evidence, Join, Method, Reason, Source

ANTON, BEA, MIRA = 1, 2, 3
NAMES = Names(
    {ANTON: "Anton", BEA: "Bea", MIRA: "Mira"},
    {"aaa": "Anton's link", "bbb": "Bea's link", "ccc": "Bea's other link"},
    {7: "welcome"},
)
BY_ANTON = Candidate(Source.INVITE, "aaa", ANTON)
BY_BEA = Candidate(Source.INVITE, "bbb", BEA)
CERTAIN = Join(
    guild_id=1,
    join_id=1,
    member_id=10,
    joined_at_ms=1000,
    recorded_at_ms=1500,
    source=Source.INVITE,
    code="aaa",
    inviter_id=ANTON,
    method=Method.USES_RISE,
    certainty=Certainty.CERTAIN,
    candidates=(BY_ANTON,),
    evidence=(
        Evidence("aaa", 2, Method.USES_RISE, 900, 1100),
        Evidence("bbb", 5, Method.USES_RISE, 900, 1100),
    ),
    reason=None,
    credited_code="aaa",
    credited_inviter_id=ANTON,
    account_created_at_ms=0,
    had_avatar=True,
    is_rejoin=False,
    is_own_invite=False,
    left_at_ms=None,
    cleared_at_ms=None,
)
OPEN = replace(
    CERTAIN,
    code=None,
    inviter_id=None,
    method=Method.NONE,
    certainty=Certainty.AMBIGUOUS,
    candidates=(BY_ANTON, BY_BEA),
    reason=Reason.SEVERAL_FIT,
)


def test_a_certain_join_names_the_inviter_and_the_rise() -> None:
    assert say_conclusion(CERTAIN, NAMES) == "Anton"
    assert say_because(CERTAIN, NAMES) == "the counter of Anton's link rose by 2"
    assert say_how(CERTAIN) == "counter rose"


def test_an_open_join_names_everybody_who_fits() -> None:
    assert say_conclusion(OPEN, NAMES) == "Anton or Bea"
    assert say_because(OPEN, NAMES) == say_how(OPEN) == "several fit"


def test_no_link_is_one_of_the_explanations() -> None:
    nothing = Candidate(Source.UNKNOWN, None, None)

    assert say_conclusion(replace(OPEN, candidates=(BY_ANTON, BY_BEA, nothing)), NAMES) == (
        "Anton, Bea or no link at all"
    )


def test_one_inviter_behind_several_links_is_named_once() -> None:
    join = replace(OPEN, inviter_id=BEA, candidates=(BY_BEA, Candidate(Source.INVITE, "ccc", BEA)))

    assert say_conclusion(join, NAMES) == "Bea, through Bea's link or Bea's other link"


def test_an_unknown_join_names_nobody() -> None:
    join = replace(OPEN, certainty=Certainty.UNKNOWN, candidates=(), reason=Reason.NO_COUNTER_ROSE)

    assert say_conclusion(join, NAMES) == "nobody known"
    assert say_how(join) == "no counter rose"


@pytest.mark.parametrize("method", list(Method))
def test_every_method_has_words(method: Method) -> None:
    join = replace(CERTAIN, method=method)

    assert say_because(join, NAMES)
    assert say_how(join)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words(reason: Reason) -> None:
    assert say_how(replace(OPEN, reason=reason)) not in {"", "open"}


@pytest.mark.parametrize("source", list(Source))
def test_every_source_has_words(source: Source) -> None:
    truth = Expectation("Elif", 10, 1000, source, "aaa", ANTON, decidable=True)

    assert say_truth(truth, NAMES)
    assert say_conclusion(replace(CERTAIN, source=source), NAMES)


def test_markdown_of_discord_becomes_plain_text() -> None:
    text = "## Hello\n**1.** <@1> in <#7>\n-# by `aaa` and <@99> \\*"

    assert NAMES.plain(text) == "Hello\n1. Anton in #welcome\nby aaa and user 99 *"
