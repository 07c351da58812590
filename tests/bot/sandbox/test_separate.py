"""The local Discord in a process of its own, and its controls."""

import asyncio
from typing import Any

import aiohttp
import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.sandbox.control import PREFIX
from bot.sandbox.flood import FRESH_ID
from bot.sandbox.separate import SeparateSandbox

from .contract import ContractBot, town, until


def deletion(guild_id: int, label: str) -> dict[str, Any]:
    """Return a template of MESSAGE_DELETE."""
    payload = {"id": FRESH_ID, "channel_id": "5", "guild_id": str(guild_id)}
    return {"event": "MESSAGE_DELETE", "payload": payload, "label": label}


async def test_another_process_floods_a_bot_and_tells_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    async with SeparateSandbox(members=1_000, online=100, channels=3) as sandbox:
        here = sandbox.address
        monkeypatch.setattr(Route, "BASE", here.api_base)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL(here.gateway_url))
        bot = ContractBot()
        async with bot:
            life = asyncio.create_task(bot.start(here.token))
            await until(bot.is_ready)
            guild = bot.get_guild(here.guild_id)
            assert guild is not None
            assert set(here.member_ids) < {member.id for member in guild.members}
            assert [channel.id for channel in guild.text_channels] == list(here.channel_ids)
            assert sum(member.status is discord.Status.online for member in guild.members) == 100
            templates = [deletion(here.guild_id, "a"), deletion(here.guild_id, "b")]
            await sandbox.begin_flood(templates, rate_per_s=20_000, total=4_000)
            await until(lambda: len(bot.seen("raw_message_delete")) == 4_000)
            state = await sandbox.flood_state(ids=True)
            assert (state["running"], state["missed"]) == (False, 0)
            assert state["sent"] == state["handed_over"] == {"a": 2_000, "b": 2_000}
            assert [one[1] for one in state["ids"]] == [
                event.message_id for event in bot.seen("raw_message_delete")
            ]
            await bot.close()
            await asyncio.wait({life})
        facts = await sandbox.ask("GET", "/")
        assert facts["gaps"] == []
        assert facts["guilds"][0]["id"] == here.guild_id


async def test_a_flood_without_an_end_runs_until_it_is_ended_and_none_beside_it() -> None:
    async with town() as here:
        url = f"http://{here.server.origin}{PREFIX}"
        headers = {"Authorization": f"Bot {here.server.token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            body = {"templates": [deletion(here.guild.id, "a")], "rate_per_s": 1_000}
            assert (await session.get(url + "/flood")).status == 400
            assert (await session.post(url + "/flood", json=body)).status == 200
            assert (await session.post(url + "/flood", json=body)).status == 400
            await here.world.until(lambda: len(here.bot.seen("raw_message_delete")) > 20)
            state = await (await session.delete(url + "/flood")).json()
            assert state["running"] is False
            await here.world.until(lambda: len(here.bot.seen("raw_message_delete")) == state["sent"]["a"])


async def test_the_controls_push_drop_and_spoil() -> None:
    async with town() as here:
        url = f"http://{here.server.origin}{PREFIX}"
        headers = {"Authorization": f"Bot {here.server.token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            one = {**deletion(here.guild.id, "a"), "times": 3}
            one["payload"]["id"] = "9"
            assert await (await session.post(url + "/push", json=one)).json() == {"sent": 3}
            await here.world.until(lambda: len(here.bot.seen("raw_message_delete")) == 3)
            assert await (await session.post(url + "/drop")).json() == {"dropped": 1}
            await here.world.until(lambda: here.bot.seen("resumed"), timeout_s=15)
            fault = {"method": "GET", "path": "/guilds/{id}/invites", "status": 403, "body": {"code": 50013}}
            await session.post(url + "/fault", json=fault)
            with pytest.raises(discord.Forbidden):
                await here.seen_guild.invites()
            assert (await session.post(url + "/push", json={})).status == 400
        async with aiohttp.ClientSession() as stranger:
            assert (await stranger.get(url + "/")).status == 401


async def test_what_the_controls_refuse_is_an_error_with_their_words() -> None:
    sandbox = SeparateSandbox()
    with pytest.raises(RuntimeError, match="not running"):
        _ = sandbox.address
    async with sandbox:
        with pytest.raises(RuntimeError, match="no flood yet"):
            await sandbox.flood_state()
