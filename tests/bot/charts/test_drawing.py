"""The pictures themselves: PNG, of one size, small, and the same for the same chart."""

import random
import struct
from dataclasses import replace

import matplotlib
import pytest

from bot.charts.drawing import draw_chart
from bot.charts.sheet import HEIGHT, WIDTH
from bot.charts.specs import ChartSpec, RankingChart, Series, Shape, TimeChart
from tests.bot.charts.examples import AMSTERDAM, DAY_MS, ODD_NAMES, hourly, layers, local_days, ranking

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def busy_month() -> TimeChart:
    starts_ms, end_ms = local_days(2026, 10, 22, 30, AMSTERDAM)
    chance = random.Random(7)
    values = tuple(chance.uniform(0, 5000) for _ in starts_ms)
    return TimeChart(
        title="Messages sent",
        subtitle="Last 30 days · 73.1k messages · +12%",
        unit="messages per day",
        starts_ms=starts_ms,
        end_ms=end_ms,
        timezone=AMSTERDAM,
        series=(Series(name="messages", values=values),),
        before=values[::-1],
        gaps=tuple((start_ms, start_ms + DAY_MS // 2) for start_ms in starts_ms[::7]),
    )


CHARTS: dict[str, ChartSpec] = {
    "bars": busy_month(),
    "line": hourly(5, None, 7, shape=Shape.LINE),
    "areas": layers((5, None, 7), (1, None, 2), shape=Shape.STACKED_AREA),
    "stacked bars": layers((5, None, 7), (1, 2, None), shape=Shape.STACKED_BARS),
    "no value": hourly(None, None),
    "odd texts": replace(hourly(5), title=" ".join(ODD_NAMES), subtitle=ODD_NAMES[2], unit=ODD_NAMES[5]),
    "ranking": ranking(*ODD_NAMES),
    "empty ranking": RankingChart(title="Most messages", rows=()),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_a_small_png_of_one_size(name: str) -> None:
    png = draw_chart(CHARTS[name])
    assert png.startswith(PNG_SIGNATURE)
    assert struct.unpack(">II", png[16:24]) == (WIDTH, HEIGHT)
    assert len(png) < 80_000


@pytest.mark.parametrize("name", ["bars", "ranking"])
def test_the_same_spec_gives_the_same_bytes(name: str) -> None:
    assert draw_chart(CHARTS[name]) == draw_chart(replace(CHARTS[name]))


def test_another_spec_gives_another_picture() -> None:
    assert draw_chart(hourly(5, 7)) != draw_chart(hourly(5, 8))


def test_the_settings_of_matplotlib_change_nothing_and_stay_as_they_are() -> None:
    plain = draw_chart(hourly(5, 7))
    with matplotlib.rc_context({"text.antialiased": False, "font.size": 40}):
        assert draw_chart(hourly(5, 7)) == plain
        assert matplotlib.rcParams["font.size"] == 40
