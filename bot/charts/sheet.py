"""The card that every chart is drawn on: its size, its fonts, its title and its small print.

All lengths are pixels of the picture, counted from its upper left corner. A phone shows it at about a third of
its size, which is why the letters are large.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text

from bot.charts import palette
from bot.charts.names import drawable_text

WIDTH: Final = 1200
HEIGHT: Final = 675
MARGIN: Final = 52
TITLE_SIZE: Final = 42
TEXT_SIZE: Final = 30
SMALL_SIZE: Final = 26

_DPI: Final = 100
_RADIUS: Final = 30
_TITLE_BASELINE: Final = 84
_SUBTITLE_BASELINE: Final = 130


@cache
def font_path(*, bold: bool = False) -> Path:
    """Return the file of the font that matplotlib brings along: the same letters on every machine."""
    return Path(matplotlib.get_data_path(), "fonts", "ttf", f"DejaVuSans{'-Bold' if bold else ''}.ttf")


@cache
def _covered_codes(*, bold: bool) -> frozenset[int]:
    return frozenset(get_font(str(font_path(bold=bold))).get_charmap())


def covers(char: str) -> bool:
    """Whether the letters of the charts, in both weights, include this character."""
    return ord(char) in _covered_codes(bold=False) and ord(char) in _covered_codes(bold=True)


@dataclass(frozen=True, slots=True)
class Sheet:
    """An empty card, with the means to write on it and to lay axes on it."""

    height: float = HEIGHT
    figure: Figure = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "figure", Figure((WIDTH / _DPI, self.height / _DPI), dpi=_DPI))
        FigureCanvasAgg(self.figure)
        self.figure.patch.set_alpha(0)
        self.figure.add_artist(
            FancyBboxPatch(
                (2 / WIDTH, 2 / self.height),
                1 - 4 / WIDTH,
                1 - 4 / self.height,
                boxstyle=f"round,pad=0,rounding_size={_RADIUS / WIDTH}",
                mutation_aspect=WIDTH / self.height,
                facecolor=palette.CARD,
                edgecolor=palette.BORDER,
                linewidth=points(3),
                transform=self.figure.transFigure,
                zorder=-10,
            )
        )

    def write(
        self,
        text: str,
        x: float,
        baseline: float,
        *,
        size: float = TEXT_SIZE,
        bold: bool = False,
        colour: str = palette.TEXT,
        align: str = "left",
        width_most: float | None = None,
    ) -> Text:
        """Write drawable text on one line, cut with an ellipsis at this width."""
        font = FontProperties(fname=str(font_path(bold=bold)), size=points(size))
        if width_most is not None:
            text = self._cut(text, font, width_most)
        return self.figure.text(
            x / WIDTH,
            1 - baseline / self.height,
            text,
            fontproperties=font,
            color=colour,
            horizontalalignment=align,
            verticalalignment="baseline",
            parse_math=False,
        )

    def write_header(self, title: str, subtitle: str, *, remark: str = "") -> None:
        """Write the title and the line below it, of what can be drawn, with a remark in small print at its end."""
        width = float(WIDTH - 2 * MARGIN)
        title = drawable_text(title, covers)
        self.write(title, MARGIN, _TITLE_BASELINE, size=TITLE_SIZE, bold=True, width_most=width)
        if remark := drawable_text(remark, covers):
            self.write_small(remark, _SUBTITLE_BASELINE, align="right", width_most=width / 3)
            width -= min(width / 3, self.text_width(remark, size=SMALL_SIZE)) + MARGIN / 2
        if subtitle := drawable_text(subtitle, covers):
            self.write(subtitle, MARGIN, _SUBTITLE_BASELINE, colour=palette.MUTED, width_most=width)

    def write_small(self, text: str, baseline: float, *, align: str, width_most: float) -> None:
        """Write small print at the left or the right margin."""
        x = MARGIN if align == "left" else WIDTH - MARGIN
        self.write(
            text, x, baseline, size=SMALL_SIZE, colour=palette.MUTED, align=align, width_most=width_most
        )

    def add_axes(self, left: float, top: float, right: float, bottom: float) -> Axes:
        """Lay axes without frame and ticks on this part of the card."""
        axes = self.figure.add_axes(
            (left / WIDTH, 1 - bottom / self.height, (right - left) / WIDTH, (bottom - top) / self.height)
        )
        axes.patch.set_alpha(0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(length=0)
        axes.set_xticks([])
        axes.set_yticks([])
        return axes

    def text_width(self, text: str, *, size: float = TEXT_SIZE, bold: bool = False) -> float:
        """Return how wide the text will be."""
        return self._width(text, FontProperties(fname=str(font_path(bold=bold)), size=points(size)))

    def cut(self, text: str, width_most: float, *, size: float = TEXT_SIZE, bold: bool = False) -> str:
        """Return the text, cut with an ellipsis at this width."""
        font = FontProperties(fname=str(font_path(bold=bold)), size=points(size))
        return self._cut(text, font, width_most)

    def _cut(self, text: str, font: FontProperties, width_most: float) -> str:
        if self._width(text, font) <= width_most:
            return text
        fits, too_long = 0, len(text)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if self._width(f"{text[:middle].rstrip()}…", font) <= width_most:
                fits = middle
            else:
                too_long = middle
        return f"{text[:fits].rstrip()}…"

    def _width(self, text: str, font: FontProperties) -> float:
        # The library has no types for its canvas.
        canvas: Any = self.figure.canvas
        width, _, _ = canvas.get_renderer().get_text_width_height_descent(text, font, ismath=False)
        return float(width)


def points(pixels: float) -> float:
    """Return the typographic points that are so many pixels of the picture."""
    return pixels * 72 / _DPI


def axis_font(size: float = TEXT_SIZE) -> FontProperties:
    """Return the font of the labels of an axis."""
    return FontProperties(fname=str(font_path()), size=points(size))
