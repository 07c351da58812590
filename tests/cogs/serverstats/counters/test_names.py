"""The names of counter channels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UnprocessableEntityError
from bot.text.templates import units
from cogs.serverstats.counters.counter_types import KINDS, CounterType, kind_of
from cogs.serverstats.counters.names import FORMAT_LENGTH_MOST, check_format, render_name
from cogs.serverstats.counters.numbers import Reading, Statuses

STATUSES = Reading(statuses=Statuses(40, 5, 75))


def shown(counter_type: CounterType, reading: Reading, role_name: str | None = None) -> str:
    return render_name(kind_of(counter_type).default_format, reading, goal=None, role_name=role_name)


def test_the_types_have_the_numbers_and_formats_that_clients_know() -> None:
    assert {int(kind.counter_type): kind.default_format for kind in KINDS} == {
        1: "Online: <online> · DND: <dnd> · Offline: <offline>",
        2: "Online: <value>",
        3: "Online <role_name>: <value>",
        4: "Offline: <value>",
        5: "DND: <value>",
        6: "Members: <value>",
        7: "<role_name>: <value>",
        8: "Boosts: <value>",
        9: "Channels: <value>",
        10: "Roles: <value>",
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
def test_every_default_format_shows_its_number_without_a_warning(kind: object) -> None:
    row = next(one for one in KINDS if one is kind)
    assert check_format(row, row.default_format) == ()


def test_the_number_takes_the_place_of_its_variable() -> None:
    assert shown(CounterType.MEMBERS, Reading(120)) == "Members: 120"
    assert shown(CounterType.STATUSES, STATUSES) == "Online: 40 · DND: 5 · Offline: 75"
    assert shown(CounterType.ONLINE_WITH_ROLE, Reading(3), "Crew") == "Online Crew: 3"


def test_an_approximate_number_says_so() -> None:
    assert shown(CounterType.ONLINE, Reading(44, is_approximate=True)) == "Online: ~44"


@pytest.mark.parametrize(("value", "name"), [(90, "10 to go"), (100, "0 to go"), (170, "0 to go")])
def test_with_a_goal_the_name_shows_what_is_missing(value: int, name: str) -> None:
    assert render_name("<value> to go", Reading(value), goal=100, role_name=None) == name


@given(
    st.text(min_size=1, max_size=FORMAT_LENGTH_MOST),
    st.text(min_size=1, max_size=100),
    st.integers(0, 10**9),
    st.none() | st.integers(1, 10**9),
)
def test_a_name_is_never_empty_and_never_longer_than_discord_allows(
    text: str, role_name: str, value: int, goal: int | None
) -> None:
    for reading in (Reading(value), Reading(value, is_approximate=True), STATUSES, Reading()):
        name = render_name(text, reading, goal=goal, role_name=role_name)
        assert 1 <= len(name) <= units(name) <= 100
        assert name == name.strip()


def test_a_long_name_is_cut_with_an_ellipsis() -> None:
    name = render_name("<role_name> <value>", Reading(5), goal=None, role_name="r" * 100)
    assert len(name) == 100
    assert name.endswith("…")


@given(st.text(alphabet="<>value_on@erh`*| ", max_size=40))
def test_the_name_of_a_role_can_never_become_a_variable(role_name: str) -> None:
    name = render_name("<role_name>|<value>", Reading(77), goal=None, role_name=role_name)
    assert name.count("77") == 1
    assert name.endswith("|77")


def test_spaces_are_as_discord_keeps_them() -> None:
    assert render_name("  Members \n  <value> ", Reading(5), goal=None, role_name=None) == "Members 5"


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_format_is_refused(text: str) -> None:
    with pytest.raises(UnprocessableEntityError, match="is empty"):
        check_format(kind_of(6), text)


def test_a_format_that_is_too_long_is_refused_with_both_numbers() -> None:
    check_format(kind_of(6), "<value>" + "x" * (FORMAT_LENGTH_MOST - 7))
    with pytest.raises(UnprocessableEntityError, match="has 201 characters; at most 200"):
        check_format(kind_of(6), "<value>" + "x" * (FORMAT_LENGTH_MOST - 6))


def test_a_variable_of_another_type_is_warned_of() -> None:
    (warning,) = check_format(kind_of(6), "<value> <online>")
    assert "`<online>` is not a variable" in warning


def test_a_format_without_a_number_is_warned_of() -> None:
    assert check_format(kind_of(7), "<role_name>") == (
        "The format has no `<value>`, so no number will be shown.",
    )
    assert check_format(kind_of(1), "Statuses")[-1].startswith("The format has no `<online>` or `<dnd>` or")


def test_only_the_types_with_a_single_number_can_have_a_goal() -> None:
    assert [kind.counter_type for kind in KINDS if not kind.can_have_goal] == [CounterType.STATUSES]
