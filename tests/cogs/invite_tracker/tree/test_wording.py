"""How a tree reads as a list and as a picture."""

from cogs.invite_tracker.tree.growing import Branch
from cogs.invite_tracker.tree.wording import Name, describe_rest, describe_size, draw_tree, list_tree
from storage.invite_tree import Unshown

NOTHING = Unshown(0, 0)


def branch(member_id: int, *children: Branch, more: int = 0, has_left: bool = False) -> Branch:
    return Branch(member_id, has_left, True, len(children) + more, children)


def test_who_left_without_a_name_is_counted_together_in_a_picture() -> None:
    root = branch(
        1, branch(2), branch(3, has_left=True), branch(4, has_left=True), branch(5, branch(6), has_left=True)
    )
    names = {1: Name("Mia"), 2: Name("Ben"), 6: None}

    chart = draw_tree("Whom Mia brought", root, names, NOTHING)

    drawn = [(one.name, one.is_gone, one.brought) for one in chart.root.people]
    assert drawn == [("Ben", False, 0), ("somebody", True, 1), ("2 people", True, 0)]
    assert chart.root.people[1].people[0].name == "somebody"
    assert chart.root.brought == 4
    assert chart.root.more == 0
    assert chart.notes == ("Crossed out: has left.",)


def test_a_list_tells_how_many_are_not_shown() -> None:
    root = branch(1, branch(2, more=3), more=5)

    assert list_tree(root, {}).splitlines() == ["- <@2> · **3**", "  - … and 3 more", "- … and 5 more"]
    assert describe_size(root) == "6 people brought directly; 1 is shown"


def test_levels_that_are_not_shown_are_told_of() -> None:
    def chain(length: int, brought: int) -> Branch:
        return branch(length, more=brought) if length == 0 else branch(length, chain(length - 1, brought))

    told = "Only 5 levels are shown."
    assert told in describe_rest(chain(5, 1), NOTHING)
    assert told not in describe_rest(chain(5, 0), NOTHING)
    assert told not in describe_rest(chain(4, 9), NOTHING)
