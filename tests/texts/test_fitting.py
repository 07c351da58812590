"""Discord takes every answer in every language: no label, title or option is longer than it may be."""

from pathlib import Path

import pytest

from bot.charts.specs import ChartSpec
from bot.charts.studio import ChartStudio
from bot.text.language import Language
from tests.discord_in_process import in_process
from tests.texts.busy_server import enable_modules, live_a_day, speak_here
from tests.texts.collecting import Text
from tests.texts.exploring import Explorer
from tests.texts.other_words import languages_where

REFUSAL = "Invalid Form Body"
"""What Discord says to a text that is too long; the bot tells the person."""


@pytest.fixture
def blank_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts that are asked for, and not drawn: Discord takes a picture whatever it shows."""

    async def draw(_studio: ChartStudio, _spec: ChartSpec) -> bytes:
        return b"\x89PNG"

    monkeypatch.setattr(ChartStudio, "draw", draw)


@pytest.mark.usefixtures("blank_charts")
@pytest.mark.parametrize("language", list(Language))
async def test_discord_takes_every_answer(language: Language, tmp_path: Path) -> None:
    async with in_process(tmp_path) as place:
        await speak_here(place, language)
        explorer = Explorer(place, place.admin)
        await enable_modules(place)
        await live_a_day(place)
        await explorer.use_all_commands()
        await explorer.press_all_settings()
        await explorer.answer_all_questions()
        assert [each for each in explorer.heard if REFUSAL in each.text] == []


async def test_what_is_too_long_is_refused(texts: tuple[Text, ...], tmp_path: Path) -> None:
    """Without that, the test above would prove nothing."""
    with languages_where(tmp_path, [Text("Cancel", "a.py")], lambda english: english * 20):
        async with in_process(tmp_path) as place:
            await speak_here(place, Language.GERMAN)
            await place.admin.slash(place.channel, "serverstats enable")
            explorer = Explorer(place, place.admin)
            await explorer.use_all_commands()
            assert any(REFUSAL in each.text for each in explorer.heard)
