"""Pending joins and rises, brought into classes and bins, matched, and taken apart into independent tangles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cogs.invite_tracker.attribution.bounds import Bounds
from cogs.invite_tracker.attribution.matching import Bin, connected, solve
from cogs.invite_tracker.attribution.rises import TICK_BITS, Cause, Rise
from storage.records import Arrival


@dataclass(slots=True, eq=False)
class PendingJoin:
    """A join whose answer may still change; `order` is its place in the order of our clock."""

    arrival: Arrival
    order: int
    waits_since_ms: int
    awaits_invites: bool = True
    awaits_vanity: bool = True
    is_tainted: bool = False
    """Its rise may have been credited to another join, so no answer is certain any more."""
    carried: tuple[Rise, ...] = ()
    """What fitted a tainted join before rises were credited to other joins."""
    is_on_record: bool = False
    """A provisional verdict is out; the next one is a repair."""
    is_settled: bool = False
    """It was settled as unknown, and may only explain a counter that lagged behind."""

    @property
    def is_answered(self) -> bool:
        """Whether every counter was looked at after the join reached us."""
        return not self.awaits_invites and not self.awaits_vanity


@dataclass(frozen=True, slots=True)
class Explained:
    """A join with every rise that some assignment gives it, and the one that a concrete assignment does."""

    join: PendingJoin
    options: tuple[Rise, ...]
    may_be_unexplained: bool
    credited: Rise | None


@dataclass(frozen=True, slots=True)
class Tangle:
    """Joins and rises that can only be decided together; nothing outside bears on them."""

    joins: tuple[Explained, ...]
    rises: tuple[Rise, ...]


_NEVER = 1 << 62

_Span = tuple[int, int, int, int]


def untangle(
    joins: Sequence[PendingJoin], rises: Iterable[Rise], bounds: Bounds
) -> tuple[list[Tangle], list[Rise]]:
    """Return the independent tangles, and the rises around those that must belong to a join but cannot.

    When there are such rises the tangles mean nothing: let these rises be doubtful and try again. A rise that is not required
    may belong to nobody we know: to a join still on its way, for instance. So what is possible here contains the truth,
    and what is the only possibility is the truth, at any time.
    """
    spans, members = _bins(joins, rises, bounds)
    fits_of: dict[tuple[int, ...], list[PendingJoin]] = {}
    for join in joins:
        order, joined_at_ms = join.order, join.arrival.joined_at_ms
        fits = tuple(
            b
            for b, (opened, until_ms, not_before_ms, not_after_ms) in enumerate(spans)
            if order >= opened
            and joined_at_ms <= until_ms
            and not_before_ms <= joined_at_ms <= not_after_ms
            and (members[b][0].lets_in_late or not join.is_settled)
        )
        fits_of.setdefault(fits, []).append(join)
    fits_list, classes = list(fits_of), list(fits_of.values())
    solution = solve(
        [len(alike) for alike in classes],
        fits_list,
        [_limits(alike, len(joins)) for alike in members],
        bounds.edge_limit,
    )
    if solution.uncovered:
        around = [
            rise
            for _, bin_numbers in connected(fits_list, len(members))
            if not solution.uncovered.keys().isdisjoint(bin_numbers)
            for b in bin_numbers
            for rise in members[b]
        ]
        return [], around
    credit = _credit(classes, members, solution.flows)
    tangles = []
    for class_numbers, bin_numbers in connected(solution.options, len(members)):
        explained = []
        for c in class_numbers:
            options = tuple(rise for b in solution.options[c] for rise in members[b])
            explained += [
                Explained(join, options, solution.may_be_free[c], credit.get(join)) for join in classes[c]
            ]
        explained.sort(key=lambda one: one.join.order)
        tangles.append(Tangle(tuple(explained), tuple(rise for b in bin_numbers for rise in members[b])))
    return tangles, []


def _bins(
    joins: Sequence[PendingJoin], rises: Iterable[Rise], bounds: Bounds
) -> tuple[list[_Span], list[list[Rise]]]:
    """Put rises together that fit the same joins and are equally binding; the earliest windows come first."""
    first_ms = min((join.arrival.joined_at_ms for join in joins), default=0)
    margin_ms, late = bounds.margin_ms, bounds.late_counter_ms << TICK_BITS
    found: dict[tuple[_Span, int, bool], list[Rise]] = {}
    for rise in rises:
        not_before_ms = -_NEVER if rise.not_before_ms is None else rise.not_before_ms - margin_ms
        not_after_ms = _NEVER if rise.not_after_ms is None else rise.not_after_ms + margin_ms
        until_ms = rise.closed_at_ms + margin_ms
        span = (
            rise.opened - late if rise.lets_in_late else rise.opened,
            until_ms,
            # A bound that excludes nobody must not keep alike rises apart.
            not_before_ms if not_before_ms > first_ms else -_NEVER,
            not_after_ms if not_after_ms < until_ms else _NEVER,
        )
        found.setdefault((span, _rank(rise), rise.lets_in_late), []).append(rise)
    ordered = sorted(found.items(), key=lambda item: (item[0][0][1], item[0][0][0], item[0][1]))
    return [key[0] for key, _ in ordered], [alike for _, alike in ordered]


def _rank(rise: Rise) -> int:
    if rise.is_required:
        return 0
    if rise.cause is Cause.COUNTER:
        return 1
    return 2 if rise.most is not None else 3


def _limits(alike: Sequence[Rise], join_count: int) -> Bin:
    most = sum(join_count if rise.most is None else min(rise.most, join_count) for rise in alike)
    if not alike[0].is_required:
        return Bin(0, most, _rank(alike[0]))
    least = sum(rise.least for rise in alike)
    # What no join can cover counts as uncovered, so `most` is not cut below `least`.
    return Bin(least, max(most, least), 0)


def _credit(
    classes: Sequence[Sequence[PendingJoin]],
    members: Sequence[Sequence[Rise]],
    flows: Sequence[dict[int, int]],
) -> dict[PendingJoin, Rise]:
    """Spread the concrete assignment of classes to bins over single joins and rises, in the order of arrival."""
    taken: list[list[PendingJoin]] = [[] for _ in members]
    for alike, flow in zip(classes, flows, strict=True):
        start = 0
        for b, joins in sorted(flow.items()):
            taken[b].extend(alike[start : start + joins])
            start += joins
    credit: dict[PendingJoin, Rise] = {}
    for rises, joins_of_bin in zip(members, taken, strict=True):
        waiting = iter(sorted(joins_of_bin, key=lambda join: join.order))
        for rise in rises:
            # How often an invite without a limit was used at last is anybody's guess: it gets no credit.
            for join in _first(waiting, rise.most or 0):
                credit[join] = rise
    return credit


def _first(waiting: Iterable[PendingJoin], number: int) -> Iterable[PendingJoin]:
    for _ in range(number):
        join = next(iter(waiting), None)
        if join is None:
            return
        yield join
