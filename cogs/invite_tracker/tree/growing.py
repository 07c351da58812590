"""How much of a tree is shown, and how it hangs together. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from storage.invite_tree import Child

DEPTH_MOST: Final = 5
"""Levels below the member that the tree begins with."""
PEOPLE_MOST: Final = 200
"""Besides that member."""
BRINGERS_MOST: Final = 60
"""So many of them are shown because they brought others; the rest of the room belongs to those who did not."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A member, and as many as are shown of those whom they brought."""

    member_id: int
    has_left: bool
    is_sure: bool
    brought: int
    """How many there are in all."""
    children: tuple["Branch", ...]

    @property
    def more(self) -> int:
        """How many of those whom they brought are not shown."""
        return self.brought - len(self.children)

    def walk(self) -> Iterator["Branch"]:
        """Yield this member and everybody below, each after the one who brought them."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def people(self) -> int:
        """How many are shown, without the member that it begins with."""
        return sum(1 for _ in self.walk()) - 1

    @property
    def is_whole(self) -> bool:
        """Whether nobody is left out."""
        return all(branch.more == 0 for branch in self.walk())

    def reaches_below(self, levels: int) -> bool:
        """Whether somebody brought others so many levels below this one."""
        if levels == 0:
            return self.brought > 0
        return any(child.reaches_below(levels - 1) for child in self.children)


def grow(root_id: int, *, has_left: bool, levels: Sequence[Sequence[Child]]) -> Branch:
    """Return the tree of a member, of what is known of each level below, at most `PEOPLE_MOST` people.

    The last level, below `DEPTH_MOST`, only tells how many there are. Those who brought others come first, level by level; the
    others share what room is left, each inviter's first before anybody's second.
    """
    brought = {child.parent_id: child.siblings for level in levels for child in level}
    shown_levels = levels[:DEPTH_MOST]
    children: dict[int, list[Child]] = {}
    for level in shown_levels:
        for child in level:
            children.setdefault(child.parent_id, []).append(child)
    chosen = _choose(root_id, children, brought)

    def branch_of(member_id: int, *, has_left: bool, is_sure: bool) -> Branch:
        return Branch(
            member_id,
            has_left,
            is_sure,
            brought.get(member_id, 0),
            tuple(
                branch_of(child.member_id, has_left=child.has_left, is_sure=child.is_sure)
                for child in children.get(member_id, ())
                if child.member_id in chosen
            ),
        )

    return branch_of(root_id, has_left=has_left, is_sure=True)


def _choose(root_id: int, children: Mapping[int, Sequence[Child]], brought: Mapping[int, int]) -> set[int]:
    """Return who is shown besides the root."""
    chosen: set[int] = set()
    level = [root_id]
    parents = [root_id]
    while level:
        bringers = [
            child.member_id
            for parent_id in level
            for child in children.get(parent_id, ())
            if child.member_id in brought
        ]
        level = bringers[: BRINGERS_MOST - len(chosen)]
        chosen.update(level)
        parents += level
    waiting = [
        [child.member_id for child in children.get(parent_id, ()) if child.member_id not in chosen]
        for parent_id in parents
    ]
    for place in range(max(map(len, waiting), default=0)):
        for row in waiting:
            if place < len(row) and len(chosen) < PEOPLE_MOST:
                chosen.add(row[place])
    return chosen
