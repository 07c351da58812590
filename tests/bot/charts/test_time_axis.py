"""Labels of a time axis are hours and days of the server's timezone."""

from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.time_axis import HOURS_UP_TO_MS, LABELS_MOST, local_time, time_labels
from bot.text.dates import day_and_month
from tests.bot.charts.examples import AMSTERDAM, DAY_MS, HOUR_MS, NOON_MS, local_days

ZONES = ("UTC", AMSTERDAM, "America/New_York", "America/Santiago", "Asia/Kathmandu", "Australia/Lord_Howe")
QUARTER_MS = HOUR_MS // 4

zones = st.sampled_from(ZONES)
quarters = st.integers(NOON_MS // QUARTER_MS, (NOON_MS + 366 * DAY_MS) // QUARTER_MS)


def texts(starts_ms: tuple[int, ...], end_ms: int, timezone: str) -> list[str]:
    return [label.text for label in time_labels(starts_ms, end_ms, ZoneInfo(timezone))]


def even(start_ms: int, length_ms: int, count: int) -> tuple[tuple[int, ...], int]:
    return tuple(start_ms + place * length_ms for place in range(count)), start_ms + count * length_ms


@pytest.mark.parametrize("timezone", ZONES)
@pytest.mark.parametrize(("month", "day"), [(3, 26), (4, 2), (9, 3), (10, 22), (10, 30)])
def test_days_are_the_servers_local_days_over_summer_time(timezone: str, month: int, day: int) -> None:
    starts_ms, end_ms = local_days(2026, month, day, 7, timezone)
    labels = time_labels(starts_ms, end_ms, ZoneInfo(timezone))
    assert [label.text for label in labels] == [
        day_and_month(local_time(at, ZoneInfo(timezone))) for at in starts_ms
    ]
    middles = [(a + b) / 2 for a, b in pairwise((*starts_ms, end_ms))]
    assert [label.at_ms for label in labels] == middles


def test_of_thirty_days_every_fifth_is_labelled_and_the_last_among_them() -> None:
    starts_ms, end_ms = local_days(2026, 10, 22, 30, AMSTERDAM)
    assert texts(starts_ms, end_ms, AMSTERDAM) == ["26 Oct", "31 Oct", "5 Nov", "10 Nov", "15 Nov", "20 Nov"]


def test_two_days_are_told_in_hours_and_midnight_is_named_by_its_day() -> None:
    starts_ms, end_ms = even(NOON_MS, HOUR_MS, 48)
    assert texts(starts_ms, end_ms, "UTC") == ["16:00", "2 Jan", "08:00", "16:00", "3 Jan", "08:00"]
    assert texts(starts_ms, end_ms, "Asia/Tokyo") == ["2 Jan", "08:00", "16:00", "3 Jan", "08:00", "16:00"]


def test_the_hour_that_is_left_out_or_repeated_is_labelled_by_the_wall_clock() -> None:
    spring_ms, _ = local_days(2026, 3, 29, 1, AMSTERDAM)
    assert texts(*even(spring_ms[0], HOUR_MS, 5), AMSTERDAM) == ["29 Mar", "01:00", "03:00", "04:00", "05:00"]
    autumn_ms, _ = local_days(2026, 10, 25, 1, AMSTERDAM)
    assert texts(*even(autumn_ms[0], HOUR_MS, 5), AMSTERDAM) == ["25 Oct", "01:00", "02:00", "03:00"]


def test_more_than_two_days_of_hours_are_labelled_at_their_midnights() -> None:
    starts_ms, end_ms = even(NOON_MS, HOUR_MS, 96)
    labels = time_labels(starts_ms, end_ms, ZoneInfo("UTC"))
    assert [label.text for label in labels] == ["2 Jan", "3 Jan", "4 Jan", "5 Jan"]
    assert [label.at_ms for label in labels] == [NOON_MS + 12 * HOUR_MS + day * DAY_MS for day in range(4)]


@given(quarters, st.sampled_from([QUARTER_MS, HOUR_MS, DAY_MS]), st.integers(1, 200), zones)
def test_labels_are_few_and_rise_and_lie_on_the_axis(
    first_quarter: int, length_ms: int, count: int, timezone: str
) -> None:
    starts_ms, end_ms = even(first_quarter * QUARTER_MS, length_ms, count)
    labels = time_labels(starts_ms, end_ms, ZoneInfo(timezone))
    assert 1 <= len(labels) <= LABELS_MOST
    moments = [label.at_ms for label in labels]
    assert moments == sorted(set(moments))
    assert starts_ms[0] <= moments[0] <= moments[-1] < end_ms


@given(quarters, st.sampled_from([QUARTER_MS, HOUR_MS]), st.integers(4, 48), zones)
def test_an_hour_label_says_what_the_wall_clock_shows_there(
    first_quarter: int, length_ms: int, count: int, timezone: str
) -> None:
    starts_ms, end_ms = even(first_quarter * QUARTER_MS, length_ms, count)
    assert end_ms - starts_ms[0] <= HOURS_UP_TO_MS
    for label in time_labels(starts_ms, end_ms, ZoneInfo(timezone)):
        clock = local_time(int(label.at_ms), ZoneInfo(timezone))
        assert label.text == (f"{clock:%H:%M}" if clock.hour else day_and_month(clock))
