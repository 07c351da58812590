"""How a tree reads: as a list while it is short, as a picture when it is long. Pure; in the language of the context."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.charts.specs import TreeChart, TreePerson
from bot.text.language import _, ngettext
from bot.text.numbers import format_number
from bot.ui.look import fit_lines
from cogs.invite_tracker.tree.growing import DEPTH_MOST, Branch
from storage.invite_tree import Unshown

LIST_PEOPLE_MOST: Final = 25
"""More than these are easier to take in as a picture."""
LIST_LENGTH: Final = 3_500


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody is called: by the name that others see, and by the one that has plain letters only."""

    display_name: str
    username: str = ""


Names = Mapping[int, Name | None]
"""The people whose names are known; None for those who may not be named."""


def is_short(root: Branch) -> bool:
    """Whether the tree is told as a list."""
    return root.people <= LIST_PEOPLE_MOST


def describe_size(root: Branch) -> str:
    """Return how many people there are: those directly brought, and as many as are known in all."""
    directly = ngettext("{count} person brought directly", "{count} people brought directly", root.brought)
    if root.brought == root.people:
        return directly
    if root.is_whole:
        return _("{directly}, {count} in all", directly=directly, count=format_number(root.people))
    return ngettext(
        "{directly}; {count} is shown", "{directly}; {count} are shown", root.people, directly=directly
    )


def list_tree(root: Branch, names: Names) -> str:
    """Return the tree as a nested list, with mentions."""
    return fit_lines(
        list(_lines(root, names, 0)), LIST_LENGTH, lambda more: _("… and {more} more", more=more)
    )


def describe_rest(root: Branch, unshown: Unshown) -> list[str]:
    """Return what the tree does not show, and what its marks mean; plain text."""
    notes = []
    people = list(root.walk())[1:]
    if not all(branch.is_sure for branch in people):
        notes.append(_("With a question mark: another bot's record says so; nobody measured it."))
    if unshown.uncertain:
        notes.append(
            ngettext(
                "{count} join is not shown: more than one inviter fits.",
                "{count} joins are not shown: more than one inviter fits.",
                unshown.uncertain,
            )
        )
    if unshown.unnamed:
        notes.append(
            ngettext(
                "{count} join of somebody who is not named is not shown.",
                "{count} joins of people who are not named are not shown.",
                unshown.unnamed,
            )
        )
    if root.reaches_below(DEPTH_MOST):
        notes.append(ngettext("Only {count} level is shown.", "Only {count} levels are shown.", DEPTH_MOST))
    return notes


def draw_tree(title: str, root: Branch, names: Names, unshown: Unshown) -> TreeChart:
    """Return the tree as a picture; who left and whose name is not known is only counted."""
    notes = describe_rest(root, unshown)
    if any(branch.has_left for branch in root.walk()):
        notes.insert(0, _("Crossed out: has left."))
    return TreeChart(title=title, subtitle=describe_size(root), notes=tuple(notes), root=_person(root, names))


def _lines(branch: Branch, names: Names, depth: int) -> Iterator[str]:
    for child in branch.children:
        who = _("somebody who is not named") if _is_unnamed(child, names) else f"<@{child.member_id}>"
        if not child.is_sure:
            who += " ?"
        if child.brought:
            who += f" · **{format_number(child.brought)}**"
        if child.has_left:
            who += f" · {_('left since')}"
        yield f"{'  ' * depth}- {who}"
        yield from _lines(child, names, depth + 1)
    if branch.more:
        yield f"{'  ' * depth}- {_('… and {more} more', more=format_number(branch.more))}"


def _person(branch: Branch, names: Names) -> TreePerson:
    shown: list[TreePerson] = []
    gone = 0
    for child in branch.children:
        if child.has_left and not child.brought and child.member_id not in names:
            gone += 1
        else:
            shown.append(_person(child, names))
    if gone:
        shown.append(TreePerson(name=ngettext("{count} person", "{count} people", gone), is_gone=True))
    name = names.get(branch.member_id)
    if name is None:
        unnamed = _("somebody")
        name = Name(unnamed, unnamed)
    return TreePerson(
        name=name.display_name,
        other_name=name.username,
        is_gone=branch.has_left,
        is_sure=branch.is_sure,
        brought=branch.brought,
        people=tuple(shown),
        more=branch.more,
    )


def _is_unnamed(branch: Branch, names: Names) -> bool:
    return branch.member_id in names and names[branch.member_id] is None
