"""Charts over time: bars, lines and stacks, the times without data, and the period before."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from bot.charts import palette
from bot.charts.legend import LegendEntry, Mark, draw_legend, hatched
from bot.charts.names import drawable_name, drawable_text
from bot.charts.sheet import (
    HEIGHT,
    MARGIN,
    TITLE_SIZE,
    WIDTH,
    Sheet,
    axis_font,
    covers,
    points,
)
from bot.charts.specs import TONES_BY_POSITION, Series, Shape, TimeChart
from bot.charts.time_axis import time_labels
from bot.charts.wording import format_axis, value_ticks
from bot.text.language import _

_TOP: Final = 168
_TOP_BELOW_LEGEND: Final = 212
_BOTTOM: Final = HEIGHT - 112
_LEGEND_BASELINE: Final = 184
_FOOT_BASELINE: Final = HEIGHT - 30
_RADIUS: Final = 8
_BAND_SHARE_LEAST: Final = 1 / 200
"""Of the width: a shorter gap has only its tick below the line."""
_GAP_WIDTH_LEAST: Final = 5
_BAR_HEIGHT_LEAST: Final = 4
_BAR_SHARE: Final = 0.74
_LINE_WIDTH: Final = 6
_RIGHT_ROOM: Final = 10
"""For the half of the last label that stands beyond the plot."""
_EDGE: Final = 20
"""How near to the card's edge a label may come."""
_HEADROOM: Final = 0.05
"""Above the highest tick, so that a gap is seen above the highest bar, too."""

Values = Sequence[float | None]


def time_figure(chart: TimeChart) -> Figure:
    """Return the drawn chart; what is told apart by kind carries a `gid`: `bar`, `line`, `area`, `before`, `gap`."""
    return _TimeDrawing(chart).figure


class _TimeDrawing:
    def __init__(self, chart: TimeChart) -> None:
        self._chart = chart
        self._sheet = Sheet()
        self._edges = (*chart.starts_ms, chart.end_ms)
        self._gaps = tuple(_visible(chart))
        self._legend = tuple(_legend_entries(chart))
        self._top = _TOP_BELOW_LEGEND if self._legend else _TOP
        self.figure = self._sheet.figure
        self._sheet.write_header(chart.title, chart.subtitle)
        lowest, highest = _value_range(chart)
        self._ticks = value_ticks(lowest, highest, chart.quantity, from_zero=chart.from_zero)
        self._axes = self._lay_axes()
        self._draw_gaps()
        if chart.is_empty:
            self._draw_emptiness()
        else:
            self._draw_values()
        self._draw_small_print()

    def _lay_axes(self) -> Axes:
        """Lay the axes with their labels; the widest label decides where they begin."""
        chart, ticks = self._chart, self._ticks
        texts = () if chart.is_empty else format_axis(ticks, chart.quantity)
        self._left = left = MARGIN + (max(map(self._sheet.text_width, texts)) + 18 if texts else 0)
        right = WIDTH - MARGIN - _RIGHT_ROOM
        axes = self._sheet.add_axes(left, self._top, right, _BOTTOM)
        height = (ticks[-1] - ticks[0]) * (1 + _HEADROOM)
        axes.set_xlim(self._edges[0], self._edges[-1])
        axes.set_ylim(ticks[0], ticks[0] + height)
        self._ms_per_pixel = (self._edges[-1] - self._edges[0]) / (right - left)
        self._value_per_pixel = height / (_BOTTOM - self._top)
        if texts:
            axes.set_yticks(ticks, labels=texts)
            axes.hlines(ticks[1:], *axes.get_xlim(), color=palette.GRID, linewidth=points(2), zorder=0.4)
        axes.hlines(
            ticks[:1], *axes.get_xlim(), color=palette.BASELINE, linewidth=points(3), zorder=3, clip_on=False
        )
        labels = time_labels(chart.starts_ms, chart.end_ms, ZoneInfo(chart.timezone))
        axes.set_xticks([label.at_ms for label in labels], labels=[label.text for label in labels])
        axes.tick_params(axis="x", pad=points(20))
        axes.tick_params(axis="y", pad=points(14))
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_fontproperties(axis_font())
            label.set_color(palette.MUTED)
            label.set_parse_math(False)
        self._keep_labels_on_the_card(axes)
        return axes

    def _keep_labels_on_the_card(self, axes: Axes) -> None:
        """Let a label that would stick out over the card's edge begin or end at its moment."""
        for at_ms, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
            half = self._sheet.text_width(label.get_text()) / 2
            beside_left = self._left + (at_ms - self._edges[0]) / self._ms_per_pixel - half
            if beside_left < _EDGE:
                label.set_horizontalalignment("left")
            elif beside_left + 2 * half > WIDTH - _EDGE:
                label.set_horizontalalignment("right")

    def _draw_gaps(self) -> None:
        bottom, top = self._axes.get_ylim()
        least_ms = _GAP_WIDTH_LEAST * self._ms_per_pixel
        for from_ms, to_ms in self._gaps:
            widen_ms = max(0.0, least_ms - (to_ms - from_ms)) / 2
            left = max(self._edges[0], from_ms - widen_ms)
            right = min(self._edges[-1], to_ms + widen_ms)
            # A moment's gap is no more than a tick: a band would promise that bars are missing.
            if to_ms - from_ms >= _BAND_SHARE_LEAST * (self._edges[-1] - self._edges[0]):
                band = Rectangle(
                    (left, bottom), right - left, top - bottom, zorder=0.6, gid="gap", **hatched()
                )
                self._axes.add_patch(band)
            # Below the line it is seen even where bars stand before the band.
            strip = Rectangle(
                (left, bottom - 11 * self._value_per_pixel),
                right - left,
                7 * self._value_per_pixel,
                facecolor=palette.GAP,
                linewidth=0,
                clip_on=False,
                zorder=3,
                gid="gap-strip",
            )
            self._axes.add_patch(strip)

    def _draw_values(self) -> None:
        series = self._chart.series
        colours = [_colour(one, place) for place, one in enumerate(series)]
        by_shape = {
            shape: [
                (one.values, colour)
                for one, colour in zip(series, colours, strict=True)
                if one.shape is shape
            ]
            for shape in Shape
        }
        self._draw_areas(by_shape[Shape.STACKED_AREA])
        self._draw_bars([[bar] for bar in by_shape[Shape.BARS]])
        self._draw_bars([by_shape[Shape.STACKED_BARS]])
        is_alone = len(series) == 1 and self._chart.from_zero
        for values, colour in by_shape[Shape.LINE]:
            self._draw_line(values, colour, filled=is_alone)
        if self._chart.before:
            self._draw_before()

    def _draw_bars(self, columns: Sequence[Sequence[tuple[Values, str]]]) -> None:
        """Draw columns side by side in every bucket, each of values that stand on each other."""
        for place, column in enumerate(columns):
            for bucket, (start_ms, stop_ms) in enumerate(pairwise(self._edges)):
                length = stop_ms - start_ms
                width = length * _BAR_SHARE / len(columns)
                left = start_ms + length * (1 - _BAR_SHARE) / 2 + place * width
                # Neighbours in a bucket do not touch.
                width *= 0.92 if len(columns) > 1 else 1
                parts = [(values[bucket] or 0.0, colour) for values, colour in column]
                self._draw_column(
                    left, left + width, [(value, colour) for value, colour in parts if value > 0]
                )

    def _draw_column(self, left: float, right: float, parts: Sequence[tuple[float, str]]) -> None:
        bottom = self._ticks[0]
        for place, (value, colour) in enumerate(parts):
            is_top = place == len(parts) - 1
            top = bottom + value
            if len(parts) == 1:
                top = max(top, bottom + _BAR_HEIGHT_LEAST * self._value_per_pixel)
            path = self._rounded(left, bottom, right, top) if is_top else _rectangle(left, bottom, right, top)
            self._axes.add_patch(PathPatch(path, facecolor=colour, linewidth=0, zorder=2, gid="bar"))
            bottom = top

    def _rounded(self, left: float, bottom: float, right: float, top: float) -> Path:
        """Return a bar whose upper corners are round on the picture, whatever the scales are."""
        radius = min(
            _RADIUS, 0.35 * (right - left) / self._ms_per_pixel, (top - bottom) / self._value_per_pixel
        )
        across, down = radius * self._ms_per_pixel, radius * self._value_per_pixel
        corners = [
            (left, bottom),
            (left, top - down),
            (left, top),
            (left + across, top),
            (right - across, top),
            (right, top),
            (right, top - down),
            (right, bottom),
            (left, bottom),
        ]
        codes = [
            Path.MOVETO,
            Path.LINETO,
            Path.CURVE3,
            Path.CURVE3,
            Path.LINETO,
            Path.CURVE3,
            Path.CURVE3,
            Path.LINETO,
            Path.CLOSEPOLY,
        ]
        return Path(corners, codes)

    def _draw_areas(self, layers: Sequence[tuple[Values, str]]) -> None:
        buckets = range(len(self._chart.starts_ms))
        known = [any(values[bucket] is not None for values, _colour_of in layers) for bucket in buckets]
        floor = [0.0] * len(known)
        for values, colour in layers:
            ceiling = [below + (value or 0.0) for below, value in zip(floor, values, strict=True)]
            for run in _runs(known):
                moments = self._moments(run)
                self._axes.fill_between(
                    moments,
                    _stretched(floor, run),
                    _stretched(ceiling, run),
                    facecolor=colour,
                    linewidth=0,
                    zorder=1,
                    gid="area",
                )
            floor = ceiling

    def _draw_line(self, values: Values, colour: str, *, filled: bool) -> None:
        for run in _runs([value is not None for value in values]):
            moments, heights = self._moments(run), _stretched([value or 0.0 for value in values], run)
            self._axes.plot(
                moments,
                heights,
                color=colour,
                linewidth=points(_LINE_WIDTH),
                solid_joinstyle="round",
                solid_capstyle="butt",
                zorder=4,
                gid="line",
            )
            if filled:
                self._axes.fill_between(
                    moments, self._ticks[0], heights, color=colour, alpha=0.18, linewidth=0, zorder=1
                )

    def _draw_before(self) -> None:
        values = self._chart.before
        for run in _runs([value is not None for value in values]):
            self._axes.plot(
                self._moments(run),
                _stretched([value or 0.0 for value in values], run),
                color=palette.BEFORE,
                linewidth=points(3.5),
                linestyle=(0, (2.4, 1.6)),
                alpha=0.75,
                zorder=3.5,
                gid="before",
            )

    def _moments(self, run: range) -> list[float]:
        """Return the middles of these buckets, and the edges of the first and the last."""
        middles = [(self._edges[bucket] + self._edges[bucket + 1]) / 2 for bucket in run]
        return [float(self._edges[run.start]), *middles, float(self._edges[run.stop])]

    def _draw_emptiness(self) -> None:
        text = self._sheet.write(
            _("Nothing recorded"),
            WIDTH / 2,
            (self._top + _BOTTOM) / 2 + 14,
            size=TITLE_SIZE,
            bold=True,
            align="center",
        )
        # A range without data may lie behind it.
        text.set_bbox({"boxstyle": "round,pad=0.5", "facecolor": palette.CARD, "linewidth": 0})

    def _draw_small_print(self) -> None:
        chart = self._chart
        draw_legend(self._sheet, self._legend, _LEGEND_BASELINE)
        half = (WIDTH - 2.5 * MARGIN) / 2
        self._sheet.write_small(
            drawable_text(chart.unit, covers), _FOOT_BASELINE, align="left", width_most=half
        )
        self._sheet.write_small(
            chart.timezone.replace("_", " "), _FOOT_BASELINE, align="right", width_most=half
        )


def _legend_entries(chart: TimeChart) -> Iterator[LegendEntry]:
    if not chart.is_empty:
        yield from _series_entries(chart)
    if any(_visible(chart)):
        yield LegendEntry(Mark.HATCH, palette.GAP, _("no data"))


def _series_entries(chart: TimeChart) -> Iterator[LegendEntry]:
    if len(chart.series) == 1 and not chart.before:
        # The title has named it.
        return
    for place, series in enumerate(chart.series):
        mark = Mark.LINE if series.shape is Shape.LINE else Mark.FILL
        yield LegendEntry(
            mark,
            _colour(series, place),
            drawable_name(series.name, _("Series {number}", number=place + 1), covers),
        )
    if chart.before:
        yield LegendEntry(Mark.DASHES, palette.BEFORE, _("period before"))


def _colour(series: Series, place: int) -> str:
    return palette.TONES[series.tone or TONES_BY_POSITION[place]]


def _value_range(chart: TimeChart) -> tuple[float, float]:
    """Return the lowest and the highest value that is drawn; what is stacked counts as its sum."""
    stacked = [one.values for one in chart.series if one.shape in {Shape.STACKED_AREA, Shape.STACKED_BARS}]
    single = [one.values for one in chart.series if one.shape in {Shape.BARS, Shape.LINE}]
    sums = [sum(value or 0.0 for value in column) for column in zip(*stacked, strict=True)]
    drawn = [value for values in (*single, sums, chart.before) for value in values if value is not None]
    return min(drawn, default=0.0), max(drawn, default=0.0)


def _visible(chart: TimeChart) -> Iterator[tuple[int, int]]:
    for from_ms, to_ms in chart.gaps:
        left, right = max(from_ms, chart.starts_ms[0]), min(to_ms, chart.end_ms)
        if left < right:
            yield left, right


def _runs(known: Sequence[bool]) -> Iterator[range]:
    """Yield the stretches of neighbouring buckets that have a value."""
    start = None
    for bucket, is_known in enumerate((*known, False)):
        if is_known and start is None:
            start = bucket
        elif not is_known and start is not None:
            yield range(start, bucket)
            start = None


def _stretched(values: Sequence[float], run: range) -> list[float]:
    """Return the values of the run, the first and the last twice: they hold to the edges of their buckets."""
    inner = [values[bucket] for bucket in run]
    return [inner[0], *inner, inner[-1]]


def _rectangle(left: float, bottom: float, right: float, top: float) -> Path:
    return Path([(left, bottom), (left, top), (right, top), (right, bottom), (left, bottom)], closed=True)
