"""When channels may be renamed."""

from collections import deque
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cogs.serverstats.counters.renaming import RENAME_DISTANCE_MS, is_rename_due, rename_from_ms, turn_of
from storage.counters import Counter

MINUTE_MS = 60_000
DISCORDS_WINDOW_MS = 10 * MINUTE_MS

COUNTER = Counter(
    guild_id=1,
    counter_id=1,
    channel_id=1,
    counter_type=6,
    format="<value>",
    role_id=None,
    goal=None,
    announce_channel_id=None,
    is_adopted=False,
    created_at_ms=0,
    goal_reached_at_ms=None,
    renamed_at_ms=None,
    blocked_until_ms=None,
)


def test_a_name_that_is_right_is_left_alone() -> None:
    assert not is_rename_due(COUNTER, "Members: 5", "Members: 5", 0)
    assert is_rename_due(COUNTER, "Members: 5", "Members: 6", 0)


def test_renames_keep_six_minutes_between_them() -> None:
    renamed = replace(COUNTER, renamed_at_ms=1_000)
    assert not is_rename_due(renamed, "a", "b", 1_000 + RENAME_DISTANCE_MS - 1)
    assert is_rename_due(renamed, "a", "b", 1_000 + RENAME_DISTANCE_MS)


def test_what_discord_asks_for_is_kept_even_when_the_distance_is_over() -> None:
    blocked = replace(COUNTER, renamed_at_ms=0, blocked_until_ms=580_000)
    assert not is_rename_due(blocked, "a", "b", 579_999)
    assert is_rename_due(blocked, "a", "b", 580_000)


def test_renames_by_others_count_too() -> None:
    assert rename_from_ms(COUNTER, [5_000]) == 0
    assert rename_from_ms(COUNTER, [5_000, 9_000]) > 5_000 + DISCORDS_WINDOW_MS
    assert rename_from_ms(COUNTER, [1_000, 5_000, 9_000]) == rename_from_ms(COUNTER, [5_000, 9_000])


@given(st.lists(st.tuples(st.integers(0, 240_000), st.booleans()), max_size=120))
def test_we_never_make_the_third_change_of_a_window(steps: list[tuple[int, bool]]) -> None:
    """At every step either a person renames the channel, if Discord lets them, or we do, if our rule lets us."""
    counter, seen = COUNTER, deque[int](maxlen=2)
    changes: list[int] = []
    now_ms = 0
    for wait_ms, is_person in steps:
        now_ms += wait_ms
        recent = [at_ms for at_ms in changes if at_ms > now_ms - DISCORDS_WINDOW_MS]
        if is_person and len(recent) == 2:
            continue
        if not is_person and not is_rename_due(counter, "a", "b", now_ms, seen):
            continue
        assert len(recent) < 2, "Discord would have refused this"
        if not is_person:
            counter = replace(counter, renamed_at_ms=now_ms)
        changes.append(now_ms)
        seen.append(now_ms)


@given(st.lists(st.integers(0, 120_000), max_size=200))
def test_what_was_seen_need_not_survive_a_restart(waits_ms: list[int]) -> None:
    """Our own renames are stored, and alone they never come three in a window."""
    counter, changes, now_ms = COUNTER, list[int](), 0
    for wait_ms in waits_ms:
        now_ms += wait_ms
        if is_rename_due(counter, "a", "b", now_ms):
            counter = replace(counter, renamed_at_ms=now_ms)
            changes.append(now_ms)
            assert sum(at_ms > now_ms - DISCORDS_WINDOW_MS for at_ms in changes) <= 2


@given(st.integers(1, 2**63 - 1), st.integers(0, 2**42), st.integers(1, 10**7))
def test_every_guild_has_one_turn_in_an_interval(guild_id: int, now_ms: int, interval_ms: int) -> None:
    assert turn_of(guild_id, now_ms + interval_ms, interval_ms) == turn_of(guild_id, now_ms, interval_ms) + 1


def test_guilds_have_their_turns_at_different_moments() -> None:
    interval_ms = 10 * MINUTE_MS
    guild_ids = [(175_928_847_299_117_063 + number * 98_765_432_123_456) for number in range(600)]
    changes = [0] * 10
    for minute in range(10):
        for guild_id in guild_ids:
            before = turn_of(guild_id, minute * MINUTE_MS, interval_ms)
            changes[minute] += turn_of(guild_id, (minute + 1) * MINUTE_MS, interval_ms) != before
    assert sum(changes) == 600
    assert max(changes) < 120
