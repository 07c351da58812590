"""What a chart over time shows, read from the drawn figure."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.transforms import Bbox

from bot.charts.sheet import HEIGHT, WIDTH
from bot.charts.specs import Quantity, Series, Shape, TimeChart
from bot.charts.time_figure import time_figure
from tests.bot.charts.examples import AMSTERDAM, HOUR_MS, NOON_MS, hourly, layers, local_days


def axes_of(figure: Figure) -> Axes:
    (axes,) = figure.axes
    return axes


def extents(figure: Figure, gid: str) -> list[Bbox]:
    """Return what these parts cover: milliseconds across, values upwards."""
    patches = [patch for patch in axes_of(figure).patches if patch.get_gid() == gid]
    for patch in patches:
        assert isinstance(patch, PathPatch | Rectangle)
    return [patch.get_path().get_extents(patch.get_patch_transform()) for patch in patches]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def tick_texts(figure: Figure) -> tuple[list[str], list[str]]:
    axes = axes_of(figure)
    return [one.get_text() for one in axes.get_xticklabels()], [
        one.get_text() for one in axes.get_yticklabels()
    ]


def test_a_gap_is_drawn_over_its_hours_and_over_the_whole_height() -> None:
    from_ms, to_ms = NOON_MS + HOUR_MS, NOON_MS + 3 * HOUR_MS
    figure = time_figure(hourly(5, None, None, 8, gaps=((from_ms, to_ms),)))
    (gap,) = extents(figure, "gap")
    assert (gap.x0, gap.x1) == (from_ms, to_ms)
    assert (gap.y0, gap.y1) == axes_of(figure).get_ylim()
    assert "no data" in texts(figure)


def test_a_gap_never_hides_what_was_recorded() -> None:
    figure = time_figure(hourly(5, 6, 7, 8, gaps=((NOON_MS + 100, NOON_MS + 3 * HOUR_MS),)))
    layers_of = {
        gid: {patch.get_zorder() for patch in axes_of(figure).patches if patch.get_gid() == gid}
        for gid in ("gap", "bar")
    }
    assert max(layers_of["gap"]) < min(layers_of["bar"])
    assert len(extents(figure, "bar")) == 4


def test_a_gap_is_seen_below_bars_and_above_the_highest_bar() -> None:
    figure = time_figure(hourly(10, 10, gaps=((NOON_MS, NOON_MS + 2 * HOUR_MS),)))
    (strip,) = extents(figure, "gap-strip")
    assert strip.y1 < 0
    assert max(bar.y1 for bar in extents(figure, "bar")) < extents(figure, "gap")[0].y1


def test_a_gap_of_minutes_among_days_is_a_tick_below_the_line_and_no_band() -> None:
    starts_ms, end_ms = local_days(2026, 10, 22, 30, AMSTERDAM)
    gap = (starts_ms[3], starts_ms[3] + 60_000)
    chart = TimeChart(
        title="x",
        starts_ms=starts_ms,
        end_ms=end_ms,
        series=(Series(name="x", values=(1,) * 30),),
        gaps=(gap,),
    )
    figure = time_figure(chart)
    assert extents(figure, "gap") == []
    (drawn,) = extents(figure, "gap-strip")
    pixels = (drawn.x1 - drawn.x0) / (end_ms - starts_ms[0]) * axes_of(figure).get_position().width * WIDTH
    assert pixels >= 4
    assert drawn.x0 <= gap[0] < gap[1] <= drawn.x1


def test_a_gap_outside_of_the_axis_is_neither_drawn_nor_named() -> None:
    figure = time_figure(hourly(5, 6, gaps=((NOON_MS - HOUR_MS, NOON_MS),)))
    assert not extents(figure, "gap")
    assert "no data" not in texts(figure)


def test_a_gap_that_reaches_over_the_edge_ends_there() -> None:
    figure = time_figure(hourly(5, 6, gaps=((NOON_MS - HOUR_MS, NOON_MS + HOUR_MS),)))
    (gap,) = extents(figure, "gap")
    assert (gap.x0, gap.x1) == (NOON_MS, NOON_MS + HOUR_MS)


def test_every_bar_stands_within_its_bucket_as_high_as_its_value() -> None:
    starts_ms, end_ms = local_days(2026, 10, 23, 4, AMSTERDAM)
    values = (40.0, 10.0, 30.0, 20.0)
    chart = TimeChart(
        title="x", starts_ms=starts_ms, end_ms=end_ms, series=(Series(name="x", values=values),)
    )
    bars = extents(time_figure(chart), "bar")
    for bar, value, (start_ms, stop_ms) in zip(bars, values, pairwise((*starts_ms, end_ms)), strict=True):
        assert start_ms < bar.x0 < bar.x1 < stop_ms
        assert (bar.y0, bar.y1) == (0, pytest.approx(value))


def test_no_value_and_zero_have_no_bar_and_little_is_still_seen() -> None:
    bars = extents(time_figure(hourly(1000, None, 0, 1)), "bar")
    assert len(bars) == 2
    assert bars[1].y1 > 1


def test_bars_of_several_series_stand_side_by_side() -> None:
    bars = extents(time_figure(layers((5, 6), (7, 8), shape=Shape.BARS)), "bar")
    assert sorted(bar.y1 for bar in bars) == [5, 6, 7, 8]
    for left, right in pairwise(sorted(bars, key=lambda bar: bar.x0)):
        assert left.x1 < right.x0


def test_stacked_bars_stand_on_each_other() -> None:
    lower, middle, upper = extents(time_figure(layers((5,), (6,), (7,), shape=Shape.STACKED_BARS)), "bar")
    assert (lower.y0, lower.y1, middle.y1, upper.y1) == (0, 5, 11, 18)
    assert lower.y1 == middle.y0
    assert middle.y1 == upper.y0


def test_the_axis_of_stacked_values_holds_their_sum() -> None:
    for shape in (Shape.STACKED_AREA, Shape.STACKED_BARS):
        figure = time_figure(layers((500, 1), (600, 1), shape=shape))
        assert axes_of(figure).get_ylim()[1] >= 1100


def test_a_line_is_broken_where_there_is_no_value() -> None:
    figure = time_figure(hourly(5, 6, None, 8, shape=Shape.LINE))
    lines = [line for line in axes_of(figure).get_lines() if line.get_gid() == "line"]
    spans = [(line.get_path().get_extents().x0, line.get_path().get_extents().x1) for line in lines]
    assert spans == [(NOON_MS, NOON_MS + 2 * HOUR_MS), (NOON_MS + 3 * HOUR_MS, NOON_MS + 4 * HOUR_MS)]


def test_an_area_is_broken_where_no_layer_has_a_value() -> None:
    figure = time_figure(layers((5, None, 7), (1, None, 2), shape=Shape.STACKED_AREA))
    areas = [area for area in axes_of(figure).collections if area.get_gid() == "area"]
    assert len(areas) == 4


def test_the_period_before_is_a_line_that_the_axis_has_room_for() -> None:
    figure = time_figure(replace(hourly(5, 6), before=(70, 80)))
    (line,) = [line for line in axes_of(figure).get_lines() if line.get_gid() == "before"]
    assert np.asarray(line.get_ydata()).tolist() == [70, 70, 80, 80]
    assert axes_of(figure).get_ylim()[1] >= 80
    assert "period before" in texts(figure)


def test_amounts_begin_at_zero_and_a_gauge_near_its_values() -> None:
    chart = hourly(12_300, 12_540, shape=Shape.LINE)
    assert axes_of(time_figure(chart)).get_ylim()[0] == 0
    assert axes_of(time_figure(replace(chart, from_zero=False))).get_ylim()[0] == 12_200


def test_labels_are_in_the_servers_timezone_which_is_named() -> None:
    starts_ms, end_ms = local_days(2026, 10, 24, 3, AMSTERDAM)
    chart = TimeChart(
        title="Time in voice",
        unit="per day",
        quantity=Quantity.SECONDS,
        starts_ms=starts_ms,
        end_ms=end_ms,
        timezone=AMSTERDAM,
        series=(Series(name="x", values=(7200, 3600, 1800)),),
    )
    figure = time_figure(chart)
    assert tick_texts(figure) == (["24 Oct", "25 Oct", "26 Oct"], ["0 h", "1 h", "2 h"])
    assert AMSTERDAM in texts(figure)
    assert "per day" in texts(figure)
    assert "America/Port of Spain" in texts(time_figure(replace(chart, timezone="America/Port_of_Spain")))


def test_an_empty_chart_says_so_and_still_shows_gaps_and_days() -> None:
    figure = time_figure(hourly(0, None, gaps=((NOON_MS, NOON_MS + HOUR_MS),)))
    assert "Nothing recorded" in texts(figure)
    assert "no data" in texts(figure)
    assert tick_texts(figure) == (["12:00", "13:00"], [])
    assert not extents(figure, "bar")


def test_names_of_series_are_drawable_and_share_the_width() -> None:
    chart = layers((5,), (6,), (7,), shape=Shape.STACKED_BARS)
    names = ("🎉🎉", "a" * 300, "b" * 300)
    named = tuple(replace(series, name=name) for series, name in zip(chart.series, names, strict=True))
    figure = time_figure(replace(chart, series=named))
    assert "Series 1" in texts(figure)
    assert sum(text.endswith("…") for text in texts(figure)) == 2
    assert_all_on_the_card(figure)


@pytest.mark.parametrize("count", [1, 7, 14, 25, 30])
@pytest.mark.parametrize("length_ms", [HOUR_MS, 24 * HOUR_MS])
def test_labels_neither_leave_the_card_nor_run_into_each_other(count: int, length_ms: int) -> None:
    starts_ms = tuple(NOON_MS + place * length_ms for place in range(count))
    for value in (0.0, 123_456.0):
        chart = TimeChart(
            title="T" * 200,
            subtitle="s" * 200,
            unit="u" * 200,
            starts_ms=starts_ms,
            end_ms=starts_ms[-1] + length_ms,
            timezone="America/Argentina/ComodRivadavia",
            series=(Series(name="x", values=(value,) * count),),
        )
        figure = time_figure(chart)
        assert_all_on_the_card(figure)
        boxes = [label.get_window_extent() for label in axes_of(figure).get_xticklabels()]
        for left, right in pairwise(boxes):
            assert left.x1 + 10 < right.x0


def test_a_label_at_the_very_end_of_the_axis_ends_there() -> None:
    (midnight_ms,), _ = local_days(2026, 11, 20, 1, "UTC")
    quarter_ms = HOUR_MS // 4
    starts_ms = tuple(midnight_ms + place * quarter_ms for place in range(-192, 1))
    series = Series(name="x", values=(5,) * len(starts_ms), shape=Shape.LINE)
    chart = TimeChart(title="x", starts_ms=starts_ms, end_ms=midnight_ms + quarter_ms, series=(series,))
    figure = time_figure(chart)
    last = axes_of(figure).get_xticklabels()[-1]
    assert (last.get_text(), last.get_horizontalalignment()) == ("20 Nov", "right")
    assert_all_on_the_card(figure)


def assert_all_on_the_card(figure: Figure) -> None:
    figure.draw_without_rendering()
    axes = axes_of(figure)
    for text in (*figure.texts, *axes.get_xticklabels(), *axes.get_yticklabels()):
        box = text.get_window_extent()
        assert 8 <= box.x0 <= box.x1 <= WIDTH - 8, text.get_text()
        assert 8 <= box.y0 <= box.y1 <= HEIGHT - 8, text.get_text()
