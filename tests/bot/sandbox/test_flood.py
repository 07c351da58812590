"""Prepared events at speed, and the truth about them."""

import asyncio
from typing import Any

import discord
import pytest

from bot.sandbox.flood import FRESH_ID, Flood, Template
from bot.sandbox.sessions import to_json
from bot.sandbox.world import World

from .contract import ContractBot, Town, town


def message_payload(here: Town, content: str = "hello", **more: Any) -> dict[str, Any]:
    """Return a MESSAGE_CREATE payload whose id is new every time."""
    message = here.world.say(here.channel.id, here.ada.id, "the pattern")
    payload = dict(here.world.transcript[-1][2])
    here.world.delete_message(here.channel.id, message.id)
    return {**payload, "id": FRESH_ID, "content": content, **more}


def heard(here: Town, content: str) -> list[int]:
    """Return the ids of the messages with this content that the bot has got, in order."""
    return [message.id for message in here.bot.seen("message") if message.content == content]


async def test_a_pushed_event_reaches_the_bot_without_happening() -> None:
    async with town() as here:
        payload = {**message_payload(here, "pushed"), "id": str(here.world.snowflake())}
        assert here.server.push("MESSAGE_CREATE", payload) == 1
        await here.world.until(lambda: heard(here, "pushed"))
        assert here.world.messages[here.channel.id] == {}


async def test_a_flood_arrives_whole_and_in_order_and_knows_what_it_sent() -> None:
    async with town() as here:
        templates = [
            Template("MESSAGE_CREATE", message_payload(here, text), label=text) for text in ("tic", "tac")
        ]
        flood = here.server.flood(templates)
        await flood.run(rate_per_s=50_000, total=3_000)
        await here.world.until(lambda: len(heard(here, "tic") + heard(here, "tac")) == 3_000)
        assert flood.counts() == {"tic": 1_500, "tac": 1_500}
        for text in ("tic", "tac"):
            assert heard(here, text) == [one.fresh_id for one in flood.sent if one.label == text]
        assert flood.handed_over() == flood.sent
        assert flood.missed == 0


async def test_events_of_a_flood_are_resumed_like_any_other() -> None:
    async with town() as here:
        flood = here.server.flood([Template("MESSAGE_CREATE", message_payload(here))])
        running = asyncio.create_task(flood.run(rate_per_s=2_000))
        await here.world.until(lambda: len(heard(here, "hello")) > 100)
        session = here.server.gateway.sessions()[0]
        await here.server.gateway.drop_sockets()
        await here.world.until(lambda: here.bot.seen("resumed"), timeout_s=15)
        flood.stop()
        await running
        await here.world.until(lambda: len(heard(here, "hello")) == len(flood.sent))
        assert heard(here, "hello") == [one.fresh_id for one in flood.sent]
        assert {one.session_id for one in flood.sent} == {session.id}
        assert flood.missed == 0


async def test_what_nobody_takes_is_missed_and_not_sent() -> None:
    intents = discord.Intents.all()
    intents.messages = False
    async with town(bot=ContractBot(intents=intents)) as here:
        flood = here.server.flood([Template("MESSAGE_CREATE", message_payload(here))])
        flood.burst(10)
        assert (flood.missed, flood.sent) == (10, [])


async def test_a_flood_goes_to_the_shard_of_its_guild() -> None:
    world = World()
    world.recommended_shards = 2
    guilds = [world.make_guild(f"G{number}", shard_id=number, shard_count=2) for number in (0, 1)]
    async with town(world=world, bot=ContractBot(shard_count=2)) as here:
        templates = [
            Template("MESSAGE_DELETE", {"id": FRESH_ID, "channel_id": "1", "guild_id": str(guild.id)})
            for guild in guilds
        ]
        flood = here.server.flood(templates)
        flood.burst(10)
        await world.until(lambda: len(here.bot.seen("raw_message_delete")) == 10)
        shards = {session.id: session.shard_id for session in here.server.gateway.sessions()}
        assert [shards[one.session_id] for one in flood.sent] == [0, 1] * 5


async def test_what_a_dropped_bot_did_not_get_is_not_handed_over() -> None:
    async with town() as here:
        flood = here.server.flood([Template("MESSAGE_CREATE", message_payload(here))])
        flood.burst(5)
        await here.world.until(lambda: len(flood.handed_over()) == 5)
        session = here.server.gateway.sessions()[0]
        flood.burst(3)
        # The pump has not had its turn yet.
        assert (len(flood.sent), len(flood.handed_over())) == (8, 5)
        await here.world.until(lambda: session.written == session.sequence)
        assert len(flood.handed_over()) == 8


@pytest.mark.parametrize("size", [125, 126, 127, 65_535, 65_536])
async def test_an_event_of_any_size_is_one_frame(size: int) -> None:
    """The header of a websocket frame has three forms (RFC 6455, 5.2)."""
    async with town() as here:
        [session] = here.server.gateway.sessions()
        payload = {"id": "9", "channel_id": "5", "guild_id": str(here.guild.id), "x": ""}
        around = len(f'{{"op":0,"t":"MESSAGE_DELETE","s":{session.sequence + 1},"d":}}') + len(
            to_json(payload)
        )
        here.server.push("MESSAGE_DELETE", {**payload, "x": "x" * (size - around)})
        here.server.push("MESSAGE_DELETE", {**payload, "id": "10"})
        assert len(session._frames[session.sequence - 1]) == size
        await here.world.until(lambda: len(here.bot.seen("raw_message_delete")) == 2)
        assert [event.message_id for event in here.bot.seen("raw_message_delete")] == [9, 10]


async def test_signs_beyond_ascii_count_as_their_bytes() -> None:
    async with town() as here:
        here.server.push("MESSAGE_CREATE", {**message_payload(here, "é" * 40_000), "id": "9"})
        await here.world.until(lambda: heard(here, "é" * 40_000))


def test_a_flood_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one template"):
        Flood(World(), None, [])  # type: ignore[arg-type]
