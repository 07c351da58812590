"""Discord takes the commands in every language: one name that breaks its rules, and it refuses all commands."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.text.command_names import CommandTranslator
from tests.texts.collecting import Text
from tests.texts.commands import LANGUAGE_CODES, children_of, name_in, size_of, walk
from tests.texts.other_words import languages_where

NAME = re.compile(r"[-\w]{1,32}")
LENGTH_MOST = 100
SIZE_MOST = 8000
"""Discord documentation, Application Commands."""

CODES = (None, *LANGUAGE_CODES.values())


@pytest.fixture(params=CODES)
def code(request: pytest.FixtureRequest) -> str | None:
    """A language as Discord calls it; None is English."""
    chosen: str | None = request.param
    return chosen


def test_names_are_in_lower_case_without_spaces(published: list[dict[str, Any]], code: str | None) -> None:
    for command in published:
        for part in walk(command):
            # A choice is named by any words.
            if "type" in part:
                name = name_in(part, code)
                assert NAME.fullmatch(name), name
                assert name == name.lower()


def test_names_side_by_side_differ(published: list[dict[str, Any]], code: str | None) -> None:
    families = [published, *(children_of(part) for command in published for part in walk(command))]
    for family in families:
        names = [name_in(part, code) for part in family]
        assert len({*names}) == len(names), names


def test_descriptions_and_choices_fit(published: list[dict[str, Any]]) -> None:
    for command in published:
        for part in walk(command):
            texts = [part["name"], *(part.get("name_localizations") or {}).values()]
            texts += [part.get("description", ""), *(part.get("description_localizations") or {}).values()]
            assert all(len(text) <= LENGTH_MOST for text in texts), texts
        assert sum(map(size_of, walk(command))) <= SIZE_MOST, command["name"]


@pytest.fixture
def one_translation(tmp_path: Path) -> Iterator[None]:
    """Languages that have one name and one description."""
    texts = [Text("top", "a.py", context="command name"), Text("Who writes most", "a.py")]
    words = {"top": "beste", "Who writes most": "Wie het meest schrijft"}
    with languages_where(tmp_path, texts, words.__getitem__):
        yield


@pytest.mark.usefixtures("one_translation")
async def test_a_command_is_told_to_discord_in_the_languages_that_have_it() -> None:
    @app_commands.command(name="top", description="Who writes most")
    async def command(_interaction: discord.Interaction) -> None:
        """Do nothing."""

    client = discord.Client(intents=discord.Intents.none())
    payload = await command.get_translated_payload(app_commands.CommandTree(client), CommandTranslator())
    assert payload["name"] == "top"
    assert payload["name_localizations"] == {"nl": "beste", "de": "beste"}
    assert payload["description_localizations"]["nl"] == "Wie het meest schrijft"


@pytest.mark.usefixtures("one_translation")
async def test_what_is_not_translated_stays_english_at_discord() -> None:
    @app_commands.command(name="list", description="Anything")
    async def command(_interaction: discord.Interaction, top: str) -> None:
        """Do nothing."""

    client = discord.Client(intents=discord.Intents.none())
    payload = await command.get_translated_payload(app_commands.CommandTree(client), CommandTranslator())
    assert payload["name_localizations"] == {}
    assert payload["description_localizations"] == {}
    # The name of an option is another word than that of a command.
    assert not payload["options"][0].get("name_localizations")
