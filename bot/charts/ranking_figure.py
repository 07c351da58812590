"""Rankings: names that people chose, each with a bar and its value."""

from typing import Final

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from bot.charts import palette
from bot.charts.names import drawable_name
from bot.charts.sheet import HEIGHT, MARGIN, TEXT_SIZE, TITLE_SIZE, WIDTH, Sheet, covers
from bot.charts.specs import RankingChart, Tone
from bot.charts.wording import format_value
from bot.text.language import _

_TOP: Final = 168
_BOTTOM: Final = HEIGHT - 36
_ROW_HEIGHT_MOST: Final = 92
_NAME_WIDTH_MOST: Final = 400
_BETWEEN: Final = 22
_BAR_HEIGHT_MOST: Final = 44
_BAR_WIDTH_LEAST: Final = 10


def ranking_figure(chart: RankingChart) -> Figure:
    """Return the drawn ranking; the bars carry the `gid` `bar`, and names without drawable letters are `#3`."""
    sheet = Sheet()
    sheet.write_header(chart.title, chart.subtitle, remark=chart.unit if chart.rows else "")
    if not chart.rows:
        sheet.write(
            _("Nothing recorded"), WIDTH / 2, HEIGHT / 2 + 40, size=TITLE_SIZE, bold=True, align="center"
        )
        return sheet.figure
    names = [drawable_name(row.name, f"#{place}", covers) for place, row in enumerate(chart.rows, start=1)]
    values = [format_value(row.value, chart.quantity) for row in chart.rows]
    name_width = min(_NAME_WIDTH_MOST, max(map(sheet.text_width, names)))
    value_width = max(sheet.text_width(value, bold=True) for value in values)
    left = MARGIN + name_width + _BETWEEN
    room = WIDTH - MARGIN - left - _BETWEEN - value_width
    highest = max(row.value for row in chart.rows) or 1.0
    height = min(_ROW_HEIGHT_MOST, (_BOTTOM - _TOP) / len(chart.rows))
    for place, (row, name, value) in enumerate(zip(chart.rows, names, values, strict=True)):
        middle = _TOP + height * (place + 0.5)
        baseline = middle + TEXT_SIZE * 0.36
        sheet.write(name, MARGIN, baseline, width_most=name_width)
        width = max(_BAR_WIDTH_LEAST, room * row.value / highest)
        _draw_bar(sheet, left, middle, width, min(height * 0.6, _BAR_HEIGHT_MOST))
        sheet.write(value, left + width + _BETWEEN * 0.7, baseline, bold=True)
    return sheet.figure


def _draw_bar(sheet: Sheet, left: float, middle: float, width: float, height: float) -> None:
    sheet.figure.add_artist(
        FancyBboxPatch(
            (left / WIDTH, 1 - (middle + height / 2) / HEIGHT),
            width / WIDTH,
            height / HEIGHT,
            boxstyle=f"round,pad=0,rounding_size={min(8, width / 2) / WIDTH}",
            mutation_aspect=WIDTH / HEIGHT,
            facecolor=palette.TONES[Tone.ACCENT],
            linewidth=0,
            transform=sheet.figure.transFigure,
            gid="bar",
        )
    )
