"""Which days and hours are asked about."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.serverstats.statistics.views.periods import period_of
from storage.server_days import HOUR_MS, ServerDays

AMSTERDAM = "Europe/Amsterdam"


def ms(year: int, month: int, day: int, hour: int = 0, minute: int = 0, *, timezone: str = "UTC") -> int:
    """Return a local time as UTC epoch milliseconds."""
    return round(datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(timezone)).timestamp() * 1000)


def test_today_is_the_last_of_the_days() -> None:
    period = period_of(ServerDays("UTC"), 7, ms(2026, 3, 10, 15))

    assert [datetime.fromtimestamp(b.start_ms / 1000, UTC).day for b in period.buckets] == list(range(4, 11))
    assert period.end_ms == ms(2026, 3, 11)
    assert period.before_start_ms == ms(2026, 2, 25)
    assert period.whole_hours == 15


def test_a_day_begins_at_midnight_of_the_server() -> None:
    just_after_midnight_there = ms(2026, 7, 1, 22, 30)

    period = period_of(ServerDays(AMSTERDAM), 1, just_after_midnight_there)

    assert period.start_ms == ms(2026, 7, 2, timezone=AMSTERDAM)
    assert period.whole_hours == 0


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 6, 1), 24)])
def test_a_day_of_summer_time_has_as_many_hours_as_it_has(day: tuple[int, int, int], hours: int) -> None:
    period = period_of(ServerDays(AMSTERDAM), 1, ms(*day, 12, timezone=AMSTERDAM))

    assert len(period.buckets) == hours
    assert {bucket.end_ms - bucket.start_ms for bucket in period.buckets} == {HOUR_MS}


@pytest.mark.parametrize(("day_count", "is_hourly"), [(1, True), (2, True), (3, False), (30, False)])
def test_up_to_two_days_are_shown_by_hours(day_count: int, is_hourly: bool) -> None:
    period = period_of(ServerDays("UTC"), day_count, ms(2026, 3, 10))

    assert period.is_hourly is is_hourly
    assert len(period.buckets) == (24 * day_count if is_hourly else day_count)


@given(
    day_count=st.integers(1, 30),
    now_ms=st.integers(ms(2020, 1, 1), ms(2030, 1, 1)),
    timezone=st.sampled_from(["UTC", AMSTERDAM, "America/St_Johns", "Pacific/Auckland", "Asia/Kolkata"]),
    change=st.none()
    | st.tuples(st.integers(0, 40 * 24), st.sampled_from(["Pacific/Kiritimati", "Pacific/Pago_Pago"])),
)
def test_buckets_follow_each_other_without_a_hole_and_hold_the_present(
    day_count: int, now_ms: int, timezone: str, change: tuple[int, str] | None
) -> None:
    changes = [] if change is None else [(now_ms - change[0] * HOUR_MS, change[1])]

    period = period_of(ServerDays(timezone, changes), day_count, now_ms)

    edges = [(bucket.start_ms, bucket.end_ms) for bucket in period.buckets]
    assert all(start < end for start, end in edges)
    assert all(one[1] == other[0] for one, other in pairwise(edges))
    assert period.start_ms <= now_ms < period.end_ms
    assert period.before_start_ms <= period.start_ms
