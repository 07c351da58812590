"""What the checker objects to, and what it lets pass."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.sandbox.demo.checking import Expectation, Outcome, Report, check, check_open
from storage.records import Candidate, Certainty, InviteCounts, Join, Method, Reason, Source

ANTON, BEA, MIRA, ELIF, LEO, MAJA = 1, 2, 3, 10, 11, 12
NAMES = {ANTON: "Anton", BEA: "Bea", MIRA: "Mira", ELIF: "Elif", LEO: "Leo", MAJA: "Maja"}
BY_ANTON = Candidate(Source.INVITE, "aaa", ANTON)
BY_BEA = Candidate(Source.INVITE, "bbb", BEA)
BY_NOTHING = Candidate(Source.UNKNOWN, None, None)
VANITY = Candidate(Source.VANITY, "boats", None)

TRUTH = Expectation("Elif", ELIF, 1_000_000, Source.INVITE, "aaa", ANTON, decidable=True)
OPEN_TRUTH = replace(TRUTH, decidable=False)
ONE_FOR_ANTON = {ANTON: InviteCounts(total=1, fake=0, leaves=0, bonus=0)}


def concluded(found: Candidate = BY_ANTON, *, member_id: int = ELIF, joined_at_ms: int = 1_000_000) -> Join:
    """Make a record of a certain conclusion."""
    return Join(
        guild_id=1,
        join_id=joined_at_ms << 20 | member_id,
        member_id=member_id,
        joined_at_ms=joined_at_ms,
        recorded_at_ms=joined_at_ms + 500,
        source=found.source,
        code=found.code,
        inviter_id=found.inviter_id,
        method=Method.USES_RISE,
        certainty=Certainty.CERTAIN,
        candidates=(found,),
        evidence=(),
        reason=None,
        credited_code=found.code,
        credited_inviter_id=found.inviter_id,
        account_created_at_ms=0,
        had_avatar=True,
        is_rejoin=False,
        is_own_invite=False,
        left_at_ms=None,
        cleared_at_ms=None,
    )


def left_open(*candidates: Candidate) -> Join:
    """Make a record of an ambiguous conclusion, or of an unknown one without candidates."""
    return replace(
        concluded(),
        source=Source.UNKNOWN,
        code=None,
        inviter_id=None,
        method=Method.NONE,
        certainty=Certainty.AMBIGUOUS if candidates else Certainty.UNKNOWN,
        candidates=candidates,
        reason=Reason.SEVERAL_FIT if candidates else Reason.NO_COUNTER_ROSE,
    )


def checked(
    truth: Expectation | tuple[Expectation, ...],
    *records: Join,
    counts: Mapping[int, InviteCounts] = ONE_FOR_ANTON,
    absent_ids: frozenset[int] = frozenset(),
) -> Report:
    truths = truth if isinstance(truth, tuple) else (truth,)
    return check(truths, records, counts, absent_ids=absent_ids, names=NAMES)


def test_a_right_and_certain_join_passes() -> None:
    report = checked(TRUTH, concluded())

    assert (report.exit_code, report.problems) == (0, ())
    assert report.joins[0].outcome is Outcome.RIGHT


@pytest.mark.parametrize(
    "found",
    [
        BY_BEA,
        Candidate(Source.INVITE, "aaa", BEA),
        Candidate(Source.INVITE, "other", ANTON),
        VANITY,
        BY_NOTHING,
    ],
)
def test_a_certain_answer_that_is_not_the_truth_is_wrong(found: Candidate) -> None:
    report = checked(OPEN_TRUTH, concluded(found))

    assert report.exit_code == 1
    assert report.joins[0].outcome is Outcome.WRONG
    assert report.problems == ("What the bot concluded about Elif is wrong.",)


def test_a_lost_join_fails() -> None:
    report = checked(OPEN_TRUTH)

    assert report.exit_code == 1
    assert report.joins[0].outcome is Outcome.WRONG
    assert report.problems == ("The join of Elif is not on record: it was lost.",)


def test_a_doubled_join_fails() -> None:
    report = checked(TRUTH, concluded(), concluded(joined_at_ms=1_000_001))

    assert report.exit_code == 1
    assert report.problems == ("The join of Elif is on record 2 times.",)


def test_a_second_record_with_another_time_fails() -> None:
    report = checked(TRUTH, concluded(), concluded(joined_at_ms=1_000_400))

    assert report.exit_code == 1
    assert report.problems == ("A join of Elif is on record that never happened.",)


def test_an_open_join_that_is_decidable_fails() -> None:
    report = checked(TRUTH, left_open(BY_ANTON, BY_BEA))

    assert report.exit_code == 1
    assert report.joins[0].outcome is Outcome.AMBIGUOUS
    assert report.problems == ("How Elif joined could be known, but was left open.",)


def test_an_unknown_join_that_is_decidable_fails() -> None:
    report = checked(TRUTH, left_open())

    assert (report.exit_code, report.joins[0].outcome) == (1, Outcome.UNKNOWN)


def test_an_open_join_passes_when_the_truth_is_among_its_candidates() -> None:
    report = checked(OPEN_TRUTH, left_open(BY_BEA, BY_ANTON))

    assert (report.exit_code, report.joins[0].outcome) == (0, Outcome.AMBIGUOUS)


def test_a_join_that_the_search_must_have_told_may_not_stay_open() -> None:
    (problem,) = check_open([OPEN_TRUTH], [left_open(BY_ANTON, BY_BEA)], frozenset())

    assert "Elif" in problem
    assert check_open([OPEN_TRUTH], [left_open(BY_ANTON, BY_BEA)], {ELIF}) == []
    assert check_open([OPEN_TRUTH], [concluded()], frozenset()) == []


def test_only_the_latest_join_of_a_member_is_known_to_the_search() -> None:
    again = replace(OPEN_TRUTH, joined_at_ms=2_000_000)
    records = [left_open(BY_ANTON, BY_BEA), concluded(joined_at_ms=2_000_000)]

    assert check_open([OPEN_TRUTH, again], records, frozenset()) == []


def test_candidates_without_the_truth_are_wrong() -> None:
    report = checked(OPEN_TRUTH, left_open(BY_BEA, VANITY))

    assert (report.exit_code, report.joins[0].outcome) == (1, Outcome.WRONG)


def test_one_wrong_name_on_an_open_join_is_wrong() -> None:
    named = replace(left_open(BY_ANTON, BY_BEA), inviter_id=BEA)

    assert checked(OPEN_TRUTH, named).joins[0].outcome is Outcome.WRONG


def test_unknown_is_honest_for_a_join_without_a_counter() -> None:
    truth = replace(OPEN_TRUTH, source=Source.DISCOVERY, code=None, inviter_id=None)

    assert checked(truth, left_open(), counts={}).exit_code == 0
    assert checked(truth, left_open(BY_ANTON, BY_NOTHING), counts={}).exit_code == 0
    assert checked(truth, concluded(Candidate(Source.DISCOVERY, None, None)), counts={}).exit_code == 0


def test_a_name_for_a_join_without_a_counter_is_wrong() -> None:
    truth = replace(OPEN_TRUTH, source=Source.DISCOVERY, code=None, inviter_id=None)

    assert checked(truth, concluded(), counts={}).joins[0].outcome is Outcome.WRONG


def test_a_bot_is_right_only_with_the_admin_who_added_it() -> None:
    truth = replace(TRUTH, source=Source.BOT, code=None, inviter_id=MIRA)

    assert checked(truth, concluded(Candidate(Source.BOT, None, MIRA)), counts={}).exit_code == 0
    assert checked(truth, concluded(Candidate(Source.BOT, None, ANTON)), counts={}).exit_code == 1


def test_the_vanity_url_is_right_whatever_its_code_is_called() -> None:
    truth = replace(TRUTH, source=Source.VANITY, code="boats", inviter_id=None)

    assert checked(truth, concluded(Candidate(Source.VANITY, None, None)), counts={}).exit_code == 0


def test_members_from_before_are_no_joins_of_the_story() -> None:
    old = concluded(Candidate(Source.EXISTING, None, None), member_id=BEA, joined_at_ms=5)

    assert checked(TRUTH, concluded(), old).exit_code == 0


def test_a_join_of_somebody_who_never_joined_fails() -> None:
    report = checked(TRUTH, concluded(), concluded(member_id=LEO))

    assert report.problems == ("A join of Leo is on record that never happened.",)


@pytest.mark.parametrize("counted", [0, 2])
def test_a_wrong_total_fails(counted: int) -> None:
    report = checked(TRUTH, concluded(), counts={ANTON: InviteCounts(counted, 0, 0, 0)})

    assert report.problems == (f"Anton has 1 joins, but the bot counts {counted}.",)


def test_credit_for_somebody_who_invited_nobody_fails() -> None:
    counts = {**ONE_FOR_ANTON, BEA: InviteCounts(1, 0, 0, 0)}

    assert checked(TRUTH, concluded(), counts=counts).problems == ("Bea has 0 joins, but the bot counts 1.",)


def test_a_leave_that_is_not_counted_fails() -> None:
    report = checked(TRUTH, concluded(), absent_ids=frozenset({ELIF}))

    assert report.problems == ("Anton has 1 leaves, but the bot counts 0.",)


def test_a_rejoin_credits_nobody_and_takes_the_leave_back() -> None:
    again = replace(TRUTH, joined_at_ms=2_000_000, code="bbb", inviter_id=BEA)
    records = (concluded(), concluded(BY_BEA, joined_at_ms=2_000_000))

    assert checked((TRUTH, again), *records).exit_code == 0


def test_two_open_joins_count_rightly_when_each_link_got_its_own() -> None:
    leo = Expectation("Leo", LEO, 1_000_000, Source.INVITE, "aaa", ANTON, decidable=False)
    maja = Expectation("Maja", MAJA, 1_000_000, Source.INVITE, "bbb", BEA, decidable=False)
    both = [replace(left_open(BY_ANTON, BY_BEA), member_id=member_id) for member_id in (LEO, MAJA)]
    counts = {ANTON: InviteCounts(1, 0, 0, 0), BEA: InviteCounts(1, 0, 0, 0)}

    report = checked((leo, maja), *both, counts=counts)

    assert (report.exit_code, report.count(Outcome.AMBIGUOUS)) == (0, 2)


def test_other_problems_fail_however_right_the_joins_are() -> None:
    report = check(
        [TRUTH],
        [concluded()],
        ONE_FOR_ANTON,
        absent_ids=(),
        names=NAMES,
        other_problems=["The log has an error."],
    )

    assert (report.exit_code, report.problems) == (1, ("The log has an error.",))
