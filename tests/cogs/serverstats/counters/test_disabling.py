"""Disabling the module: which channels go, and which stay behind. And turning counters off and on."""

import asyncio
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.errors import ModuleDisabledError
from cogs.serverstats.counters.placing import place_on_existing
from cogs.serverstats.settings import MODULE
from storage.guild_modules import delete_module
from tests.cogs.serverstats.counters.stage import Stage


def voice_channels(stage: Stage) -> list[int]:
    return [one.id for one in stage.world.channels.values() if one.type == discord.ChannelType.voice.value]


async def test_a_counter_made_while_the_module_is_disabled_leaves_no_channel(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.make()
    before = set(voice_channels(stage))
    http: Any = stage.place.client.http
    delete, makings = http.delete_channel, list[asyncio.Task[Any]]()

    async def delete_slowly(channel_id: int, *, reason: str) -> None:
        makings.append(asyncio.create_task(stage.service.create(stage.guild.id, 9)))
        await asyncio.wait(makings, timeout=1)
        await delete(channel_id, reason=reason)

    monkeypatch.setattr(http, "delete_channel", delete_slowly)
    await stage.module.disable(stage.guild.id)
    await stage.env.settle()

    (making,) = makings
    with pytest.raises(ModuleDisabledError, match="being disabled"):
        await making
    assert not set(voice_channels(stage)) - before
    assert await stage.counters() == ()
    await stage.module.enable(stage.guild.id)
    await stage.make()


async def test_a_counter_that_is_being_made_is_taken_down_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(voice_channels(stage))
    http: Any = stage.place.client.http
    make, disabling = http.create_channel, list[asyncio.Task[tuple[str, ...]]]()

    async def make_slowly(*args: Any, **options: Any) -> Any:
        made = await make(*args, **options)
        disabling.append(asyncio.create_task(stage.module.disable(stage.guild.id)))
        await asyncio.wait(disabling, timeout=1)
        return made

    await stage.service.set_category(stage.guild.id, "create")
    monkeypatch.setattr(http, "create_channel", make_slowly)
    await stage.service.create(stage.guild.id, 9)
    await asyncio.gather(*disabling)
    await stage.env.settle()
    assert set(voice_channels(stage)) == before


async def test_a_channel_that_cannot_be_deleted_is_named(stage: Stage) -> None:
    counter = await stage.make()
    stage.overwrite_bot(counter.channel_id, manage_channels=False)
    await stage.env.settle()
    (sentence,) = await stage.module.disable(stage.guild.id)
    assert f"<#{counter.channel_id}>" in sentence


async def test_a_deletion_that_discord_puts_off_is_tried_once_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = await stage.make()
    http: Any = stage.place.client.http
    delete, refusals = http.delete_channel, [discord.RateLimited(0.01)]

    async def delete_later(channel_id: int, *, reason: str) -> None:
        if refusals:
            raise refusals.pop()
        await delete(channel_id, reason=reason)

    monkeypatch.setattr(http, "delete_channel", delete_later)
    assert await stage.module.disable(stage.guild.id) == ()
    await stage.env.settle()
    assert counter.channel_id not in stage.world.channels


async def test_an_adoption_that_fails_leaves_the_counter_that_the_channel_shows(stage: Stage) -> None:
    counter = await stage.make()
    database = stage.place.client.parts.database
    async with database.write() as tx:
        await delete_module(tx, stage.guild.id, MODULE)
    with pytest.raises(ModuleDisabledError):
        await place_on_existing(database, replace(counter, counter_type=8), counter.channel_id)
    assert await stage.counters() == (counter,)


async def test_a_category_deleted_while_a_counter_is_made_takes_that_one_along(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.make()
    category_id = stage.settings.counters_category_id or 0
    http: Any = stage.place.client.http
    make = http.create_channel

    async def make_slowly(*args: Any, **options: Any) -> Any:
        made = await make(*args, **options)
        stage.world.delete_channel(category_id)
        for _turn in range(50):
            await asyncio.sleep(0)
        return made

    monkeypatch.setattr(http, "create_channel", make_slowly)
    await stage.service.create(stage.guild.id, 9)
    await stage.env.settle()
    assert await stage.counters() == ()
    assert not stage.settings.counters_enabled


async def test_counters_are_turned_off_and_on_again(stage: Stage) -> None:
    counter = await stage.make()
    assert "Counters are off" in await stage.say("switch", on=False)
    stage.grow()
    await stage.update(after_minutes=10)
    assert stage.name_of(counter) == "Members: 5"
    assert "`/serverstats counter switch` turns them on" in await stage.say("list")

    assert "Counters are on" in await stage.say("switch", on=True)
    await stage.env.settle()
    assert stage.name_of(counter) == "Members: 6"
    refused = await stage.use(stage.member, "switch", on=False)
    assert refused.ephemeral
    assert stage.settings.counters_enabled
