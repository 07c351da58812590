"""The figures: total, change, peak and mean."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.serverstats.statistics.views.figures import (
    Figures,
    Gap,
    Measured,
    figures_of,
    gaps_of,
    gauge_of,
    samples_by_bucket,
)
from cogs.serverstats.statistics.views.periods import Period, period_of
from storage.server_days import HOUR_MS, ServerDays
from storage.statistics.catalogue import MESSAGES_SENT, VOICE, WELCOME_CHECK_TIME, Kind
from storage.statistics.downtimes import Downtime, Reason
from storage.statistics.series import Hour, Sample, Sum

DAY_MS = 24 * HOUR_MS
NOW_MS = round(datetime(2026, 3, 10, 15, 30, tzinfo=UTC).timestamp() * 1000)
DAYS = ServerDays("UTC")
TODAY = DAYS.day_of(NOW_MS)


def figure(
    by_hour: Mapping[Hour, Sum],
    day_count: int,
    *,
    kind: Kind = MESSAGES_SENT,
    since_ms: int | None = 0,
    gaps: tuple[Gap, ...] = (),
) -> tuple[Figures, Period]:
    """Return the figures of these hours, whose days are their sums."""
    by_day: dict[int, Sum] = {}
    for (day, _hour), hour_sum in by_hour.items():
        by_day[day] = by_day.get(day, Sum()) + hour_sum
    period = period_of(DAYS, day_count, NOW_MS)
    return figures_of(Measured(kind, by_day, by_hour, since_ms), period, gaps), period


HOURS = st.dictionaries(
    st.tuples(st.integers(TODAY - 59, TODAY), st.integers(0, 23)).filter(lambda hour: hour <= (TODAY, 15)),
    st.builds(Sum, st.integers(0, 1000), st.integers(0, 10**9)),
    max_size=60,
)


@given(HOURS, st.integers(1, 30), st.sampled_from([MESSAGES_SENT, VOICE]))
def test_the_total_is_the_sum_of_the_buckets(by_hour: dict[Hour, Sum], day_count: int, kind: Kind) -> None:
    figures, _period = figure(by_hour, day_count, kind=kind)

    assert figures.value == pytest.approx(sum(value or 0 for value in figures.values))


@given(HOURS, st.integers(1, 30))
def test_the_peak_is_the_first_bucket_with_the_greatest_value(
    by_hour: dict[Hour, Sum], day_count: int
) -> None:
    figures, period = figure(by_hour, day_count)

    highest = max(value or 0 for value in figures.values)
    if figures.peak is None:
        assert highest == 0
    else:
        assert figures.peak.value == highest
        assert figures.peak.bucket == period.buckets[figures.values.index(highest)]


@given(HOURS, st.integers(1, 30))
def test_the_change_compares_both_periods_up_to_the_same_hour(
    by_hour: dict[Hour, Sum], day_count: int
) -> None:
    """Today's hour that is not over counts on neither side."""
    figures, _period = figure(by_hour, day_count)

    def so_far(last_day: int) -> int:
        return sum(
            found.events
            for (day, hour), found in by_hour.items()
            if last_day - day_count < day < last_day or (day == last_day and hour < 15)
        )

    now, before = so_far(TODAY), so_far(TODAY - day_count)
    if before == 0:
        assert figures.change is None
    else:
        assert figures.change == pytest.approx((now - before) / before)


def test_the_hour_that_is_not_over_counts_on_neither_side() -> None:
    by_hour = {(TODAY, 15): Sum(100), (TODAY, 14): Sum(6), (TODAY - 1, 15): Sum(50), (TODAY - 1, 14): Sum(4)}

    figures, _ = figure(by_hour, 1)

    assert figures.change == 0.5


def test_there_is_no_comparison_with_days_before_recording_began() -> None:
    by_hour = {(TODAY, 1): Sum(4), (TODAY - 1, 1): Sum(2)}

    begun_midway, _ = figure(by_hour, 1, since_ms=DAYS.start_of(TODAY - 1) + 1)
    begun_before, _ = figure(by_hour, 1, since_ms=DAYS.start_of(TODAY - 1))

    assert (begun_midway.change, begun_midway.before) == (None, ())
    assert begun_before.change == 1.0


def test_the_period_before_is_aligned_with_the_buckets() -> None:
    figures, _ = figure({(TODAY - 7, 3): Sum(5), (TODAY - 6, 3): Sum(6), (TODAY - 13, 9): Sum(7)}, 7)

    assert list(figures.values) == [6, 0, 0, 0, 0, 0, 0]
    assert list(figures.before) == [7, 0, 0, 0, 0, 0, 5]


def test_the_mean_is_of_whole_recorded_days() -> None:
    """Neither today, which is not over, nor the day on which recording began."""
    by_hour = {
        (TODAY, 1): Sum(1000),
        (TODAY - 1, 5): Sum(10),
        (TODAY - 2, 5): Sum(20),
        (TODAY - 3, 23): Sum(99),
    }

    figures, _ = figure(by_hour, 7, since_ms=DAYS.start_of(TODAY - 3) + HOUR_MS)

    assert figures.mean_per_day == 15


def test_what_was_not_recorded_has_no_value_instead_of_0() -> None:
    figures, _ = figure({(TODAY, 1): Sum(1)}, 5, since_ms=DAYS.start_of(TODAY - 2))

    assert figures.values == (None, None, 0, 0, 1)


def test_hours_to_come_have_no_value() -> None:
    figures, _ = figure({(TODAY, 1): Sum(1)}, 1)

    assert figures.values[:3] == (0, 1, 0)
    assert figures.values[15] == 0
    assert set(figures.values[16:]) == {None}


def test_a_day_that_was_wholly_missed_has_no_value_and_one_that_was_missed_in_part_has() -> None:
    start_ms = DAYS.start_of(TODAY - 3)

    figures, _ = figure({(TODAY, 1): Sum(1)}, 5, gaps=((start_ms, start_ms + DAY_MS + HOUR_MS),))

    assert figures.values == (0, None, 0, 0, 1)


def test_durations_are_told_by_their_mean_in_seconds() -> None:
    by_hour = {(TODAY, 1): Sum(2, 3_000_000), (TODAY - 1, 1): Sum(1, 500_000)}

    figures, _ = figure(by_hour, 3, kind=WELCOME_CHECK_TIME)

    assert figures.value == pytest.approx(3.5 / 3)
    assert figures.values == (None, 0.5, 1.5)
    assert figures.mean_per_day is None


def test_gaps_are_cut_to_the_period_and_joined_where_they_overlap() -> None:
    period = period_of(DAYS, 3, NOW_MS)
    start_ms = period.start_ms

    gaps = gaps_of(
        [
            Downtime(start_ms + 5 * HOUR_MS, start_ms + 7 * HOUR_MS, Reason.OVERFLOW, 3),
            Downtime(start_ms - DAY_MS, start_ms + HOUR_MS, Reason.AWAY),
            Downtime(start_ms + 6 * HOUR_MS, start_ms + 8 * HOUR_MS, Reason.AWAY),
            Downtime(NOW_MS - HOUR_MS, NOW_MS + DAY_MS, Reason.AWAY),
            Downtime(start_ms - 2 * DAY_MS, start_ms - DAY_MS, Reason.AWAY),
        ],
        period,
    )

    assert gaps == (
        (start_ms, start_ms + HOUR_MS),
        (start_ms + 5 * HOUR_MS, start_ms + 8 * HOUR_MS),
        (NOW_MS - HOUR_MS, NOW_MS),
    )


def test_a_gauge_tells_the_latest_and_how_it_changed() -> None:
    gauge = gauge_of([10.0, 14.0, 9.0, 12.0])

    assert gauge is not None
    assert (gauge.latest, gauge.change, gauge.lowest, gauge.highest, gauge.mean) == (12, 2, 9, 14, 11.25)
    assert gauge_of([]) is None


@given(st.lists(st.integers(NOW_MS - 40 * DAY_MS, NOW_MS), max_size=50), st.integers(1, 30))
def test_every_sample_of_the_period_lies_in_its_bucket(times: list[int], day_count: int) -> None:
    samples = [Sample(at_ms, 1, None, None) for at_ms in sorted(times)]
    period = period_of(DAYS, day_count, NOW_MS)

    found = samples_by_bucket(samples, period)

    for bucket, inside in zip(period.buckets, found, strict=True):
        assert inside == tuple(s for s in samples if bucket.start_ms <= s.at_ms < bucket.end_ms)
