"""Which member of a class of alike joins may belong to which bin of alike rises, decided exactly.

A class is a number of joins that fit the same bins; a bin holds at least `least` and at most `most` of them, and a join
may stay free. An answer is what *some* assignment that fills every bin to its `least` gives. One such assignment is
found as a flow; an arc that it does not use may be used by another one exactly if the arc closes a cycle in the residual
graph, that is, if both of its ends lie in one strongly connected component. All of it takes polynomial time.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bin:
    """Between `least` and `most` joins belong here; bins of a lower rank are filled up first."""

    least: int
    most: int
    rank: int


@dataclass(frozen=True, slots=True)
class Solution:
    """Indexes are those of the classes and bins that were given.

    `flows` is one concrete assignment (class: bin: joins), which fills as much as can be filled; `options` and `may_be_free`
    are what some assignment gives a join of the class; `uncovered` are the units of `least` that no join can cover (then
    the rest describes assignments that cover as much as possible). `is_exact` is false when the limit was exceeded:
    everything that fits is then an option.
    """

    flows: tuple[dict[int, int], ...]
    options: tuple[tuple[int, ...], ...]
    may_be_free: tuple[bool, ...]
    uncovered: dict[int, int]
    is_exact: bool


def solve(
    counts: Sequence[int], fits: Sequence[Sequence[int]], bins: Sequence[Bin], edge_limit: int
) -> Solution:
    """Match classes (`counts` joins each, fitting the bins in `fits`) to bins."""
    assignment = _Assignment(counts, fits, bins)
    if sum(map(len, fits)) > edge_limit:
        assignment.fill_directly()
        return Solution(
            tuple(assignment.flows), tuple(map(tuple, fits)), tuple(True for _ in counts), {}, is_exact=False
        )
    uncovered = assignment.fill()
    component = _strong_components(assignment.residual_arcs())
    nobody = len(counts) + len(bins)
    options = tuple(
        tuple(b for b in fits[c] if assignment.flows[c].get(b) or component[c] == component[len(counts) + b])
        for c in range(len(counts))
    )
    may_be_free = tuple(
        assignment.free[c] > 0 or component[c] == component[nobody] for c in range(len(counts))
    )
    return Solution(tuple(assignment.flows), options, may_be_free, uncovered, is_exact=True)


def connected(options: Sequence[Sequence[int]], bin_count: int) -> list[tuple[list[int], list[int]]]:
    """Return the connected components of the graph of classes and bins, each as its classes and its bins."""
    classes_of: list[list[int]] = [[] for _ in range(bin_count)]
    for c, reached in enumerate(options):
        for b in reached:
            classes_of[b].append(c)
    seen_classes = [False] * len(options)
    seen_bins = [False] * bin_count
    components: list[tuple[list[int], list[int]]] = []
    for start in range(len(options)):
        if seen_classes[start]:
            continue
        seen_classes[start] = True
        classes, bins = [start], []
        for c in classes:  # grows while it is walked
            for b in options[c]:
                if not seen_bins[b]:
                    seen_bins[b] = True
                    bins.append(b)
                    for other in classes_of[b]:
                        if not seen_classes[other]:
                            seen_classes[other] = True
                            classes.append(other)
        components.append((classes, bins))
    components.extend(([], [b]) for b in range(bin_count) if not seen_bins[b])
    return components


class _Assignment:
    """A flow from classes to bins that is being built."""

    def __init__(self, counts: Sequence[int], fits: Sequence[Sequence[int]], bins: Sequence[Bin]) -> None:
        self.counts = counts
        self.fits = fits
        self.bins = bins
        self.free = list(counts)
        self.load = [0] * len(bins)
        self.flows: list[dict[int, int]] = [{} for _ in counts]
        self._classes_of: list[list[int]] = [[] for _ in bins]
        for c, reached in enumerate(fits):
            for b in reached:
                self._classes_of[b].append(c)

    def fill(self) -> dict[int, int]:
        """Fill every bin to its least, then as far as it goes; return the units of `least` that stay uncovered."""
        order = sorted(range(len(self.bins)), key=lambda b: self.bins[b].rank)
        uncovered: dict[int, int] = {}
        for b in order:
            self._take_directly(b, self.bins[b].least)
        for b in order:
            if missing := self._take_by_exchange(b, self.bins[b].least):
                uncovered[b] = missing
        # One rank after the other, exchanges included: afterwards no join is free for them.
        for rank in sorted({one.rank for one in self.bins}):
            of_rank = [b for b in order if self.bins[b].rank == rank]
            for b in of_rank:
                self._take_directly(b, self.bins[b].most)
            for b in of_rank:
                if b not in uncovered:
                    self._take_by_exchange(b, self.bins[b].most)
        return uncovered

    def fill_directly(self) -> None:
        """Fill the bins in turn with joins that are free; good enough where nothing is concluded from it."""
        for b in sorted(range(len(self.bins)), key=lambda b: self.bins[b].rank):
            self._take_directly(b, self.bins[b].most)

    def residual_arcs(self) -> list[list[int]]:
        """Return the residual graph: classes, then bins, then the one node that stands for nobody."""
        class_count, nobody = len(self.counts), len(self.counts) + len(self.bins)
        arcs: list[list[int]] = [[] for _ in range(nobody + 1)]
        for c, count in enumerate(self.counts):
            flow = self.flows[c]
            for b in self.fits[c]:
                used = flow.get(b, 0)
                if used < count:
                    arcs[c].append(class_count + b)
                if used:
                    arcs[class_count + b].append(c)
            if self.free[c]:
                arcs[nobody].append(c)
            if self.free[c] < count:
                arcs[c].append(nobody)
        for b, a_bin in enumerate(self.bins):
            if self.load[b] < a_bin.most:
                arcs[class_count + b].append(nobody)
            if self.load[b] > a_bin.least:
                arcs[nobody].append(class_count + b)
        return arcs

    def _move(self, c: int, b: int, joins: int) -> None:
        self.flows[c][b] = self.flows[c].get(b, 0) + joins

    def _take_directly(self, b: int, goal: int) -> None:
        for c in self._classes_of[b]:
            joins = min(goal - self.load[b], self.free[c])
            if joins > 0:
                self._move(c, b, joins)
                self.free[c] -= joins
                self.load[b] += joins

    def _take_by_exchange(self, b: int, goal: int) -> int:
        while self.load[b] < goal and self._exchange_once(b):
            pass
        return max(goal - self.load[b], 0)

    def _exchange_once(self, target: int) -> bool:
        """Bring one more join into a bin along a chain of exchanges; every other bin keeps its load."""
        came_from: dict[
            int, tuple[int, int]
        ] = {}  # a bin: the bin that takes one of its joins, and of which class
        seen_classes: set[int] = set()
        queue = [target]
        for b in queue:  # grows while it is walked
            for c in self._classes_of[b]:
                if c in seen_classes:
                    continue
                seen_classes.add(c)
                if self.free[c]:
                    self.free[c] -= 1
                    self._move(c, b, 1)
                    self._pass_on(b, target, came_from)
                    return True
                for other, joins in self.flows[c].items():
                    if joins and other != target and other not in came_from:
                        came_from[other] = (b, c)
                        queue.append(other)
        return False

    def _pass_on(self, b: int, target: int, came_from: dict[int, tuple[int, int]]) -> None:
        while b != target:
            taker, mover = came_from[b]
            self._move(mover, b, -1)
            self._move(mover, taker, 1)
            b = taker
        self.load[target] += 1


def _strong_components(arcs: list[list[int]]) -> list[int]:
    """Return the number of the strongly connected component of each node (Tarjan, without recursion)."""
    index = [-1] * len(arcs)
    low = [0] * len(arcs)
    component = [-1] * len(arcs)
    stack: list[int] = []
    next_index = components = 0
    for root in range(len(arcs)):
        if index[root] >= 0:
            continue
        walk = [(root, iter(arcs[root]))]
        index[root] = low[root] = next_index
        next_index += 1
        stack.append(root)
        while walk:
            node, rest = walk[-1]
            for reached in rest:
                if index[reached] < 0:
                    index[reached] = low[reached] = next_index
                    next_index += 1
                    stack.append(reached)
                    walk.append((reached, iter(arcs[reached])))
                    break
                if component[reached] < 0:
                    low[node] = min(low[node], index[reached])
            else:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[node])
                if low[node] == index[node]:
                    while True:
                        member = stack.pop()
                        component[member] = components
                        if member == node:
                            break
                    components += 1
    return component
