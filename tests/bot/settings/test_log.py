"""Changes of settings are told to whoever reads the log channel, and to the operator."""

import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import discord
import pytest

from bot.acting import Actor, act_for, acting_for
from bot.settings.fields import SettingChange
from bot.settings.guild_settings import GuildSettings
from bot.settings.log import WAITING_MOST
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

    assert told(place) == ["**Timezone:** `UTC` → `Asia/Tokyo`\n-# by an API key (`Dashboard`)"]


async def test_the_name_of_a_key_stays_within_its_place(place: Place) -> None:
    act_for(Actor(name="a`) @everyone"))
    place.client.settings_log.note(place.guild.id, "General", lambda: [CHANGE])
    await place.env.settle()

    assert told(place)[0].endswith("\n-# by an API key (`a\u02cb) @\u200beveryone`)")


async def test_the_operators_key_is_told_as_such_whatever_keys_are_called(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), acting_for(Actor(name="operator", is_operator=True)):
        place.client.settings_log.note(place.guild.id, "General", lambda: [CHANGE])
    await place.env.settle()

    assert told(place)[0].endswith("\n-# by the operator's API key")
    [line] = [record for record in caplog.records if getattr(record, "event", None) == "settings_changed"]
    assert (line.__dict__["actor"], line.__dict__["user_id"]) == ("operator", None)


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


@pytest.mark.parametrize("settings", [1, 3])
async def test_long_lists_are_shortened_so_that_every_setting_is_told(place: Place, settings: int) -> None:
    """Discord takes 4,096 characters; a mention that is cut in the middle is no mention."""
    channels = tuple(f"<#{1_000_000_000_000_000_000 + number}>" for number in range(200))
    changes = [
        SettingChange(f"List {number}", "", "", added=channels[:100], removed=channels[100:])
        for number in range(settings)
    ]
    place.client.settings_log.note(place.guild.id, "General", lambda: changes)
    await place.env.settle()

    [text] = told(place)
    *lines, who = text.split("\n")
    assert len(text) <= 4_096
    assert [line.partition(":")[0] for line in lines] == [f"**List {number}" for number in range(settings)]
    assert who == "-# by the bot itself"
    for line in lines:
        assert line.count("<#") == line.count(">") > 10
        assert re.search(r"and \d+ more; removed ", line)


async def test_the_operator_reads_what_came_and_what_went(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    change = SettingChange("Ignored channels", "<#1>", "<#2>", added=("<#2>",), removed=("<#1>",))
    with caplog.at_level(logging.INFO):
        place.client.settings_log.note(place.guild.id, "General", lambda: [change])
    assert "Settings changed: General: Ignored channels: added <#2>; removed <#1>." in caplog.text


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


@pytest.mark.parametrize("denied", ["view_channel", "send_messages", "embed_links"])
async def test_discord_is_not_asked_to_take_what_it_would_refuse(
    place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, denied: str
) -> None:
    # Each refusal counts towards being barred, and a program can change settings ten times a second.
    place.deny_bot(place.other_channel, **{denied: False})
    await place.env.settle()
    sent: list[object] = []

    async def note(*_args: object, **_fields: object) -> None:
        sent.append(_args)

    monkeypatch.setattr(discord.TextChannel, "send", note)
    place.client.settings_log.note(place.guild.id, "General", lambda: [CHANGE])
    await place.env.settle()

    assert sent == []
    assert "The log channel could not be written to" in caplog.text


async def test_changes_that_come_faster_than_they_can_be_told_are_counted(place: Place) -> None:
    with acting_for(Actor(name="Dashboard")):
        for _ in range(WAITING_MOST + 7):
            place.client.settings_log.note(place.guild.id, "General", lambda: [CHANGE])
    await place.env.settle()

    found = told(place)
    assert len(found) == WAITING_MOST + 1
    assert found[-1] == "… and 7 more\n-# by an API key (`Dashboard`)"
    place.client.settings_log.note(place.guild.id, "General", lambda: [CHANGE])
    await place.env.settle()
    assert "Asia/Tokyo" in told(place)[-1]
