"""How much of a tree is shown: within bounds, everybody below whoever brought them, and the rest counted."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from cogs.invite_tracker.tree.growing import DEPTH_MOST, PEOPLE_MOST, Branch, grow
from storage.invite_tree import Child

ROOT = 1


def levels_of(tree: Mapping[int, Sequence[int]]) -> list[list[Child]]:
    """Return the levels below the root, as they are read."""
    levels, parents = [], [ROOT]
    while parents:
        level = [
            Child(parent, child, len(tree[parent]), has_left=False, is_sure=True)
            for parent in parents
            for child in tree.get(parent, ())
        ]
        levels.append(level)
        parents = [child.member_id for child in level]
    return levels[: DEPTH_MOST + 1]


def grown(tree: Mapping[int, Sequence[int]]) -> Branch:
    return grow(ROOT, has_left=False, levels=levels_of(tree))


def depth_of(branch: Branch) -> int:
    return max((depth_of(child) + 1 for child in branch.children), default=0)


def test_a_small_tree_is_shown_whole() -> None:
    root = grown({ROOT: [2, 3], 2: [4]})

    assert [branch.member_id for branch in root.walk()] == [ROOT, 2, 4, 3]
    assert root.is_whole
    assert root.people == 3


def test_below_the_fifth_level_people_are_only_counted() -> None:
    root = grown({number: [number + 1] for number in range(1, 10)})

    assert depth_of(root) == DEPTH_MOST
    assert root.reaches_below(DEPTH_MOST)
    assert [branch.more for branch in root.walk()] == [0, 0, 0, 0, 0, 1]


def test_who_brought_others_is_shown_before_those_who_did_not() -> None:
    root = grown({ROOT: list(range(2, 1000)), 999: [2000]})

    assert 999 in {child.member_id for child in root.children}
    assert root.people == PEOPLE_MOST
    assert root.more == 998 - len(root.children)


def test_the_room_is_shared_between_inviters() -> None:
    crowds = {number: list(range(number * 1000, number * 1000 + 300)) for number in range(2, 6)}
    root = grown({ROOT: [2, 3, 4, 5], **crowds})

    assert [len(child.children) for child in root.children] == [49, 49, 49, 49]


@given(st.lists(st.integers(1, 400), max_size=500))
def test_any_tree_is_shown_within_bounds_and_nobody_is_lost(parents: list[int]) -> None:
    tree: dict[int, list[int]] = {}
    for number, parent in enumerate(parents, 2):
        tree.setdefault(min(parent, number - 1), []).append(number)

    root = grown(tree)

    shown = [branch.member_id for branch in root.walk()]
    assert len(shown) == len(set(shown)) <= PEOPLE_MOST + 1
    assert depth_of(root) <= DEPTH_MOST
    for branch in root.walk():
        assert branch.brought == len(tree.get(branch.member_id, ()))
        assert {child.member_id for child in branch.children} <= set(tree.get(branch.member_id, ()))
        assert branch.more >= 0
    if len(parents) <= PEOPLE_MOST and depth_of(root) < DEPTH_MOST:
        assert root.is_whole
