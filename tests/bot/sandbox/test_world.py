"""One world, two transports; and the local Discord alone."""

import asyncio
import re
import signal
from random import Random

import discord
import pytest
from discord.http import Route

from bot.sandbox.backend import BackendClock, Env
from bot.sandbox.server import SandboxServer
from bot.sandbox.standalone import serve
from bot.sandbox.switches import RestFault, Switches, path_matches
from bot.sandbox.wall_clock import WallClock
from bot.sandbox.world import JoinSource, SentFile, World, activity

from .contract import ContractBot, town


async def test_the_same_world_plays_in_process_under_simcord() -> None:
    bot = ContractBot()
    env = Env(bot)
    world = World(clock=BackendClock())
    env.backend = world
    guild = world.make_guild("Harbour", vanity_code="harbour")
    ada = world.add_person("ada")
    world.add_old_member(guild.id, ada.id)
    await env.start()
    try:
        invite = world.make_invite(world.first_channel(guild.id).id, ada.id, max_uses=1)
        world.join(guild.id, world.add_person("bob").id, code=invite.code)
        world.join(guild.id, world.add_person("eve").id, vanity=True)
        await env.settle()
        assert bot.names("invite_delete", "member_join") == ["invite_delete", "member_join", "member_join"]
        seen = bot.get_guild(guild.id)
        assert seen is not None
        assert await seen.invites() == []
        assert (await bot.http.get_vanity_code(guild.id))["uses"] == 1
        route = Route("POST", "/guilds/{guild_id}/members-search", guild_id=guild.id)
        answer = await bot.http.request(route, json={"limit": 10})
        assert {entry["source_invite_code"] for entry in answer["members"]} == {None, invite.code, "harbour"}
    finally:
        await env.shutdown()
        await bot.close()


async def test_what_people_do_reaches_a_bot_in_the_same_process() -> None:
    bot = ContractBot()
    env = Env(bot)
    world = World(clock=BackendClock())
    env.backend = world
    guild = world.make_guild("Harbour")
    channel = world.first_channel(guild.id)
    [ada] = world.add_crowd(guild.id, 1, online=1)
    await env.start()
    try:
        message = world.say(channel.id, ada, "look", files=[SentFile("a.png", spoiler=True)])
        world.react(message, ada, "⭐", burst=True)
        world.set_nsfw(channel.id)
        world.set_presence(guild.id, ada, "dnd", [activity(0, "Chess")])
        poll = world.ask(channel.id, ada, "Tea?", ["yes", "no"])
        world.close_poll(poll)
        await env.settle()
        seen = bot.get_guild(guild.id)
        assert seen is not None
        member = seen.get_member(ada)
        assert member is not None
        assert member.status is discord.Status.dnd
        assert [one.type.value for one in bot.seen("message")] == [0, 0, 46]
        assert bot.seen("raw_reaction_add")[0].burst
        fetched = await bot.get_partial_messageable(channel.id).fetch_message(message.id)
        assert fetched.reactions[0].burst_count == 1
        assert fetched.attachments[0].is_spoiler()
        made = await seen.create_voice_channel("Members: 2", overwrites={})
        assert world.channels[made.id].name == "Members: 2"
    finally:
        await env.shutdown()
        await bot.close()


async def test_two_hundred_joins_at_once_all_arrive() -> None:
    async with town() as here:
        invites = [here.world.make_invite(here.channel.id, here.ada.id) for _ in range(5)]
        for number in range(200):
            person = here.newcomer(f"p{number}")
            here.world.join(here.guild.id, person.id, code=invites[number % 5].code)
        await here.world.until(lambda: len(here.bot.seen("member_join")) == 200)
        assert {invite.uses for invite in await here.seen_guild.invites()} == {40}


async def test_the_truth_about_every_join_is_kept() -> None:
    async with town() as here:
        person = here.newcomer()
        invite = here.world.make_invite(here.channel.id, here.ada.id)
        here.world.join(here.guild.id, person.id, code=invite.code)
        here.world.leave(here.guild.id, person.id)
        here.world.join(here.guild.id, person.id, source=JoinSource.DISCOVERY)
        assert [(one.code, one.inviter_id) for one in here.world.history] == [
            (invite.code, here.ada.id),
            (None, None),
        ]
        assert here.world.joins[here.guild.id, person.id].source is JoinSource.DISCOVERY


async def test_someone_who_is_a_member_cannot_join() -> None:
    async with town() as here:
        with pytest.raises(ValueError, match="is a member"):
            here.world.join(here.guild.id, here.ada.id)


def test_a_skewed_clock_is_ahead() -> None:
    ahead, exact = WallClock(skew_ms=60_000), WallClock()
    assert 59 < (ahead.now() - exact.now()).total_seconds() < 61


def test_a_path_template_matches_one_segment_per_brace() -> None:
    assert path_matches("/guilds/{id}/invites", "/guilds/5/invites")
    assert not path_matches("/guilds/{id}", "/guilds/5/invites")
    assert not path_matches("/guilds/{id}/invites", "/guilds/5/roles")
    assert path_matches("*", "/anything/at/all")


def test_the_order_of_an_invite_delete_can_be_left_to_chance() -> None:
    switches = Switches(invite_delete_order="random", chance=Random(1))
    assert {switches.invite_delete_first() for _ in range(50)} == {True, False}
    assert Switches(invite_delete_order="before").invite_delete_first()
    assert not Switches(invite_delete_order="after").invite_delete_first()


def test_a_fault_ends_after_its_times() -> None:
    fault = RestFault("GET", "/users/{id}", times=2)
    assert [fault.takes("GET", "/users/1") for _ in range(3)] == [True, True, False]


async def test_the_sandbox_alone_tells_how_to_connect_and_stops(capsys: pytest.CaptureFixture[str]) -> None:
    life = asyncio.create_task(serve("127.0.0.1", 0, guild_name="Mine", lively=True, interval_s=0.001))
    printed = ""
    async with asyncio.timeout(30):
        while "Invites" not in printed:
            await asyncio.sleep(0.005)
            printed += capsys.readouterr().out
    assert re.search(r"API +http://127\.0\.0\.1:\d+/api/v10\n", printed)
    assert re.search(r"Gateway +ws://127\.0\.0\.1:\d+/gateway/\n", printed)
    assert re.search(r"Token +[0-9a-f]{32}\n", printed)
    signal.raise_signal(signal.SIGTERM)
    async with asyncio.timeout(30):
        await life


async def test_the_sandbox_alone_refuses_other_hosts() -> None:
    with pytest.raises(ValueError, match="loopback only, not on 0"):
        await serve("0.0.0.0", 0)


async def test_a_taken_port_is_an_os_error() -> None:
    async with SandboxServer(World()) as server:
        port = int(server.origin.rpartition(":")[2])
        with pytest.raises(OSError, match="address already in use"):
            await SandboxServer(World(), port=port).__aenter__()


def test_importing_the_sandbox_changes_nothing_in_discord() -> None:
    assert f"https://discord.com/api/v{discord.http.INTERNAL_API_VERSION}" == Route.BASE
