"""The websocket side against a real discord.py client."""

import asyncio
from random import Random

import discord
import pytest
from discord.http import Route

from bot.sandbox import sessions
from bot.sandbox.connect import running
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import World

from .contract import ContractBot, town


async def test_a_client_logs_in_and_gets_its_guilds() -> None:
    async with town() as here:
        assert here.seen_guild.name == "Harbour"
        assert here.seen_guild.me.guild_permissions.manage_guild
        assert not here.seen_guild.me.guild_permissions.administrator
        assert here.bot.application is not None
        assert here.bot.application_flags.gateway_guild_members_limited


async def test_the_base_addresses_are_restored() -> None:
    before = Route.BASE
    async with town() as here:
        assert here.server.api_base == Route.BASE
    assert before == Route.BASE


async def test_a_wrong_token_is_refused_by_the_api() -> None:
    world = World()
    async with SandboxServer(world) as server:
        server.token = "another"
        with pytest.raises(discord.LoginFailure):
            async with running(ContractBot(), server):
                pass


async def test_a_wrong_token_is_refused_by_the_gateway_with_4004() -> None:
    bot = ContractBot()

    class Forgetful(ContractBot):
        async def setup_hook(self) -> None:
            self.http.token = "another"

    bot = Forgetful()
    async with SandboxServer(World()) as server:
        with pytest.raises(discord.ConnectionClosed) as closed:
            async with running(bot, server):
                pass
    assert closed.value.code == 4004


async def test_an_intent_that_is_not_approved_closes_with_4014() -> None:
    world = World()
    world.approved_intents.discard("members")
    async with SandboxServer(world) as server:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with running(ContractBot(), server):
                pass


async def test_events_need_their_intent() -> None:
    intents = discord.Intents.all()
    intents.invites = False
    async with town(bot=ContractBot(intents=intents)) as here:
        here.world.make_invite(here.channel.id, here.ada.id)
        here.world.set_presence(here.guild.id, here.ada.id, "online")
        await here.world.until(lambda: here.bot.seen("presence_update"))
        assert here.bot.seen("invite_create") == []


async def test_two_shards_each_get_their_own_guilds() -> None:
    world = World()
    guilds = [world.make_guild(f"Guild {n}", shard_id=n, shard_count=2) for n in (0, 1)]
    bot = ContractBot(shard_count=2)
    async with SandboxServer(world) as server, running(bot, server):
        seen = {guild.id: guild.shard_id for guild in bot.guilds}
        assert seen == {guilds[0].id: 0, guilds[1].id: 1}
        assert {session.shard_id for session in server.gateway.connected()} == {0, 1}
        newcomer = world.add_person("newcomer")
        world.join(guilds[1].id, newcomer.id)
        await world.until(lambda: bot.seen("member_join"))
        await server.gateway.drop_sockets(1)
        await world.until(lambda: bot.seen("shard_resumed"))
        assert bot.seen("shard_resumed") == [1]
    assert world.gaps == []


@pytest.mark.parametrize("code", [None, 4000])
async def test_a_dropped_connection_is_resumed_and_missed_events_are_replayed(code: int | None) -> None:
    async with town() as here:
        assert await here.server.gateway.drop_sockets(code=code) == 1
        for name in ("one", "two"):
            here.world.join(here.guild.id, here.newcomer(name).id)
        await here.world.until(lambda: here.bot.seen("resumed"), timeout_s=15)
        await here.world.until(lambda: len(here.bot.seen("member_join")) == 2)
        assert [member.name for member in here.bot.seen("member_join")] == ["one", "two"]
        assert len(here.bot.seen("shard_ready")) == 1


async def test_a_burst_beyond_the_replay_limit_still_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "REPLAY_LIMIT", 10)
    async with town() as here:
        for number in range(50):
            here.world.join(here.guild.id, here.newcomer(f"p{number}").id)
        await here.world.until(lambda: len(here.bot.seen("member_join")) == 50)


async def test_events_beyond_the_replay_limit_make_a_resume_impossible(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "REPLAY_LIMIT", 10)
    async with town() as here:
        await here.server.gateway.drop_sockets(code=None)
        for number in range(50):
            here.world.join(here.guild.id, here.newcomer(f"p{number}").id)
        await here.world.until(lambda: here.world.identifies == 2, timeout_s=15)
        assert here.bot.seen("resumed") == []


async def test_a_refused_resume_makes_the_client_identify_again() -> None:
    async with town() as here:
        here.world.switches.refuse_resumes = 1
        await here.server.gateway.drop_sockets(code=4000)
        await here.world.until(lambda: here.world.identifies == 2, timeout_s=15)
        await here.world.until(lambda: here.server.gateway.connected())
        assert here.bot.seen("resumed") == []
        assert here.world.switches.refuse_resumes == 0


async def test_an_invalidated_session_makes_the_client_identify_again() -> None:
    async with town() as here:
        await here.server.gateway.invalidate()
        await here.world.until(lambda: here.world.identifies == 2, timeout_s=15)


async def test_a_request_to_reconnect_is_answered_with_a_resume() -> None:
    async with town() as here:
        await here.server.gateway.ask_to_reconnect()
        await here.world.until(lambda: here.bot.seen("resumed"), timeout_s=15)
        assert here.world.identifies == 1


async def test_held_events_arrive_in_order_when_released() -> None:
    async with town() as here:
        here.server.gateway.hold_events()
        first = here.newcomer("first")
        here.world.join(here.guild.id, first.id)
        here.world.leave(here.guild.id, first.id)
        await here.seen_guild.invites()
        assert here.bot.names("member_join", "raw_member_remove") == []
        here.server.gateway.release_events()
        await here.world.until(lambda: len(here.bot.names("member_join", "raw_member_remove")) == 2)
        assert here.bot.names("member_join", "raw_member_remove") == ["member_join", "raw_member_remove"]


async def test_lagging_events_keep_their_order_and_the_time_of_the_act() -> None:
    async with town(event_lag_ms=(1, 60)) as here:
        people = [here.newcomer(f"p{number}") for number in range(20)]
        joined = [here.world.join(here.guild.id, person.id).joined_at for person in people]
        await here.world.until(lambda: len(here.bot.seen("member_join")) == 20)
        members = here.bot.seen("member_join")
        assert [member.id for member in members] == [person.id for person in people]
        assert [member.joined_at.isoformat() for member in members] == joined


async def test_lagging_events_can_overtake_each_other() -> None:
    async with town(event_lag_ms=(0, 60), reorder_events=True, chance=Random(1)) as here:
        people = [here.newcomer(f"p{number}") for number in range(20)]
        for person in people:
            here.world.join(here.guild.id, person.id)
        await here.world.until(lambda: len(here.bot.seen("member_join")) == 20)
        arrived = [member.id for member in here.bot.seen("member_join")]
        assert arrived != sorted(arrived)
        assert sorted(arrived) == sorted(person.id for person in people)


async def test_a_bot_that_is_kicked_loses_the_guild_and_gets_it_back() -> None:
    async with town() as here:
        here.world.kick_bot(here.guild.id)
        await here.world.until(lambda: here.bot.seen("guild_remove"))
        assert list(here.bot.guilds) == []
        while_away = here.newcomer("while-away")
        here.world.join(here.guild.id, while_away.id)
        with pytest.raises(discord.NotFound):
            await here.bot.fetch_guild(here.guild.id)
        here.world.add_bot_again(here.guild.id)
        await here.world.until(lambda: here.bot.seen("guild_join"))
        assert here.bot.seen("member_join") == []
        assert here.seen_guild.get_member(while_away.id) is not None


async def test_a_bot_that_leaves_and_one_that_is_added_are_told() -> None:
    async with town() as here:
        await here.seen_guild.leave()
        await here.world.until(lambda: here.bot.seen("guild_remove"))
        made = here.world.make_guild("Lagoon")
        await here.world.until(lambda: here.bot.seen("guild_join"))
        assert [guild.id for guild in here.bot.guilds] == [made.id]


async def test_an_outage_makes_the_guild_unavailable_and_available_again() -> None:
    async with town() as here:
        here.world.begin_outage(here.guild.id)
        await here.world.until(lambda: here.bot.seen("guild_unavailable"))
        here.world.end_outage(here.guild.id)
        await here.world.until(lambda: here.bot.seen("guild_available"))
        assert here.bot.seen("guild_join") == []


async def test_a_second_full_member_chunk_within_the_window_is_refused() -> None:
    intents = discord.Intents.all()
    intents.presences = False
    async with town(bot=ContractBot(intents=intents, chunk_guilds_at_startup=False)) as here:
        assert not here.seen_guild.chunked
        members = await here.seen_guild.chunk()
        assert here.ada.id in {member.id for member in members}
        refused = asyncio.create_task(here.seen_guild.chunk(cache=False))
        await here.world.until(
            lambda: any(line[:2] == ("GATEWAY", "RATE_LIMITED") for line in here.world.transcript)
        )
        assert not refused.done()
        refused.cancel()


async def test_members_are_looked_up_over_the_gateway() -> None:
    async with town() as here:
        found = await here.seen_guild.query_members(user_ids=[here.ada.id, 5])
        assert [member.id for member in found] == [here.ada.id]
        found = await here.seen_guild.query_members(query="AD", limit=5)
        assert [member.name for member in found] == ["ada"]


async def test_the_server_refuses_to_listen_beyond_loopback() -> None:
    for host in ("0.0.0.0", "192.168.1.5", "example.org", "::"):
        with pytest.raises(ValueError, match="listens on loopback only"):
            SandboxServer(World(), host=host)
