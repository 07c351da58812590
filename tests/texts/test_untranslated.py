"""Nothing that a person sees is in English where they do not speak it.

In a language in which every text of the catalogue stands in brackets, what stands outside of brackets is a value (a
number, a name, a date) or was forgotten.
"""

import re
from collections.abc import AsyncIterator, Collection, Iterator
from pathlib import Path

import pytest

from bot.charts.specs import ChartSpec, TimeChart, TreeChart
from bot.charts.studio import ChartError, ChartStudio
from bot.text.language import Language
from tests.discord_in_process import in_process
from tests.texts.busy_server import enable_modules, live_a_day, record_everything, speak_here
from tests.texts.collecting import Text
from tests.texts.exploring import Explorer, Heard
from tests.texts.other_words import languages_where

OPENING, CLOSING = "⟦⟧"
ACTION = re.compile(r"\b[bcrs]:([a-z_.]+):")
WORD = re.compile(r"[^\W\d_][^\W\d]+")
VALUES = re.compile(
    r"`[^`]*`"  # code, such as a command
    r"|\S+[/.]\S+"  # addresses, timezones
    r"|<[^<> ]+>"  # mentions, variables
    r"|\w{8}(?= · (\w+ · )?#)"  # codes of invites, some with a label
    r"|\b(UTC|Harbour|Headcount|ada|max|mia|guest\d|general|welcome|Admins|Managers|Crew|lounge|deck|starboard|ab)\b"
    r"|\b(English|Nederlands|Deutsch)\b"
    r"|\b(ma|di|wo|do|vr|za|zo)\b(?= \d)"  # days of the week
)


def outside_brackets(text: str) -> str:
    """Return what is in no brackets."""
    depth, kept = 0, []
    for character in text:
        depth += (character == OPENING) - (character == CLOSING)
        if depth == 0 and character != CLOSING:
            kept.append(character)
    return "".join(kept)


def is_untranslated(text: str, names: Collection[str]) -> bool:
    # A backslash takes the meaning from a character of a name.
    words = WORD.findall(VALUES.sub("", outside_brackets(text).replace("\\", "")))
    return any(word not in names for word in words)


@pytest.fixture
def brackets(texts: tuple[Text, ...], tmp_path: Path) -> Iterator[None]:
    """Every language says everything in brackets; names of commands stay, as Discord has rules for them."""
    spoken = [text for text in texts if not (text.context or "").endswith(" name")]
    with languages_where(tmp_path, spoken, lambda english: f"{OPENING}{english}{CLOSING}"):
        yield


@pytest.fixture
def charts(monkeypatch: pytest.MonkeyPatch) -> list[ChartSpec]:
    """The charts that would have been drawn."""
    wanted: list[ChartSpec] = []

    async def refuse(_studio: ChartStudio, spec: ChartSpec) -> bytes:
        wanted.append(spec)
        raise ChartError("")

    monkeypatch.setattr(ChartStudio, "draw", refuse)
    return wanted


@pytest.fixture
async def explorer(brackets: None, tmp_path: Path) -> AsyncIterator[Explorer]:
    """An admin of a server where nobody speaks English."""
    async with in_process(tmp_path) as place:
        await speak_here(place, Language.DUTCH)
        yield Explorer(place, place.admin)


def forgotten(heard: list[Heard], texts: tuple[Text, ...]) -> list[Heard]:
    names = {text.message for text in texts if (text.context or "").endswith(" name")}
    return [each for each in heard if is_untranslated(each.text, names)]


async def test_where_nothing_is_enabled_every_answer_is_translated(
    explorer: Explorer, texts: tuple[Text, ...]
) -> None:
    await explorer.use_all_commands()
    assert len({each.text for each in explorer.heard}) > 100
    assert forgotten(explorer.heard, texts) == []


async def test_every_answer_screen_and_form_of_a_busy_server_is_translated(
    explorer: Explorer, texts: tuple[Text, ...], charts: list[ChartSpec]
) -> None:
    await enable_modules(explorer.place)
    await explorer.use_all_commands()
    await record_everything(explorer.place)
    await live_a_day(explorer.place)
    explorer.forget_what_was_pressed()
    await explorer.use_all_commands()
    await explorer.press_all_settings()
    pressed = {name for each in explorer.heard for name in ACTION.findall(each.after)}
    assert pressed >= {"settings.switch", "settings.number", "settings.pick", "settings.choose", "board.new"}
    assert any(each.after.endswith("board_new → sent") for each in explorer.heard)
    await explorer.answer_all_questions()
    explorer.read_channels()
    assert len({each.text for each in explorer.heard}) > 300
    assert forgotten(explorer.heard, texts) == []
    for chart in charts:
        names = [one.name for one in chart.series] if isinstance(chart, TimeChart) else []
        unit = "" if isinstance(chart, TreeChart) else chart.unit
        for text in (chart.title, chart.subtitle, unit, *names):
            assert not is_untranslated(text, ()), chart
    assert {chart.language for chart in charts} == {Language.DUTCH}


async def test_refusals_are_translated(explorer: Explorer, texts: tuple[Text, ...]) -> None:
    await enable_modules(explorer.place)
    explorer.place.set_language(explorer.place.member, "nl")
    stranger = Explorer(explorer.place, explorer.place.member)
    await stranger.use_all_commands()
    assert len({each.text for each in stranger.heard}) > 10
    assert forgotten(stranger.heard, texts) == []


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("⟦Hello ⟦you⟧⟧ 12.940 <@1> `/settings`", False),
        ("⟦Hello⟧ Harbour · Europe/Amsterdam · za 21-11-2026", False),
        ("⟦Hello⟧ again", True),
        ("Hello", True),
    ],
)
def test_what_stands_outside_of_brackets_is_found(text: str, is_so: bool) -> None:
    assert is_untranslated(text, ()) is is_so
