"""Expected against concluded: which conclusions are right, wrong, or honestly left open. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage.records import Candidate, Certainty, InviteCounts, Join, Source

SAME_JOIN_MS = 5
"""Two times of one join may differ by this much from rounding."""

WITHOUT_COUNTER = frozenset({Source.DISCOVERY, Source.INTEGRATION, Source.HUB, Source.MANUAL_VERIFICATION})


@dataclass(frozen=True, slots=True)
class Expectation:
    """The truth about one join; ``decidable`` demands a right and certain conclusion by the counters alone."""

    member: str
    member_id: int
    joined_at_ms: int
    source: Source
    code: str | None
    inviter_id: int | None
    decidable: bool


class Outcome(StrEnum):
    """What became of one join. Ambiguous and unknown are honest: the truth is among what is left open."""

    RIGHT = "right"
    WRONG = "wrong"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CheckedJoin:
    """One expected join, what the bot recorded of it (None: nothing), and the objection, if there is one."""

    expectation: Expectation
    conclusion: Join | None
    outcome: Outcome
    problem: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """The whole comparison."""

    joins: tuple[CheckedJoin, ...]
    problems: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 when nothing is to be objected to, otherwise 1."""
        return 1 if self.problems else 0

    def count(self, outcome: Outcome) -> int:
        """Return how many joins had this outcome."""
        return sum(checked.outcome is outcome for checked in self.joins)


def check(
    expectations: Sequence[Expectation],
    conclusions: Sequence[Join],
    counts: Mapping[int, InviteCounts],
    *,
    absent_ids: Collection[int],
    names: Mapping[int, str],
    other_problems: Iterable[str] = (),
) -> Report:
    """Compare the truth with everything that the bot recorded.

    ``counts`` are the bot's, by inviter; ``absent_ids`` the members who are gone at the end; ``names`` what
    people are called; ``other_problems`` what went wrong beside the joins.
    """
    joins, surplus = check_joins(expectations, conclusions)
    problems = [checked.problem for checked in joins if checked.problem is not None]
    problems += [
        f"A join of {names.get(join.member_id or 0, 'somebody')} is on record that never happened."
        for join in surplus
    ]
    problems += check_counts(expectations, counts, absent_ids=absent_ids, names=names)
    return Report(joins, (*problems, *other_problems))


def check_joins(
    expectations: Sequence[Expectation], conclusions: Sequence[Join]
) -> tuple[tuple[CheckedJoin, ...], tuple[Join, ...]]:
    """Judge every expected join; return the judgements and the recorded joins that belong to none.

    Members who were there before the bot are no joins of the story, as long as they are recorded as such.
    """
    checked: list[CheckedJoin] = []
    left_over = list(conclusions)
    for expectation in expectations:
        matching = [join for join in left_over if is_same_join(expectation, join)]
        left_over = [join for join in left_over if join not in matching]
        checked.append(_judge_records(expectation, matching))
    return tuple(checked), tuple(join for join in left_over if join.source is not Source.EXISTING)


def check_open(
    expectations: Sequence[Expectation], conclusions: Sequence[Join], absent_ids: Collection[int]
) -> list[str]:
    """Return a sentence for every join that the counters left open, and the member search must have told.

    It knows the latest join of everybody who is there at the end.
    """
    latest = {one.expectation.member_id: one for one in check_joins(expectations, conclusions)[0]}
    return [
        f"How {one.expectation.member} joined was left open, although the member search knows it."
        for member_id, one in latest.items()
        if member_id not in absent_ids
        and one.outcome in {Outcome.AMBIGUOUS, Outcome.UNKNOWN}
        and not one.expectation.decidable
    ]


def check_counts(
    expectations: Sequence[Expectation],
    counts: Mapping[int, InviteCounts],
    *,
    absent_ids: Collection[int],
    names: Mapping[int, str],
) -> list[str]:
    """Return a sentence for every inviter whose joins or leaves are counted wrongly.

    Only the first join of a member credits somebody; it is a leave while the member is away.
    """
    totals: Counter[int] = Counter()
    leaves: Counter[int] = Counter()
    seen: set[int] = set()
    for expectation in sorted(expectations, key=lambda one: one.joined_at_ms):
        first = expectation.member_id not in seen
        seen.add(expectation.member_id)
        if first and expectation.source is Source.INVITE and expectation.inviter_id is not None:
            totals[expectation.inviter_id] += 1
            leaves[expectation.inviter_id] += expectation.member_id in absent_ids
    problems = []
    for inviter_id in sorted(totals.keys() | counts.keys()):
        counted = counts.get(inviter_id, InviteCounts(0, 0, 0, 0))
        for word, true, found in (
            ("joins", totals[inviter_id], counted.total),
            ("leaves", leaves[inviter_id], counted.leaves),
        ):
            if true != found:
                name = names.get(inviter_id, str(inviter_id))
                problems.append(f"{name} has {true} {word}, but the bot counts {found}.")
    return problems


def is_same_join(expectation: Expectation, join: Join) -> bool:
    """Return whether a recorded join is this one."""
    return (
        join.member_id == expectation.member_id
        and abs(join.joined_at_ms - expectation.joined_at_ms) <= SAME_JOIN_MS
    )


def judge(expectation: Expectation, conclusion: Join) -> Outcome:
    """Compare one conclusion with the truth.

    Wrong is a certain answer that is not the truth, a named inviter who is not the true one, and a choice of
    candidates without the truth among them.
    """
    if conclusion.certainty is Certainty.CERTAIN:
        found = Candidate(conclusion.source, conclusion.code, conclusion.inviter_id)
        return Outcome.RIGHT if _is_truth(expectation, found) else Outcome.WRONG
    if conclusion.inviter_id is not None and conclusion.inviter_id != expectation.inviter_id:
        return Outcome.WRONG
    if conclusion.certainty is Certainty.UNKNOWN:
        return Outcome.UNKNOWN
    fits = any(_is_truth(expectation, candidate) for candidate in conclusion.candidates)
    return Outcome.AMBIGUOUS if fits else Outcome.WRONG


def _judge_records(expectation: Expectation, matching: Sequence[Join]) -> CheckedJoin:
    member = expectation.member
    if len(matching) != 1:
        what = f"is on record {len(matching)} times" if matching else "is not on record: it was lost"
        conclusion = matching[0] if matching else None
        return CheckedJoin(expectation, conclusion, Outcome.WRONG, f"The join of {member} {what}.")
    outcome = judge(expectation, matching[0])
    problem = None
    if outcome is Outcome.WRONG:
        problem = f"What the bot concluded about {member} is wrong."
    elif outcome is not Outcome.RIGHT and expectation.decidable:
        problem = f"How {member} joined could be known, but was left open."
    return CheckedJoin(expectation, matching[0], outcome, problem)


def _is_truth(expectation: Expectation, found: Candidate) -> bool:
    if found.source is Source.UNKNOWN:
        return found.code is None and expectation.source in WITHOUT_COUNTER
    if found.source is not expectation.source:
        return False
    same_code = found.source is not Source.INVITE or found.code == expectation.code
    return same_code and found.inviter_id == expectation.inviter_id
