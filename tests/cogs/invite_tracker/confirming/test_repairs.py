"""What a finding may change about a join, and what not."""

from dataclasses import replace

import pytest

from cogs.invite_tracker.confirming.findings import Finding
from cogs.invite_tracker.confirming.repairs import KnownCodes, decide, is_about, may_be_confirmed
from storage.records import Candidate, Certainty, Evidence, Join, Method, Reason, Source
from tests.storage.rows import ORDINARY_JOIN

CODES = KnownCodes("Harbour", {"code": 7, "other": 8, "nobodys": None})
EVIDENCE = (Evidence("code", 1, Method.USES_RISE, 900, 1_100),)
AMBIGUOUS = replace(
    ORDINARY_JOIN,
    source=Source.INVITE,
    code=None,
    inviter_id=None,
    certainty=Certainty.AMBIGUOUS,
    candidates=(Candidate(Source.INVITE, "code", 7), Candidate(Source.INVITE, "other", 8)),
    evidence=EVIDENCE,
    reason=Reason.SEVERAL_FIT,
)
UNKNOWN = replace(
    AMBIGUOUS,
    source=Source.UNKNOWN,
    method=Method.NONE,
    certainty=Certainty.UNKNOWN,
    candidates=(),
    evidence=(),
    reason=Reason.NO_COUNTER_ROSE,
    credited_code=None,
    credited_inviter_id=None,
)
CERTAIN = replace(ORDINARY_JOIN, evidence=EVIDENCE)


def finding(source: Source | None = Source.INVITE, code: str | None = "other", **changes: object) -> Finding:
    ordinary = Finding(member_id=1, joined_at_ms=1_000, source=source, code=code, inviter_id=9)
    return replace(ordinary, **changes)  # type: ignore[arg-type]


def repaired(join: Join, found: Finding, codes: KnownCodes = CODES) -> Join:
    repair = decide(join, found, codes)
    assert repair is not None
    assert repair.before is join
    return repair.after


@pytest.mark.parametrize("join", [AMBIGUOUS, UNKNOWN], ids=["ambiguous", "unknown"])
def test_a_doubtful_join_becomes_certain_and_keeps_its_evidence(join: Join) -> None:
    assert repaired(join, finding()) == replace(
        join,
        source=Source.INVITE,
        code="other",
        inviter_id=8,
        method=Method.MEMBERS_SEARCH,
        certainty=Certainty.CERTAIN,
        candidates=(),
        reason=None,
        credited_code="other",
        credited_inviter_id=8,
    )


@pytest.mark.parametrize(
    "source",
    [Source.DISCOVERY, Source.HUB, Source.INTEGRATION, Source.MANUAL_VERIFICATION, Source.BOT],
)
def test_ways_without_a_code_credit_nobody(source: Source) -> None:
    join = repaired(AMBIGUOUS, finding(source, "stray"))
    assert (join.source, join.code, join.inviter_id) == (source, None, None)
    assert (join.credited_code, join.credited_inviter_id) == (None, None)


@pytest.mark.parametrize(
    "found",
    [finding(Source.VANITY, "harbour"), finding(Source.VANITY, None), finding(Source.INVITE, "HARBOUR")],
    ids=["by its source", "without its code", "by its code"],
)
def test_the_vanity_url_is_told_from_invites(found: Finding) -> None:
    join = repaired(UNKNOWN, found)
    assert (join.source, join.code, join.inviter_id) == (Source.VANITY, "Harbour", None)
    assert (join.credited_code, join.credited_inviter_id) == ("Harbour", None)


def test_an_invite_counts_for_whom_we_know_it_was_made() -> None:
    """The bot made it for somebody, or who made it may not be named."""
    assert repaired(UNKNOWN, finding(code="code")).inviter_id == 7
    assert repaired(UNKNOWN, finding(code="nobodys")).inviter_id is None
    assert repaired(UNKNOWN, finding(code="unheard")).inviter_id == 9


def test_an_invite_of_ones_own_is_noted() -> None:
    assert repaired(UNKNOWN, finding(code="unheard", inviter_id=1)).is_own_invite
    assert not repaired(replace(UNKNOWN, is_own_invite=True), finding()).is_own_invite


def test_what_was_held_for_certain_is_corrected() -> None:
    repair = decide(CERTAIN, finding(), CODES)
    assert repair is not None
    assert repair.is_correction
    assert (repair.after.code, repair.after.credited_inviter_id) == ("other", 8)


def test_what_agrees_changes_nothing() -> None:
    vanity = replace(CERTAIN, source=Source.VANITY, code="harbour-of-old", inviter_id=None)
    assert decide(CERTAIN, finding(code="code"), CODES) is None
    assert decide(vanity, finding(Source.VANITY, None), CODES) is None


@pytest.mark.parametrize("join", [AMBIGUOUS, UNKNOWN, CERTAIN])
def test_unspecified_says_nothing(join: Join) -> None:
    assert decide(join, finding(None), CODES) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"member_id": None},
        {"left_at_ms": 2_000},
        {"method": Method.MANUAL},
        {"method": Method.MEMBERS_SEARCH},
        {"source": Source.EXISTING},
        {"source": Source.BOT, "certainty": Certainty.CERTAIN},
    ],
    ids=["anonymous", "left", "corrected by an admin", "known by the search", "existing", "bot"],
)
def test_what_stands_is_left_alone(changes: dict[str, object]) -> None:
    join = replace(AMBIGUOUS, **changes)  # type: ignore[arg-type]
    assert not may_be_confirmed(join)
    assert decide(join, finding(), CODES) is None


def test_a_cleared_join_stays_cleared() -> None:
    join = repaired(replace(AMBIGUOUS, cleared_at_ms=5_000), finding())
    assert (join.code, join.cleared_at_ms) == ("other", 5_000)


def test_who_added_a_bot_is_taken_from_the_search_only_where_it_says_so() -> None:
    bot = replace(UNKNOWN, source=Source.BOT, reason=Reason.AUDIT_LOG_MISSING)
    join = repaired(bot, finding(Source.BOT, None))
    assert (join.source, join.inviter_id, join.credited_inviter_id) == (Source.BOT, 9, None)
    assert decide(bot, finding(Source.BOT, None, inviter_id=None), CODES) is None
    assert decide(bot, finding(Source.INVITE, "code"), CODES) is None


@pytest.mark.parametrize(
    ("joined_at_ms", "tolerance_ms", "expected"),
    [(1_000, 0, True), (1_001, 0, False), (1_400, 1_000, True), (600, 1_000, True), (2_001, 1_000, False)],
)
def test_a_finding_is_about_the_join_of_its_time(
    joined_at_ms: int, tolerance_ms: int, expected: bool
) -> None:
    found = finding(joined_at_ms=joined_at_ms)
    assert is_about(found, AMBIGUOUS, tolerance_ms) is expected
    assert (decide(AMBIGUOUS, found, CODES, tolerance_ms) is not None) is expected


def test_a_finding_about_somebody_else_changes_nothing() -> None:
    assert decide(AMBIGUOUS, finding(member_id=2), CODES) is None
