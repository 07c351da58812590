"""Which roles a join brings its member. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from storage.joiner_roles import VANITY_URL, JoinerRole
from storage.records import Certainty, Join, Method, Source

CLOCKS_APART_MS: Final = 60_000
"""Joins are stamped by Discord's clock, and rules by ours."""

_LINKS: Final = frozenset({Source.INVITE, Source.VANITY})


def may_bring_roles(join: Join) -> bool:
    """Whether it is certain by which link somebody came who is here; what an admin says of a join gives no roles."""
    return (
        join.certainty is Certainty.CERTAIN
        and join.method is not Method.MANUAL
        and join.source in _LINKS
        and link_of(join) is not None
        and join.left_at_ms is None
    )


def link_of(join: Join) -> str | None:
    """Return by which link the join came, as rules name it."""
    return VANITY_URL if join.source is Source.VANITY else join.code


def choose_roles(joins: Iterable[Join], rules: Sequence[JoinerRole]) -> Iterator[tuple[Join, JoinerRole]]:
    """Yield what each join brings; those from before a rule was set are none of its business."""
    for join in joins:
        if may_bring_roles(join):
            for rule in rules:
                if (
                    rule.code == link_of(join)
                    and not rule.is_given_by_discord
                    and join.joined_at_ms >= rule.set_at_ms - CLOCKS_APART_MS
                ):
                    yield join, rule
