"""The line above a chart that says what its colours and lines mean."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Rectangle

from bot.charts import palette
from bot.charts.sheet import HEIGHT, MARGIN, SMALL_SIZE, WIDTH, Sheet, points

_SWATCH: Final = 24
_AFTER_SWATCH: Final = 12
_BETWEEN: Final = 34


class Mark(StrEnum):
    """What stands before the name."""

    FILL = "fill"
    LINE = "line"
    DASHES = "dashes"
    HATCH = "hatch"


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A name and the mark that stands for it."""

    mark: Mark
    colour: str
    text: str


def draw_legend(sheet: Sheet, entries: tuple[LegendEntry, ...], baseline: float) -> None:
    """Draw the entries in a row; names share the width, and long ones are cut."""
    fixed = (_SWATCH + _AFTER_SWATCH + _BETWEEN) * len(entries) - _BETWEEN
    widest = _fair_width(
        tuple(sheet.text_width(entry.text, size=SMALL_SIZE) for entry in entries), WIDTH - 2 * MARGIN - fixed
    )
    x = float(MARGIN)
    for entry in entries:
        _draw_mark(sheet, entry, x, baseline)
        x += _SWATCH + _AFTER_SWATCH
        text = sheet.write(
            entry.text, x, baseline, size=SMALL_SIZE, colour=palette.MUTED, width_most=widest
        ).get_text()
        x += sheet.text_width(text, size=SMALL_SIZE) + _BETWEEN


def _fair_width(widths: tuple[float, ...], room: float) -> float:
    """Return the largest width such that all fit when the wider ones are cut to it."""
    rest, count = room, len(widths)
    for width in sorted(widths):
        if width * count > rest:
            return rest / count
        rest -= width
        count -= 1
    return max(widths, default=0.0)


def _draw_mark(sheet: Sheet, entry: LegendEntry, x: float, baseline: float) -> None:
    figure = sheet.figure
    bottom = 1 - (baseline + 2) / HEIGHT
    if entry.mark in {Mark.LINE, Mark.DASHES}:
        middle = 1 - (baseline - 9) / HEIGHT
        figure.add_artist(
            Line2D(
                [x / WIDTH, (x + _SWATCH) / WIDTH],
                [middle, middle],
                color=entry.colour,
                linewidth=points(5 if entry.mark is Mark.LINE else 4),
                linestyle="-" if entry.mark is Mark.LINE else (0, (2, 1.2)),
                solid_capstyle="round",
            )
        )
    elif entry.mark is Mark.HATCH:
        figure.add_artist(
            Rectangle(
                (x / WIDTH, bottom),
                _SWATCH / WIDTH,
                _SWATCH / HEIGHT,
                transform=figure.transFigure,
                **hatched(),
            )
        )
    else:
        figure.add_artist(
            FancyBboxPatch(
                (x / WIDTH, bottom),
                _SWATCH / WIDTH,
                _SWATCH / HEIGHT,
                boxstyle=f"round,pad=0,rounding_size={7 / WIDTH}",
                mutation_aspect=WIDTH / HEIGHT,
                facecolor=entry.colour,
                linewidth=0,
                transform=figure.transFigure,
            )
        )


def hatched() -> dict[str, Any]:
    """Return the look of a range without data."""
    return {
        "facecolor": (*_rgb(palette.GAP), 0.14),
        "edgecolor": (*_rgb(palette.GAP), 0.55),
        "hatch": "//",
        "linewidth": 0,
        "hatch_linewidth": points(2.5),
    }


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue
