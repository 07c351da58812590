"""The settings that hold everywhere in a server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import ConflictError, UnprocessableEntityError
from bot.settings.guild_settings import GuildSettings
from bot.text.language import Language
from tests.discord_in_process import Place, in_process


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A server in which nothing was chosen."""
    async with in_process(tmp_path) as place:
        yield place


async def test_settings_outlive_a_restart(place: Place) -> None:
    chosen = GuildSettings(timezone="Asia/Tokyo", language="de", log_channel_id=place.channel.id)
    await place.client.parts.guild_settings.save(place.guild.id, chosen, 0)

    await place.restart()

    assert place.client.parts.guild_settings.settings_of(place.guild.id) == chosen
    assert place.client.parts.guild_settings.version_of(place.guild.id) == 1


async def test_a_second_save_of_the_same_version_is_refused_and_changes_nothing(place: Place) -> None:
    book = place.client.parts.guild_settings
    await book.save(place.guild.id, GuildSettings(language="de"), 0)

    with pytest.raises(ConflictError):
        await book.save(place.guild.id, GuildSettings(timezone="Asia/Tokyo"), 0)

    assert book.settings_of(place.guild.id) == GuildSettings(language="de")
    days = await place.client.parts.recorder.fetch_days(place.guild.id)
    assert days.timezone == "UTC"


async def test_a_timezone_that_does_not_exist_is_refused_and_changes_nothing(place: Place) -> None:
    book = place.client.parts.guild_settings
    with pytest.raises(UnprocessableEntityError):
        await book.save(place.guild.id, GuildSettings(timezone="Mars", language="de"), 0)
    assert book.settings_of(place.guild.id) == GuildSettings()


@pytest.mark.parametrize(
    ("chosen", "locale", "language"),
    [
        (None, "en-US", Language.ENGLISH),
        (None, "de", Language.GERMAN),
        (None, "ja", Language.ENGLISH),
        ("nl", "de", Language.DUTCH),
    ],
)
async def test_the_language_follows_discord_until_one_is_chosen(
    place: Place, chosen: str | None, locale: str, language: Language
) -> None:
    book = place.client.parts.guild_settings
    await book.save(place.guild.id, GuildSettings.model_validate({"language": chosen}), 0)

    assert book.language_of(place.guild.id, locale) is language


async def test_a_deleted_server_is_forgotten(place: Place) -> None:
    book = place.client.parts.guild_settings
    await book.save(place.guild.id, GuildSettings(language="de"), 0)
    book.forget(place.guild.id)
    assert book.settings_of(place.guild.id) == GuildSettings()


async def test_a_timezone_outlives_whatever_is_saved_while_it_is_being_stored(place: Place) -> None:
    """A timezone is stored in a transaction of its own, so another save may begin between the two."""
    book, recorder, guild_id = place.client.parts.guild_settings, place.client.parts.recorder, place.guild.id

    async def save(**changes: str) -> None:
        while True:
            settings = book.settings_of(guild_id).model_copy(update=changes)
            try:
                await book.save(guild_id, settings, book.version_of(guild_id))
            except ConflictError:
                await asyncio.sleep(0)
                continue
            return

    for turn in range(20):
        timezone, language = ("Asia/Tokyo", "de") if turn % 2 else ("Europe/Amsterdam", "nl")
        await asyncio.gather(save(timezone=timezone), save(language=language))

        assert book.settings_of(guild_id).timezone == timezone
        assert (await recorder.fetch_days(guild_id)).timezone == timezone
