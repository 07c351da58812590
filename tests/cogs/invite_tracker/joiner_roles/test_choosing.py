"""Which roles a join brings: certain ones, through a link that brings them, from when it does."""

from dataclasses import replace

import pytest

from cogs.invite_tracker.joiner_roles.choosing import CLOCKS_APART_MS, choose_roles
from storage.joiner_roles import VANITY_URL, JoinerRole
from storage.records import Certainty, Method, Source
from tests.storage.rows import GUILD, ORDINARY_JOIN

RULE = JoinerRole(GUILD, "code", 50, 1_000, is_given_by_discord=False)
JOIN = replace(ORDINARY_JOIN, joined_at_ms=2_000)


def chosen(join: object, *rules: JoinerRole) -> list[int]:
    """Return the roles that the join brings."""
    return [rule.role_id for _, rule in choose_roles([join], rules)]  # type: ignore[list-item]


def test_a_certain_join_brings_every_role_of_its_link() -> None:
    rules = [RULE, replace(RULE, role_id=51), replace(RULE, role_id=52, code="other")]

    assert chosen(JOIN, *rules) == [50, 51]


@pytest.mark.parametrize(
    "changes",
    [
        {"certainty": Certainty.AMBIGUOUS, "code": None},
        {"certainty": Certainty.AMBIGUOUS},
        {"certainty": Certainty.UNKNOWN, "source": Source.UNKNOWN, "code": None},
        {"method": Method.MANUAL},
        {"source": Source.EXISTING},
        {"source": Source.DISCOVERY, "code": None},
        {"left_at_ms": 3_000},
        {"code": "CODE"},
    ],
    ids=[
        "ambiguous",
        "ambiguous with a code",
        "unknown",
        "said by an admin",
        "from before",
        "no link",
        "gone",
        "another code",
    ],
)
def test_everything_else_brings_none(changes: dict[str, object]) -> None:
    assert chosen(replace(JOIN, **changes), RULE) == []  # type: ignore[arg-type]


def test_the_vanity_url_keeps_its_roles_whatever_it_is_called() -> None:
    rule = replace(RULE, code=VANITY_URL)

    assert chosen(replace(JOIN, source=Source.VANITY, code="harbour"), rule) == [50]
    assert chosen(replace(JOIN, source=Source.VANITY, code="port"), rule) == [50]
    assert chosen(JOIN, rule) == []


def test_what_discord_gives_is_not_given_again() -> None:
    assert chosen(JOIN, replace(RULE, is_given_by_discord=True)) == []


def test_who_came_before_the_link_brought_the_role_gets_none_as_far_as_clocks_agree() -> None:
    rule = replace(RULE, set_at_ms=1_000_000)

    assert chosen(replace(JOIN, joined_at_ms=1_000_000 - CLOCKS_APART_MS), rule) == [50]
    assert chosen(replace(JOIN, joined_at_ms=999_999 - CLOCKS_APART_MS), rule) == []
