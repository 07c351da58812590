"""How a join reads."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.invite_tracker.commands.wording import (
    describe_briefly,
    describe_certainty,
    describe_member,
    describe_notes,
    describe_origin,
    knows_inviter,
)
from storage.records import Candidate, Certainty, Join, Method, Reason, Source
from tests.storage.rows import ORDINARY_JOIN

CERTAIN = replace(
    ORDINARY_JOIN, code="abc", inviter_id=3, credited_code="abc", credited_inviter_id=3, member_id=2
)


def ambiguous(*candidates: Candidate) -> Join:
    """Return a join that each of these explains."""
    return replace(CERTAIN, code=None, inviter_id=None, certainty=Certainty.AMBIGUOUS, candidates=candidates)


def test_a_certain_join_names_inviter_link_and_proof() -> None:
    assert describe_origin(CERTAIN) == "Invited by <@3> with `abc`"
    assert describe_certainty(CERTAIN) == (
        "**certain**: the use counter of `abc` rose, and no other join explains it"
    )
    assert describe_briefly(CERTAIN) == "`abc` · certain"


def test_two_inviters_who_fit_are_both_named() -> None:
    join = ambiguous(Candidate(Source.INVITE, "abc", 3), Candidate(Source.INVITE, "def", 4))

    assert describe_origin(join) == "Invited by <@3> (`abc`) or <@4> (`def`)"
    assert describe_certainty(join).startswith("**not certain**")
    assert not knows_inviter(join)


def test_one_inviter_behind_all_links_is_certain_while_the_link_is_open() -> None:
    join = ambiguous(Candidate(Source.INVITE, "abc", 3), Candidate(Source.INVITE, "def", 3))

    assert describe_origin(join) == "Invited by <@3> (`abc`, `def`)"
    assert describe_certainty(join).startswith("**inviter certain, link not**")
    assert describe_briefly(join) == "`abc` or `def` · inviter certain"


def test_other_ways_that_fit_are_named_beside_inviters() -> None:
    join = ambiguous(
        Candidate(Source.INVITE, "abc", 3),
        Candidate(Source.VANITY, "harbour", None),
        Candidate(Source.UNKNOWN, None, None),
    )

    assert describe_origin(join) == (
        "Invited by <@3> (`abc`), or came through the vanity URL or without a counted link"
    )
    assert not knows_inviter(join)


def test_links_without_an_inviter_are_named_by_their_code() -> None:
    join = ambiguous(Candidate(Source.INVITE, "widget", None), Candidate(Source.INVITE, "abc", 3))

    assert describe_origin(join) == "Invited by <@3> (`abc`), or came with `widget`"


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"source": Source.VANITY, "code": "harbour"}, "Joined through the vanity URL `harbour`"),
        ({"source": Source.BOT}, "Added by <@3>"),
        ({"source": Source.BOT, "inviter_id": None}, "Added by an app or an admin"),
        ({"source": Source.DISCOVERY}, "Came through Server Discovery"),
        ({"source": Source.EXISTING}, "Was here before I began to track, invited by <@3> with `abc`"),
        ({"source": Source.EXISTING, "inviter_id": None, "code": None}, "Was here before I began to track"),
        ({"inviter_id": None}, "Joined with `abc`, a link that names no inviter"),
    ],
)
def test_every_way_into_a_server_has_words(facts: dict[str, object], text: str) -> None:
    assert describe_origin(replace(CERTAIN, **facts)) == text  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", Reason)
def test_an_unknown_join_says_why(reason: Reason) -> None:
    join = replace(CERTAIN, certainty=Certainty.UNKNOWN, reason=reason, code=None, inviter_id=None)

    assert describe_origin(join) == "It is not known who invited them"
    assert describe_certainty(join).startswith("**unknown**: ")
    assert len(describe_certainty(join)) > len("**unknown**: ")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.AUDIT_LOG_MISSING, "View Audit Log"),
        (Reason.NOT_IN_AUDIT_LOG, "the audit log does not say"),
        (Reason.REQUEST_FAILED, "did not answer when I asked for the audit log"),
    ],
)
def test_a_bot_that_nobody_knows_the_adder_of_is_called_a_bot(reason: Reason, words: str) -> None:
    bot = replace(
        CERTAIN, source=Source.BOT, certainty=Certainty.UNKNOWN, reason=reason, code=None, inviter_id=None
    )

    assert describe_origin(bot) == "It is not known who added this bot"
    assert words in describe_certainty(bot)


def test_a_doubt_says_what_it_is_about() -> None:
    alone = ambiguous(Candidate(Source.INVITE, "abc", 3), Candidate(Source.UNKNOWN, None, None))
    alone = replace(alone, reason=Reason.SEVERAL_FIT)
    several = ambiguous(Candidate(Source.INVITE, "abc", 3), Candidate(Source.VANITY, "harbour", None))

    assert "one link fits" in describe_certainty(alone)
    assert "several links were used" in describe_certainty(several)
    assert "a link is gone" in describe_certainty(replace(alone, reason=Reason.AUDIT_LOG_MISSING))


@pytest.mark.parametrize("method", Method)
def test_every_method_has_a_proof_in_words(method: Method) -> None:
    assert describe_certainty(replace(CERTAIN, method=method)).startswith("**certain**: ")


def test_notes_tell_what_changes_the_counting() -> None:
    join = replace(CERTAIN, is_rejoin=True, is_own_invite=True, left_at_ms=1, cleared_at_ms=1)

    assert describe_notes(join) == (
        "came back",
        "used a link of their own",
        "left since",
        "cleared by an admin",
    )
    assert describe_notes(CERTAIN) == ()


def test_somebody_without_a_record_is_not_named() -> None:
    assert describe_member(None) == "somebody who is not named"
    assert describe_member(5) == "<@5>"


@given(
    st.lists(
        st.builds(
            Candidate,
            st.sampled_from(Source),
            st.sampled_from(("abc", "def", None)),
            st.sampled_from((3, 4, 5, None)),
        ),
        min_size=2,
        max_size=6,
        unique=True,
    )
)
def test_whoever_fits_is_named_and_nobody_is_named_alone(candidates: list[Candidate]) -> None:
    join = ambiguous(*candidates)
    inviters = {c.inviter_id for c in candidates if c.source is Source.INVITE and c.inviter_id is not None}

    text = describe_origin(join)

    assert all(f"<@{inviter_id}>" in text for inviter_id in inviters)
    other_ways = any(c.source is not Source.INVITE or c.inviter_id is None for c in candidates)
    if len(inviters) == 1:
        assert ("or came" in text) == other_ways
        assert knows_inviter(join) == (not other_ways)


def test_what_another_bot_recorded_is_told_as_that_and_never_as_certain() -> None:
    claim = Candidate(Source.INVITE, "abc", 3)
    join = replace(
        CERTAIN, method=Method.IMPORTED, certainty=Certainty.AMBIGUOUS, candidates=(claim,), evidence=()
    )

    assert describe_origin(join) == "Invited by <@3> with `abc`"
    assert describe_certainty(join) == (
        "**imported**: the record of another bot says so, and I could not check it"
    )
    assert describe_briefly(join) == "`abc` · imported"
    assert describe_briefly(replace(join, code=None)) == "Invited by <@3> · imported"
