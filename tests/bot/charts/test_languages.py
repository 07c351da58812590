"""A chart speaks the language in which it was asked for, wherever and whenever it is drawn."""

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from bot.charts.drawing import draw_chart, make_figure
from bot.charts.sheet import covers
from bot.charts.specs import RankingChart, Series, TimeChart
from bot.text.language import Language, speaking
from tests.bot.charts.examples import AMSTERDAM, hourly, local_days
from tests.bot.charts.test_time_figure import tick_texts
from tests.texts.catalogues import TRANSLATED, catalogue_path, messages_of, read_catalogue, strings_of
from tests.texts.collecting import Text
from tests.texts.other_words import languages_where


def days_of_september() -> TimeChart:
    starts_ms, end_ms = local_days(2026, 9, 1, 7, AMSTERDAM)
    values = tuple(1000.5 * place for place in range(len(starts_ms)))
    series = Series(name="x", values=values)
    return TimeChart(title="x", starts_ms=starts_ms, end_ms=end_ms, timezone=AMSTERDAM, series=(series,))


@pytest.mark.parametrize(
    ("language", "day", "value"),
    [
        (Language.ENGLISH, "1 Sep", "2,000"),
        (Language.DUTCH, "1 sep", "2.000"),
        (Language.GERMAN, "1. Sept.", "2.000"),
    ],
)
def test_axes_are_in_the_language_in_which_the_chart_was_made(
    language: Language, day: str, value: str
) -> None:
    with speaking(language):
        chart = days_of_september()
    # As in the process that draws, which knows nothing but the spec.
    days, values = tick_texts(make_figure(pickle.loads(pickle.dumps(chart))))
    assert day in days
    assert value in values


def test_the_words_on_a_chart_are_in_its_language(tmp_path: Path) -> None:
    words = {"no data": "geen gegevens", "period before": "periode ervoor", "Nothing recorded": "Niets"}
    with languages_where(tmp_path, [Text(word, "a.py") for word in words], words.__getitem__):
        with speaking(Language.DUTCH):
            gap = hourly(5, 7, 6)
            chart = replace(gap, before=(1, 2, 3), gaps=((gap.starts_ms[0], gap.starts_ms[1]),))
            empty = RankingChart(title="x", rows=())
        shown = [text.get_text() for one in (chart, empty) for text in make_figure(one).texts]
    assert {*words.values()} <= {*shown}


def test_charts_of_two_languages_are_two_pictures() -> None:
    chart = days_of_september()
    assert draw_chart(chart) != draw_chart(replace(chart, language=Language.DUTCH))


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_font_has_every_letter_of_the_words_on_charts(language: Language) -> None:
    folders = ("bot/charts/", "cogs/serverstats/", "storage/")
    for message in messages_of(read_catalogue(catalogue_path(language), language)):
        if any(path.startswith(folders) for path, _line in message.locations):
            letters = {letter for form in strings_of(message) for letter in form if letter.isalnum()}
            assert not [letter for letter in letters if not covers(letter)], message.id
