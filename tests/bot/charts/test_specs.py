"""Charts whose parts do not fit each other are refused when they are made."""

from dataclasses import replace

import pytest

from bot.charts.specs import RankingChart, RankingRow, Series
from tests.bot.charts.examples import HOUR_MS, NOON_MS, hourly


def test_a_series_has_one_value_per_bucket() -> None:
    with pytest.raises(ValueError, match="one value per bucket"):
        replace(hourly(1, 2), series=(Series(name="messages", values=(1, 2, 3)),))
    with pytest.raises(ValueError, match="one value per bucket"):
        replace(hourly(1, 2), before=(1,))


def test_buckets_follow_each_other_in_time() -> None:
    with pytest.raises(ValueError, match="follow each other"):
        replace(hourly(1, 2), starts_ms=(NOON_MS + HOUR_MS, NOON_MS))
    with pytest.raises(ValueError, match="follow each other"):
        replace(hourly(1, 2), end_ms=NOON_MS + HOUR_MS)


def test_a_gap_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="gap"):
        hourly(1, 2, gaps=((NOON_MS, NOON_MS),))


@pytest.mark.parametrize("count", [0, 5])
def test_a_chart_has_one_to_four_series(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 4 series"):
        replace(hourly(1), series=(Series(name="messages", values=(1,)),) * count)


def test_a_ranking_has_at_most_ten_rows() -> None:
    with pytest.raises(ValueError, match="at most 10 rows"):
        RankingChart(title="Top", rows=(RankingRow("somebody", 1),) * 11)


def test_a_chart_is_empty_when_no_period_has_a_value() -> None:
    assert hourly(0, None).is_empty
    assert not hourly(0, 1).is_empty
    assert not replace(hourly(0, None), before=(0, 3)).is_empty
