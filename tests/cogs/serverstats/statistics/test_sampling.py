"""Samples of members and statuses."""

from collections import Counter
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from cogs.serverstats.statistics.sampling import PHASES, PRESENCES_COMPLETE_TO, phase_of, sample
from storage.statistics.catalogue import MEMBERS_TOTAL, STATUSES, Group
from storage.statistics.changes import Sampled
from tests.cogs.serverstats.statistics.scenery import GUILD, make_rules


def test_members_and_statuses_are_sampled_where_they_are_wanted() -> None:
    ids = count(1)
    samples = sample(make_rules(), 10, (3, 2), lambda: next(ids))
    assert samples == (
        Sampled(GUILD, MEMBERS_TOTAL.number, 1, 10),
        Sampled(GUILD, STATUSES.number, 2, 3, 5, 2),
    )
    only_members = make_rules(enabled_groups=frozenset({Group.MEMBERS}))
    assert [one.kind for one in sample(only_members, 10, (3, 2), lambda: 1)] == [MEMBERS_TOTAL.number]
    assert sample(make_rules(enabled_groups=frozenset()), 10, (3, 2), lambda: 1) == ()


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_online_offline_and_busy_add_up_to_all_members(members: int, online: int, dnd: int) -> None:
    """Who just left may still show as online, for a moment: offline is never negative."""
    _total, statuses = sample(make_rules(), members, (online, dnd), lambda: 1)
    parts = (statuses.first, statuses.second or 0, statuses.third or 0)
    assert sum(parts) == max(members, online + dnd)
    assert min(parts) >= 0


def test_statuses_are_not_sampled_where_they_are_not_known() -> None:
    assert [one.kind for one in sample(make_rules(), 10, None, lambda: 1)] == [MEMBERS_TOTAL.number]
    large = PRESENCES_COMPLETE_TO + 1
    assert [one.kind for one in sample(make_rules(), large, (3, 2), lambda: 1)] == [MEMBERS_TOTAL.number]


def test_guilds_take_turns() -> None:
    """Ids differ in their time, not in their low bits."""
    turns = Counter(phase_of((1_000_000_000_000 + made * 977) << 22) for made in range(1500))
    assert set(turns) == set(range(PHASES))
    assert max(turns.values()) < 3 * min(turns.values())
