"""The totals of all codes stay right while doubtful joins become known one by one."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cogs.invite_tracker.attribution.verdicts import NO_COUNTER
from cogs.invite_tracker.confirming.credits import pass_on
from storage.records import Candidate, Certainty, Join, Source
from tests.storage.rows import ORDINARY_JOIN

INVITERS = {"a": 11, "b": 12, "c": 13, "d": 14}


def candidate(code: str | None) -> Candidate:
    return NO_COUNTER if code is None else Candidate(Source.INVITE, code, INVITERS[code])


def doubtful(number: int, credited: str | None, *fits: str | None) -> Join:
    return replace(
        ORDINARY_JOIN,
        join_id=number,
        member_id=number,
        code=None,
        inviter_id=None,
        certainty=Certainty.AMBIGUOUS,
        candidates=tuple(candidate(code) for code in fits),
        credited_code=credited,
        credited_inviter_id=candidate(credited).inviter_id,
    )


def test_of_two_the_other_takes_over_what_was_freed() -> None:
    (other,) = pass_on("a", "b", [doubtful(2, "b", "a", "b")]) or []
    assert (other.credited_code, other.credited_inviter_id) == ("a", 11)


def test_a_freed_credit_goes_around_when_nobody_can_take_it_over_directly() -> None:
    changed = pass_on("a", "c", [doubtful(2, "b", "a", "b"), doubtful(3, "c", "b", "c")])
    assert changed is not None
    assert {join.join_id: join.credited_code for join in changed} == {2: "a", 3: "b"}


def test_no_counter_is_passed_on_like_a_code() -> None:
    (other,) = pass_on("a", None, [doubtful(2, None, "a", None)]) or []
    assert (other.credited_code, other.credited_inviter_id) == ("a", 11)
    (other,) = pass_on(None, "a", [doubtful(2, "a", "a", None)]) or []
    assert (other.credited_code, other.credited_inviter_id) == (None, None)


def test_nobody_gets_what_does_not_fit() -> None:
    assert pass_on("a", "b", [doubtful(2, "b", "b", "c"), doubtful(3, "c", "b", "c")]) is None


def test_a_certain_join_passes_nothing_on() -> None:
    certain = replace(doubtful(2, "b", "a", "b"), certainty=Certainty.CERTAIN)
    assert pass_on("a", "b", [certain]) is None


def test_the_same_code_needs_nobody() -> None:
    assert pass_on("a", "a", [doubtful(2, "a", "a", "b")]) == []


def test_who_is_credited_with_their_own_invite_is_noted() -> None:
    own = replace(doubtful(2, "b", "a", "b"), member_id=11)
    (other,) = pass_on("a", "b", [own]) or []
    assert other.is_own_invite


@given(st.data())
def test_in_any_order_the_total_of_every_code_is_right_after_every_step(data: st.DataObject) -> None:
    """What fits contains the truth, and credits are shared out so that each code has as many as came by it."""
    codes: list[str | None] = [*INVITERS, None]
    truth = data.draw(st.lists(st.sampled_from(codes), min_size=1, max_size=8))
    credited = data.draw(st.permutations(truth))
    joins = {}
    for number, (code, credit) in enumerate(zip(truth, credited, strict=True), start=1):
        more = data.draw(st.sets(st.sampled_from(codes), max_size=3))
        joins[number] = doubtful(number, credit, *sorted({code, credit, *more}, key=str))
    for number in data.draw(st.permutations(list(joins))):
        known = truth[number - 1]
        freed = joins[number].credited_code
        joins[number] = replace(
            joins[number], certainty=Certainty.CERTAIN, code=known, credited_code=known, candidates=()
        )
        others = [join for join in joins.values() if join.join_id != number]
        changed = pass_on(freed, known, others)
        assert changed is not None
        for join in changed:
            assert join.credited_code in {one.code for one in joins[join.join_id].candidates}
            joins[join.join_id] = join
        assert Counter(join.credited_code for join in joins.values()) == Counter(truth)
    assert [join.credited_code for join in joins.values()] == truth
