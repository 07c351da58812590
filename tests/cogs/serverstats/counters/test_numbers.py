"""What counters show."""

from hypothesis import given
from hypothesis import strategies as st

from cogs.serverstats.counters.counter_types import KINDS, CounterType
from cogs.serverstats.counters.numbers import (
    Reading,
    Statuses,
    Tally,
    missing_to_goal,
    read_counter,
    split_statuses,
)

TALLY = Tally(
    members=120,
    boosts=7,
    channels=31,
    roles=12,
    statuses=Statuses(online=40, dnd=5, offline=75),
    approximate_online=44,
    members_by_role={1: 120, 500: 9},
    online_by_role={1: 40, 500: 0},
)
WITHOUT_PRESENCES = Tally(members=120, boosts=7, channels=31, roles=12, approximate_online=44)


@given(st.integers(-5, 10**7), st.integers(-5, 10**7), st.integers(-5, 10**7))
def test_the_three_statuses_add_up_to_all_members(members: int, online: int, dnd: int) -> None:
    statuses = split_statuses(members, online, dnd)
    assert statuses.online + statuses.dnd + statuses.offline == max(0, members)
    assert min(statuses.online, statuses.dnd, statuses.offline) >= 0


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_statuses_that_are_possible_are_shown_as_they_are(online: int, dnd: int, offline: int) -> None:
    assert split_statuses(online + dnd + offline, online, dnd) == Statuses(online, dnd, offline)


def test_each_type_shows_its_own_number() -> None:
    shown = {kind.counter_type: read_counter(TALLY, kind.counter_type, 500) for kind in KINDS}
    assert shown == {
        CounterType.STATUSES: Reading(statuses=Statuses(40, 5, 75)),
        CounterType.ONLINE: Reading(40),
        CounterType.ONLINE_WITH_ROLE: Reading(0),
        CounterType.OFFLINE: Reading(75),
        CounterType.DND: Reading(5),
        CounterType.MEMBERS: Reading(120),
        CounterType.MEMBERS_WITH_ROLE: Reading(9),
        CounterType.BOOSTS: Reading(7),
        CounterType.CHANNELS: Reading(31),
        CounterType.ROLES: Reading(12),
    }


def test_without_statuses_only_online_is_known_and_only_about() -> None:
    shown = {
        kind.counter_type: read_counter(WITHOUT_PRESENCES, kind.counter_type, 500)
        for kind in KINDS
        if kind.watches_presences
    }
    assert shown.pop(CounterType.ONLINE) == Reading(44, is_approximate=True)
    assert set(shown.values()) == {None}


def test_a_role_that_nothing_is_known_of_has_no_number() -> None:
    assert read_counter(TALLY, CounterType.MEMBERS_WITH_ROLE, 501) is None
    assert read_counter(TALLY, CounterType.ONLINE_WITH_ROLE, None) is None


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_a_goal_shows_what_is_missing_and_never_less_than_nothing(value: int, goal: int) -> None:
    missing = missing_to_goal(value, goal)
    assert missing >= 0
    assert (missing == 0) == (value >= goal)
    assert missing == 0 or value + missing == goal
