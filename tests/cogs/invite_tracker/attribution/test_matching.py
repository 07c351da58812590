"""The matcher against a search through every assignment there is."""

from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from cogs.invite_tracker.attribution.matching import Bin, Solution, connected, solve

LIMIT = 10_000


def every_assignment(
    fits: Sequence[Sequence[int]], bins: Sequence[Bin], taken: tuple[int | None, ...] = ()
) -> Iterator[tuple[int | None, ...]]:
    """Yield every way to give single joins a bin or nothing that fills all bins within their limits."""
    if len(taken) == len(fits):
        loads = [taken.count(b) for b in range(len(bins))]
        if all(one.least <= load <= one.most for one, load in zip(bins, loads, strict=True)):
            yield taken
        return
    for b in (None, *fits[len(taken)]):
        yield from every_assignment(fits, bins, (*taken, b))


@st.composite
def puzzles(draw: st.DrawFn) -> tuple[list[int], list[tuple[int, ...]], list[Bin]]:
    bins = [
        Bin(least, least + draw(st.integers(0, 1)), draw(st.integers(0, 2)))
        for least in draw(st.lists(st.integers(0, 2), min_size=1, max_size=4))
    ]
    bin_numbers = st.sets(st.integers(0, len(bins) - 1)).map(lambda chosen: tuple(sorted(chosen)))
    fits = draw(st.lists(bin_numbers, min_size=1, max_size=4, unique=True))
    counts = [draw(st.integers(1, 2)) for _ in fits]
    return counts, fits, bins


@given(puzzles())
def test_options_are_exactly_what_some_covering_assignment_gives(
    puzzle: tuple[list[int], list[tuple[int, ...]], list[Bin]],
) -> None:
    counts, fits, bins = puzzle
    single = [(c, fits[c]) for c, count in enumerate(counts) for _ in range(count)]
    possible = list(every_assignment([reached for _, reached in single], bins))
    solution = solve(counts, fits, bins, LIMIT)
    assert bool(solution.uncovered) == (not possible)
    if possible:
        for number, (c, _) in enumerate(single):
            given_to_it = {assignment[number] for assignment in possible}
            assert set(solution.options[c]) == given_to_it - {None}
            assert solution.may_be_free[c] == (None in given_to_it)


@given(puzzles())
def test_the_concrete_assignment_keeps_every_limit(
    puzzle: tuple[list[int], list[tuple[int, ...]], list[Bin]],
) -> None:
    counts, fits, bins = puzzle
    solution = solve(counts, fits, bins, LIMIT)
    for c, flow in enumerate(solution.flows):
        assert sum(flow.values()) <= counts[c]
        assert {b for b, joins in flow.items() if joins} <= set(fits[c])
    for b, a_bin in enumerate(bins):
        load = sum(flow.get(b, 0) for flow in solution.flows)
        assert a_bin.least - solution.uncovered.get(b, 0) <= load <= a_bin.most


def test_units_that_no_join_can_cover_are_named() -> None:
    solution = solve([1], [(0, 1)], [Bin(1, 1, 0), Bin(1, 1, 0)], LIMIT)
    assert sum(solution.uncovered.values()) == 1


def test_beyond_the_limit_everything_that_fits_stays_open() -> None:
    solution: Solution = solve([1, 1], [(0,), (0, 1)], [Bin(1, 1, 0), Bin(1, 1, 0)], edge_limit=2)
    assert not solution.is_exact
    assert solution.options == ((0,), (0, 1))
    assert solution.may_be_free == (True, True)


def test_a_long_chain_of_exchanges_is_decided_exactly() -> None:
    """Each join fits its own bin and the one before; the last bin forces all of them."""
    length = 2_000
    fits = [tuple(b for b in (number - 1, number) if b >= 0) for number in range(length)]
    solution = solve([1] * length, fits, [Bin(1, 1, 0)] * length, LIMIT)
    assert all(solution.options[number] == (number,) for number in range(length))
    assert not any(solution.may_be_free)


def test_classes_and_bins_that_nothing_connects_are_apart() -> None:
    components = connected([(0,), (0, 1), (), (3,)], 4)
    assert [(sorted(classes), sorted(bins)) for classes, bins in components] == [
        ([0, 1], [0, 1]),
        ([2], []),
        ([3], [3]),
        ([], [2]),
    ]


def test_what_is_only_possible_takes_no_join_that_a_counter_can_have() -> None:
    """The second counter gets its join only if the first one takes that of the possible rise."""
    bins = [Bin(0, 1, 1), Bin(0, 1, 1), Bin(0, 1, 2)]

    solution = solve([1, 1], [(0, 1), (0, 2)], bins, 1_000)

    loads = [sum(flow.get(b, 0) for flow in solution.flows) for b in range(3)]
    assert loads == [1, 1, 0]
