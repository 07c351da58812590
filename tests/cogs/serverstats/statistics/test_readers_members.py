"""Joins and leaves, as events tell of them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cogs.serverstats.statistics.readers import KnownMember
from cogs.serverstats.statistics.readers.state import RecentJoins
from storage.statistics.catalogue import MEMBERS_JOINED, MEMBERS_LEFT
from storage.statistics.record_ids import time_ms_of
from tests.cogs.serverstats.statistics.scenery import (
    BOT,
    GUILD,
    NOW_MS,
    PERSON,
    ROLE,
    make_rules,
    make_state,
    member_of,
    person,
    read,
    robot,
)

JOINED_AT = "2026-09-21T17:46:40.500000+00:00"
JOINED_AT_MS = 1_790_012_800_500


def joined(joined_at: str | None, state: Any, rules: Any = None, user: Any = None) -> list[Any]:
    payload = {**member_of(user or person()), "guild_id": str(GUILD), "joined_at": joined_at}
    return read("GUILD_MEMBER_ADD", payload, state, rules, kind=MEMBERS_JOINED)


def left(state: Any, rules: Any = None, user: Any = None) -> list[Any]:
    payload = {"guild_id": str(GUILD), "user": user or person()}
    return read("GUILD_MEMBER_REMOVE", payload, state, rules, kind=MEMBERS_LEFT)


def test_a_join_is_recorded_at_its_own_time() -> None:
    (change,) = joined(JOINED_AT, make_state())
    assert (change.guild_id, change.kind, change.user_id) == (GUILD, MEMBERS_JOINED.number, PERSON)
    assert time_ms_of(change.record_id) == JOINED_AT_MS


def test_a_join_without_a_time_is_recorded_when_it_came() -> None:
    (change,) = joined(None, make_state())
    assert time_ms_of(change.record_id) == NOW_MS


def test_a_second_copy_of_a_join_does_not_count() -> None:
    state = make_state()
    assert len(joined(JOINED_AT, state)) == 1
    assert joined(JOINED_AT, state) == []
    assert joined(JOINED_AT.replace("40.500", "40.900"), state) == []


def test_who_comes_back_counts_again() -> None:
    state = make_state()
    joined(JOINED_AT, state)
    assert len(joined(JOINED_AT.replace("40.500", "52.000"), state)) == 1


def test_a_member_who_is_here_already_does_not_join() -> None:
    """Discord may tell of members again who joined long ago."""
    known = KnownMember(False, frozenset(), JOINED_AT_MS)
    assert joined(JOINED_AT, make_state(members={PERSON: known})) == []


@pytest.mark.parametrize(("age_ms", "expected"), [(600_000, 1), (600_001, 0)])
@pytest.mark.parametrize("lead_ms", [0, 3_600_000])
def test_somebody_who_joined_long_ago_does_not_join_now(age_ms: int, expected: int, lead_ms: int) -> None:
    """Discord may tell of members again whom the cache does not know; joins are stamped by Discord's clock."""
    state = replace(make_state(), clock_lead_ms=lambda: lead_ms)
    joined_at = datetime.fromtimestamp((NOW_MS - lead_ms - age_ms) / 1000, UTC).isoformat()
    assert len(joined(joined_at, state)) == expected


def test_only_the_latest_joins_are_remembered() -> None:
    recent = RecentJoins()
    for user_id in range(RecentJoins.LIMIT + 1):
        assert recent.is_new(GUILD, user_id, 5, None)
    assert not recent.is_new(GUILD, RecentJoins.LIMIT, 5, None)
    assert recent.is_new(GUILD, 0, 5, None)


def test_a_leave_is_recorded_when_it_came() -> None:
    (change,) = left(make_state())
    assert (change.kind, change.user_id, time_ms_of(change.record_id)) == (
        MEMBERS_LEFT.number,
        PERSON,
        NOW_MS,
    )


def test_bots_count_unless_the_server_does_not_want_them() -> None:
    rules = make_rules(track_bot_messages=False)
    assert joined(JOINED_AT, make_state(), rules, robot()) == []
    assert left(make_state(), rules, robot()) == []
    assert len(joined(JOINED_AT, make_state(), user=robot())) == 1
    assert [change.user_id for change in left(make_state(), user=robot())] == [BOT]


def test_who_leaves_with_an_ignored_role_is_known_by_the_cache() -> None:
    rules = make_rules(ignored_role_ids=frozenset({ROLE}))
    known = {PERSON: KnownMember(False, frozenset({ROLE}), None)}
    assert left(make_state(members=known), rules) == []
    assert len(left(make_state(), rules)) == 1


def test_who_opted_out_joins_and_leaves_without_the_id() -> None:
    state = make_state(opted_out=[PERSON])
    assert [change.user_id for change in (*joined(JOINED_AT, state), *left(state))] == [None, None]
