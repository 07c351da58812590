"""Changes of settings are told to whoever reads the log channel, and to the operator."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import discord
import pytest

from bot.acting import Actor, act_for
from bot.settings.fields import SettingChange
from bot.settings.guild_settings import GuildSettings
from tests.discord_in_process import Place, in_process

CHANGE = SettingChange("Timezone", "`UTC`", "`Asia/Tokyo`")


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A server whose second channel is the log channel."""
    async with in_process(tmp_path) as place:
        settings = GuildSettings(log_channel_id=place.other_channel.id)
        await place.client.parts.guild_settings.save(place.guild.id, settings, 0)
        yield place


def told(place: Place) -> list[str]:
    """Return what stands in the log channel."""
    messages = place.world.messages.get(place.other_channel.id, {})
    return [str(embed["description"]) for message in messages.values() for embed in message.embeds]


async def test_a_program_is_told_by_its_name(place: Place) -> None:
    act_for(Actor(name="Dashboard"))
    place.client.settings_log.note(place.guild.id, "General", lambda: [CHANGE])
    await place.env.settle()

    assert told(place) == ["**Timezone:** `UTC` → `Asia/Tokyo`\n-# by Dashboard"]


async def test_what_nobody_asked_for_is_told_as_by_the_bot(place: Place) -> None:
    act_for(Actor())
    place.client.settings_log.note(place.guild.id, "General", lambda: [CHANGE])
    await place.env.settle()

    assert told(place)[0].endswith("-# by the bot itself")


async def test_nothing_is_told_when_nothing_was_changed(place: Place) -> None:
    place.client.settings_log.note(place.guild.id, "General", list)
    await place.env.settle()

    assert told(place) == []


async def test_a_log_channel_that_cannot_be_written_to_undoes_nothing(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.deny_bot(place.other_channel, send_messages=False)
    await place.env.settle()
    with caplog.at_level(logging.INFO):
        place.client.settings_log.note(place.guild.id, "General", lambda: [CHANGE])
        await place.env.settle()

    assert told(place) == []
    assert "Settings changed: General: Timezone: `UTC` -> `Asia/Tokyo`." in caplog.text
    assert "The log channel could not be written to" in caplog.text


@pytest.mark.parametrize("fault", [discord.RateLimited(60), aiohttp.ClientConnectionError(), TimeoutError()])
async def test_a_fault_on_the_way_to_discord_is_one_line_in_the_log(
    place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    async def fail(*_args: object, **_kwargs: object) -> None:
        raise fault

    monkeypatch.setattr(discord.TextChannel, "send", fail)
    place.client.settings_log.note(place.guild.id, "General", lambda: [CHANGE])
    await place.client.settings_log.close()

    assert "The log channel could not be written to" in caplog.text


async def test_what_is_under_way_reaches_discord_before_the_bot_stops(place: Place) -> None:
    place.client.settings_log.note(place.guild.id, "General", lambda: [CHANGE])
    await place.client.settings_log.close()

    assert len(told(place)) == 1
