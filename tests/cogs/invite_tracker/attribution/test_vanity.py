"""The vanity URL while its word changes."""

import pytest

from storage.records import Certainty, Source
from tests.cogs.invite_tracker.attribution.script import Script, invite


@pytest.mark.parametrize(("word", "uses"), [("theirs", 0), ("theirs", 1), (None, 0)])
def test_a_use_just_before_the_word_changed_or_went_is_never_certain(word: str | None, uses: int) -> None:
    script = Script(invite("a"), vanity=7)
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"), vanity=uses, word=word)
    script.decide(2_150)

    verdict = script.verdicts[1]
    assert verdict.certainty is Certainty.AMBIGUOUS
    assert "ours" in script.fits(1)
    assert None in script.fits(1)


def test_a_changed_word_costs_the_join_by_a_counted_invite_nothing() -> None:
    script = Script(invite("a"), vanity=7)
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a", 1), vanity=3, word="theirs")
    script.decide(2_150)

    assert script.codes() == {1: "a"}


def test_the_new_word_is_counted_from_where_it_was_first_seen() -> None:
    script = Script(invite("a"), vanity=7)
    script.look(1_000, 1_050, invite("a"), vanity=3, word="theirs")
    script.decide(2_100)
    script.join(1, 3_000)
    script.look(3_081, 3_150, invite("a"), vanity=4, word="theirs")
    script.decide(4_150)

    verdict = script.verdicts[1]
    assert (verdict.source, verdict.code, verdict.certainty) == (Source.VANITY, "theirs", Certainty.CERTAIN)


def test_a_vanity_url_that_is_new_is_measured_from_its_second_look_on() -> None:
    script = Script(invite("a"))
    script.with_vanity = True
    script.join(1, 1_000)
    script.look(1_081, 1_150, invite("a"), vanity=1)
    script.decide(2_150)
    script.join(2, 3_000)
    script.look(3_081, 3_150, invite("a"), vanity=2)
    script.decide(4_150)

    assert script.verdicts[1].certainty is Certainty.UNKNOWN
    assert (script.verdicts[2].source, script.verdicts[2].certainty) == (Source.VANITY, Certainty.CERTAIN)
