"""When leaderboards are due, what they are about, and that none is posted twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.invite_tracker.leaderboard.schedule import (
    LATE_MOST_MS,
    Schedule,
    Step,
    counted_since_ms,
    edition_on,
    last_edition,
    may_try_again,
    next_edition,
    next_step,
    nonce_of,
)
from storage.leaderboards import LeaderboardRecord, Posting

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = (
    "UTC",
    "Europe/Amsterdam",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Pacific/Kiritimati",
)
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

ON = [schedule for schedule in Schedule if schedule is not Schedule.OFF]
moments = st.integers(min_value=1_700_000_000_000, max_value=1_900_000_000_000)


def ms(text: str, zone: ZoneInfo = AMSTERDAM) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def test_monday_is_about_the_week_from_monday_to_sunday() -> None:
    edition = last_edition(Schedule.MONDAY, 9, AMSTERDAM, ms("2026-11-18 12:00"))

    assert edition.due_at_ms == ms("2026-11-16 09:00")
    assert (edition.start_ms, edition.end_ms) == (ms("2026-11-09 00:00"), ms("2026-11-16 00:00"))


def test_the_first_is_about_the_month_before() -> None:
    edition = last_edition(Schedule.MONTHLY, 9, AMSTERDAM, ms("2026-03-20 12:00"))

    assert edition.due_at_ms == ms("2026-03-01 09:00")
    assert (edition.start_ms, edition.end_ms) == (ms("2026-02-01 00:00"), ms("2026-03-01 00:00"))


def test_a_minute_before_it_is_due_the_one_before_is_the_latest() -> None:
    assert last_edition(Schedule.MONDAY, 9, AMSTERDAM, ms("2026-11-16 08:59")).due_at_ms == ms(
        "2026-11-09 09:00"
    )
    assert last_edition(Schedule.MONDAY, 9, AMSTERDAM, ms("2026-11-16 09:00")).due_at_ms == ms(
        "2026-11-16 09:00"
    )


def test_an_hour_that_summer_time_leaves_out_is_the_one_after_it() -> None:
    # In the night to Sunday, 29 March 2026, two o'clock is three o'clock.
    edition = last_edition(Schedule.SUNDAY, 2, AMSTERDAM, ms("2026-03-29 12:00"))

    assert edition.due_at_ms == ms("2026-03-29 03:00")


@given(st.sampled_from(ON), st.integers(0, 23), st.sampled_from(ZONES), moments)
def test_the_last_is_due_by_now_and_the_next_right_after_it(
    schedule: Schedule, hour: int, zone_name: str, now_ms: int
) -> None:
    zone = ZoneInfo(zone_name)
    last, following = last_edition(schedule, hour, zone, now_ms), next_edition(schedule, hour, zone, now_ms)

    assert last.due_at_ms <= now_ms < following.due_at_ms
    assert last.end_ms <= following.start_ms or schedule is not Schedule.MONTHLY
    assert last.end_ms == following.start_ms
    assert last.start_ms < last.end_ms <= last.due_at_ms
    local = (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=last.due_at_ms)).astimezone(zone)
    assert local.toordinal() == last.day
    assert last_edition(schedule, hour, zone, following.due_at_ms) == following


RECORD = LeaderboardRecord(1, since_ms=0, settled_day=0, outcome=None, posting=None)


def test_what_was_due_before_the_schedule_was_set_is_not_posted() -> None:
    edition = last_edition(Schedule.MONDAY, 9, AMSTERDAM, ms("2026-11-16 10:00"))

    assert next_step(RECORD, edition, ms("2026-11-16 10:00")) is Step.POST
    late = replace(RECORD, since_ms=ms("2026-11-16 09:30"))
    assert next_step(late, edition, ms("2026-11-16 10:00")) is Step.REST


def test_a_missed_leaderboard_comes_late_and_after_a_day_not_at_all() -> None:
    edition = last_edition(Schedule.MONDAY, 9, AMSTERDAM, ms("2026-11-16 10:00"))

    assert next_step(RECORD, edition, edition.due_at_ms + LATE_MOST_MS) is Step.POST
    assert next_step(RECORD, edition, edition.due_at_ms + LATE_MOST_MS + 1) is Step.LEAVE_OUT


@given(
    st.sampled_from(ON),
    st.integers(0, 23),
    moments,
    st.lists(
        st.tuples(st.integers(1, 3 * DAY_MS), st.sampled_from(ZONES), st.booleans()), min_size=1, max_size=60
    ),
)
def test_whatever_the_pauses_and_the_timezones_no_day_is_posted_twice(
    schedule: Schedule, hour: int, now_ms: int, looks: list[tuple[int, str, bool]]
) -> None:
    record = replace(RECORD, since_ms=now_ms)
    posted: list[int] = []
    for pause_ms, zone_name, changes_hour in looks:
        now_ms += pause_ms
        if changes_hour:
            hour, record = (hour + 1) % 24, replace(record, since_ms=now_ms)
        edition = last_edition(schedule, hour, ZoneInfo(zone_name), now_ms)
        step = next_step(record, edition, now_ms)
        if step is not Step.REST:
            record = replace(record, settled_day=edition.day)
        if step is Step.POST:
            posted.append(edition.day)
            assert 0 <= now_ms - edition.due_at_ms <= LATE_MOST_MS
            assert edition.due_at_ms > record.since_ms

    assert posted == sorted(set(posted))


@given(st.sampled_from(ON), st.integers(0, 23), st.sampled_from(ZONES), moments)
def test_who_looks_every_half_day_misses_none(
    schedule: Schedule, hour: int, zone_name: str, now_ms: int
) -> None:
    zone, record, posted = ZoneInfo(zone_name), replace(RECORD, since_ms=now_ms), []
    following = next_edition(schedule, hour, zone, now_ms)
    for _ in range(140):
        edition = last_edition(schedule, hour, zone, now_ms)
        if next_step(record, edition, now_ms) is Step.POST:
            posted.append(edition)
            record = replace(record, settled_day=edition.day)
        now_ms += DAY_MS // 2

    assert posted[0] == following
    for earlier, later in pairwise(posted):
        assert earlier.end_ms == later.start_ms


def test_the_first_hours_of_a_long_month_are_cut_where_joins_are_gone() -> None:
    edition = edition_on(Schedule.MONTHLY, 9, ZoneInfo("UTC"), date(2026, 11, 1).toordinal())

    assert counted_since_ms(edition, edition.due_at_ms, 31 * DAY_MS) == edition.start_ms + 9 * HOUR_MS
    assert counted_since_ms(edition, edition.due_at_ms, 40 * DAY_MS) == edition.start_ms


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 2), (3, 4), (7, 60), (20, 60)])
def test_the_pauses_between_tries_grow_up_to_an_hour(tries: int, minutes: int) -> None:
    posting = Posting(1, 0, 1, 0, tried_at_ms=5, tries=tries)

    assert not may_try_again(posting, 5 + minutes * 60_000 - 1)
    assert may_try_again(posting, 5 + minutes * 60_000)


def test_a_nonce_is_one_guilds_and_one_days_and_short_enough() -> None:
    largest = (1 << 63) - 1

    assert len(nonce_of(largest, 999_999)) <= 25
    assert len({nonce_of(guild, day) for guild in (1, 2) for day in (739_000, 739_007)}) == 4
