"""What a ranking shows, read from the drawn figure."""

from itertools import pairwise

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from bot.charts.ranking_figure import ranking_figure
from bot.charts.sheet import HEIGHT, WIDTH
from bot.charts.specs import Quantity, RankingChart, RankingRow
from tests.bot.charts.examples import ODD_NAMES, ranking


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def bar_widths(figure: Figure) -> list[float]:
    bars = [artist for artist in figure.artists if artist.get_gid() == "bar"]
    assert all(isinstance(bar, FancyBboxPatch) for bar in bars)
    return [bar.get_width() * WIDTH for bar in bars if isinstance(bar, FancyBboxPatch)]


def test_names_without_drawable_glyphs_are_their_place() -> None:
    drawn = texts(ranking_figure(ranking(*ODD_NAMES)))
    assert drawn[1:][::2] == [
        "#1",
        "#2",
        "محمد",
        "#4",
        "#5",
        "**b** $x^2$ `code`",
        "Zalgo",
        "#8",
        "#9",
        drawn[19],
    ]
    assert drawn[19].startswith("aaaaaaaaaa")
    assert drawn[19].endswith("…")


def test_bars_are_as_long_as_their_values() -> None:
    rows = (RankingRow("a", 1000), RankingRow("b", 500), RankingRow("c", 250))
    first, second, third = bar_widths(ranking_figure(RankingChart(title="Top", rows=rows)))
    assert second == pytest.approx(first / 2)
    assert third == pytest.approx(first / 4)


def test_the_least_value_still_has_a_bar() -> None:
    rows = (RankingRow("a", 1e9), RankingRow("b", 1), RankingRow("c", 0))
    assert min(bar_widths(ranking_figure(RankingChart(title="Top", rows=rows)))) >= 8


def test_values_are_written_as_what_they_measure() -> None:
    rows = (RankingRow("a", 12_400), RankingRow("b", 1_500))
    assert {"12.4k", "1,500"} <= {*texts(ranking_figure(RankingChart(title="Top", rows=rows)))}
    durations = RankingChart(title="Top", rows=rows, quantity=Quantity.SECONDS)
    assert {"3 h 27 min", "25 min"} <= {*texts(ranking_figure(durations))}


def test_an_empty_ranking_says_so() -> None:
    assert texts(ranking_figure(RankingChart(title="Most messages", rows=())))[-1] == "Nothing recorded"


@pytest.mark.parametrize("count", [1, 5, 10])
def test_nothing_leaves_the_card_or_runs_into_the_next_row(count: int) -> None:
    rows = tuple(RankingRow("W" * 80, 359_999.0) for _ in range(count))
    chart = RankingChart(
        title="T" * 200, subtitle="s" * 200, unit="u" * 200, rows=rows, quantity=Quantity.SECONDS
    )
    figure = ranking_figure(chart)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.texts]
    for box in boxes:
        assert 8 <= box.x0 <= box.x1 <= WIDTH - 8
        assert 8 <= box.y0 <= box.y1 <= HEIGHT - 8
    names = boxes[-2 * count :: 2]
    for upper, lower in pairwise(names):
        assert lower.y1 < upper.y0
    assert bar_widths(figure)[0] > 200
