"""Latency, faults, rate limits, messages and files over real HTTP."""

import asyncio
import io

import aiohttp
import discord
import pytest
from discord.http import Route

from bot.sandbox.server import SandboxServer
from bot.sandbox.world import RouteLimit, World

from .contract import ContractBot, Town, town

INVITES = "/guilds/{id}/invites"


def text_channel(here: Town) -> discord.TextChannel:
    """Return the town's channel as the bot has it."""
    found = here.bot.get_channel(here.channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def test_requests_are_counted_by_template() -> None:
    async with town() as here:
        for _ in range(3):
            await here.seen_guild.invites()
        requests = here.world.requests("GET", INVITES)
        assert [request.status for request in requests] == [200, 200, 200]
        assert here.world.requests("POST", INVITES) == []


async def test_a_fault_replaces_the_answer_as_often_as_it_says() -> None:
    async with town() as here:
        here.world.switches.fail("GET", INVITES, status=403, body={"code": 50013, "message": "no"}, times=1)
        with pytest.raises(discord.Forbidden):
            await here.seen_guild.invites()
        assert await here.seen_guild.invites() == []


async def test_a_503_is_not_retried_by_the_client() -> None:
    async with town() as here:
        here.world.switches.fail("*", INVITES, status=503, times=None)
        with pytest.raises(discord.DiscordServerError):
            await here.seen_guild.invites()
        assert len(here.world.requests("GET", INVITES)) == 1


async def test_a_cut_connection_is_an_error_for_the_client() -> None:
    async with town() as here:
        # Two, because aiohttp itself sends a GET again when a kept-alive connection breaks.
        here.world.switches.fail("GET", INVITES, drop_connection=True, times=2)
        with pytest.raises((aiohttp.ClientError, OSError)):
            await here.seen_guild.invites()
        assert [request.status for request in here.world.requests("GET", INVITES)] == [0, 0]


async def test_an_answer_can_get_lost_after_the_effect() -> None:
    async with town() as here:
        here.world.switches.fail("POST", "/channels/{id}/invites", status=503, after_effect=True)
        with pytest.raises(discord.DiscordServerError):
            await text_channel(here).create_invite()
        assert len(await here.seen_guild.invites()) == 1


async def test_latency_lets_requests_overtake_each_other() -> None:
    async with town() as here:
        here.world.switches.route_latency_ms["GET", INVITES] = (150, 150)
        slow = asyncio.create_task(here.seen_guild.invites())
        await here.bot.http.get_vanity_code(here.guild.id)
        assert not slow.done()
        assert await slow == []


async def test_the_third_rename_in_ten_minutes_is_refused() -> None:
    async with town(bot=ContractBot(max_ratelimit_timeout=30)) as here:
        channel = text_channel(here)
        await channel.edit(name="one")
        await channel.edit(slowmode_delay=5)
        await channel.edit(name="two")
        with pytest.raises(discord.RateLimited) as refused:
            await channel.edit(name="three")
        assert 570 < refused.value.retry_after <= 600
        assert here.channel.name == "two"
        assert [message async for message in channel.history()] == []


async def test_a_route_limit_announces_itself_and_refuses_with_429() -> None:
    async with town() as here:
        here.world.switches.route_limits.append(RouteLimit("GET", INVITES, 2, 0.2))
        await asyncio.gather(*(here.seen_guild.invites() for _ in range(4)))
        statuses = [request.status for request in here.world.requests("GET", INVITES)]
        assert statuses.count(200) == 4


async def test_a_429_fault_is_waited_for() -> None:
    async with town() as here:
        body = {"message": "slow down", "retry_after": 0.05, "global": False}
        here.world.switches.fail("GET", INVITES, status=429, body=body)
        assert await here.seen_guild.invites() == []
        assert [request.status for request in here.world.requests("GET", INVITES)] == [429, 200]


async def test_the_global_limit_refuses_the_request_beyond_it() -> None:
    async with town(global_limit_per_s=20) as here:
        await asyncio.gather(*(here.bot.http.get_user(here.ada.id) for _ in range(25)))
        statuses = {request.status for request in here.world.requests("GET", "/users/{id}")}
        assert statuses == {200, 429}


async def test_an_enforced_nonce_sends_a_message_once() -> None:
    async with town() as here:
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=here.channel.id)
        body = {"content": "hello", "nonce": "star-1", "enforce_nonce": True}
        first = await here.bot.http.request(route, json=body)
        again = await here.bot.http.request(route, json=body)
        other = await here.bot.http.request(route, json={**body, "nonce": "star-2"})
        assert first["id"] == again["id"] != other["id"]
        assert first["nonce"] == "star-1"
        await here.world.until(lambda: len(here.bot.seen("message")) == 2)
        assert [message.nonce for message in here.bot.seen("message")] == ["star-1", "star-2"]
        with pytest.raises(discord.HTTPException) as refused:
            await here.bot.http.request(route, json={**body, "nonce": "x" * 26})
        assert refused.value.code == 50035


async def test_a_nonce_is_the_authors_in_all_channels_and_forgotten_after_its_window() -> None:
    async with town() as here:
        other = here.world.text_channel(here.guild.id, "other")
        body = {"content": "hello", "nonce": "star-1", "enforce_nonce": True}

        async def send(channel_id: int) -> int:
            route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
            return int((await here.bot.http.request(route, json=body))["id"])

        first = await send(here.channel.id)
        assert await send(other.id) == first
        here.world.switches.nonce_window_s = 0
        assert await send(here.channel.id) != first


async def test_a_nonce_of_a_deleted_message_sends_again() -> None:
    async with town() as here:
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=here.channel.id)
        body = {"content": "hello", "nonce": 7, "enforce_nonce": True}
        first = await here.bot.http.request(route, json=body)
        here.world.delete_message(here.channel.id, int(first["id"]))
        again = await here.bot.http.request(route, json=body)
        assert again["id"] != first["id"]
        assert again["nonce"] == 7


async def test_an_answer_is_lost_once_and_the_message_is_there() -> None:
    async with town() as here:
        fault = here.world.switches.lose_answer("POST", "/channels/{id}/messages")
        with pytest.raises((aiohttp.ClientError, OSError)):
            await text_channel(here).send("hello")
        assert fault.taken == 1
        assert [message.content for message in here.world.messages[here.channel.id].values()] == ["hello"]
        await text_channel(here).send("again")
        assert fault.taken == 1


async def test_an_answer_is_held_back_after_its_effect_until_it_is_released() -> None:
    async with town() as here:
        fault = here.world.switches.hold_answer("POST", "/channels/{id}/messages")
        sending = asyncio.create_task(text_channel(here).send("hello"))
        await here.world.until(lambda: here.world.messages[here.channel.id])
        assert not sending.done()
        assert fault.taken == 1
        fault.release()
        assert (await sending).content == "hello"


async def test_the_end_of_the_server_releases_what_is_held_back() -> None:
    world = World()
    guild = world.make_guild("Harbour")
    channel = world.first_channel(guild.id)
    world.switches.hold_answer("POST", "/channels/{id}/messages")
    async with aiohttp.ClientSession() as session:
        async with SandboxServer(world) as server:
            url = f"{server.api_base}/channels/{channel.id}/messages"
            headers = {"Authorization": f"Bot {server.token}"}
            sending = asyncio.create_task(session.post(url, json={"content": "hello"}, headers=headers))
            await world.until(lambda: world.messages[channel.id])
        async with asyncio.timeout(30):
            assert (await sending).status == 200


async def test_a_limited_rename_leaves_the_channels_other_requests_alone() -> None:
    async with town(bot=ContractBot(max_ratelimit_timeout=30)) as here:
        channel = text_channel(here)
        for name in ("one", "two"):
            await channel.edit(name=name)
        with pytest.raises(discord.RateLimited):
            await channel.edit(name="three")
        await channel.edit(slowmode_delay=5)
        await channel.send("still here")
        await channel.set_permissions(here.seen_guild.default_role, add_reactions=False)
        statuses = [request.status for request in here.world.request_log[-4:]]
        assert statuses == [429, 200, 200, 204]


async def test_a_file_is_uploaded_and_served_on_loopback() -> None:
    async with town() as here:
        file = discord.File(io.BytesIO(b"\x00picture"), "star.png", description="a star")
        message = await text_channel(here).send("look", file=file)
        [attachment] = message.attachments
        assert attachment.url.startswith("http://127.0.0.1:")
        assert attachment.description == "a star"
        assert await attachment.read() == b"\x00picture"


async def test_a_fault_can_be_an_error_page_of_a_proxy() -> None:
    async with town() as here:
        here.world.switches.fail("GET", INVITES, status=403, body="<html>go away</html>")
        with pytest.raises(discord.Forbidden) as refused:
            await here.seen_guild.invites()
        assert refused.value.text == "<html>go away</html>"


async def test_a_denied_connect_takes_manage_channels_of_a_voice_channel_away() -> None:
    async with town() as here:
        voice = here.world.voice_channel(here.guild.id, "Pier")
        await here.world.until(lambda: here.bot.get_channel(voice.id))
        here.world.set_bot_overwrite(voice.id, discord.PermissionOverwrite(connect=False))
        channel = here.bot.get_channel(voice.id)
        assert isinstance(channel, discord.VoiceChannel)
        with pytest.raises(discord.Forbidden):
            await channel.edit(name="Quay")


async def test_messages_of_a_hidden_channel_do_not_reach_the_bot() -> None:
    async with town() as here:
        hidden = here.world.text_channel(here.guild.id, "hidden")
        here.world.set_bot_overwrite(hidden.id, discord.PermissionOverwrite(view_channel=False))
        here.world.create_message(hidden.id, here.ada.id, "unseen")
        here.world.create_message(here.channel.id, here.ada.id, "seen")
        await here.world.until(lambda: here.bot.seen("message"))
        assert [message.content for message in here.bot.seen("message")] == ["seen"]


async def test_an_unknown_route_is_501_and_a_gap() -> None:
    async with town() as here:
        with pytest.raises(discord.HTTPException) as refused:
            await here.bot.http.request(Route("GET", "/no/such/thing"))
        assert refused.value.status == 501
        assert len(here.world.gaps) == 1
        here.world.gaps.clear()


async def test_a_crashed_handler_is_501_and_a_gap() -> None:
    async with town() as here:
        with pytest.raises(discord.HTTPException) as refused:
            await here.bot.http.request(Route("GET", "/users/not-a-number"))
        assert refused.value.status == 501
        assert "crashed" in here.world.gaps[0]
        here.world.gaps.clear()
