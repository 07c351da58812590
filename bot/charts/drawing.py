"""A chart as PNG bytes; importing this takes half a second, which is why only the drawing process does."""

from io import BytesIO
from typing import Any, Final

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from bot.charts.ranking_figure import ranking_figure
from bot.charts.specs import ChartSpec, RankingChart, TimeChart
from bot.charts.time_figure import time_figure
from bot.charts.tree_figure import tree_figure
from bot.text.language import speaking

_COLOURS: Final = 256


def draw_chart(spec: ChartSpec) -> bytes:
    """Return the picture of the chart; the same spec gives the same bytes, whatever matplotlib is set to."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        return _png(make_figure(spec))


def make_figure(spec: ChartSpec) -> Figure:
    """Return the chart as a figure that can be looked into."""
    with speaking(spec.language):
        if isinstance(spec, TimeChart):
            return time_figure(spec)
        return ranking_figure(spec) if isinstance(spec, RankingChart) else tree_figure(spec)


def _png(figure: Figure) -> bytes:
    # The library has no types for its canvas.
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba())
    png = BytesIO()
    # A palette makes the picture a third as large, and nobody sees the difference.
    drawn.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        png, "png", optimize=True
    )
    return png.getvalue()
