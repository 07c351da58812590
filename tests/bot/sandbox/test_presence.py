"""Privileged intents, presences, crowds and large guilds, as a real discord.py client sees them."""

from typing import Any

import discord
import pytest

from bot.sandbox.world import World, activity

from .contract import ContractBot, town


def without(*names: str) -> ContractBot:
    """Return a bot that leaves out some intents."""
    intents = discord.Intents.all()
    for name in names:
        setattr(intents, name, False)
    return ContractBot(intents=intents)


@pytest.mark.parametrize("reviewed", [False, True])
async def test_the_applications_flags_tell_which_privileged_intents_it_has(reviewed: bool) -> None:
    world = World()
    world.approved_intents.discard("presences")
    world.intents_reviewed = reviewed
    async with town(world=world, bot=without("presences")) as here:
        info = await here.bot.application_info()
        for flags in (info.flags, here.bot.application_flags):
            assert (flags.gateway_presence, flags.gateway_presence_limited) == (False, False)
            assert (flags.gateway_guild_members, flags.gateway_guild_members_limited) == (
                reviewed,
                not reviewed,
            )
            assert (flags.gateway_message_content, flags.gateway_message_content_limited) == (
                reviewed,
                not reviewed,
            )


@pytest.mark.parametrize("name", ["presences", "members", "message_content"])
async def test_an_intent_that_the_application_lacks_closes_the_connection(name: str) -> None:
    world = World()
    world.approved_intents.discard(name)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with town(world=world):
            pass


async def test_a_presence_has_a_status_and_several_activities() -> None:
    async with town() as here:
        playing = activity(0, "Chess", details="Blitz", state="Winning", application_id="5")
        custom = activity(4, "Custom Status", state="at sea")
        here.world.set_presence(here.guild.id, here.ada.id, "dnd", [playing, custom])
        await here.world.until(lambda: here.bot.seen("presence_update"))
        ada = here.seen_guild.get_member(here.ada.id)
        assert ada is not None
        assert ada.status is discord.Status.dnd
        game, mood = ada.activities
        assert isinstance(game, discord.Activity)
        assert (game.name, game.details, game.state) == ("Chess", "Blitz", "Winning")
        assert isinstance(mood, discord.CustomActivity)
        assert mood.name == "at sea"
        here.world.set_presence(here.guild.id, here.ada.id, "offline")
        await here.world.until(lambda: ada.status is discord.Status.offline)
        assert ada.activities == ()


async def test_presences_are_there_at_the_beginning() -> None:
    world = World()
    guild = world.make_guild("Other")
    people = world.add_crowd(guild.id, 20, online=7, bots=5)
    world.set_presence(guild.id, people[0], "idle", [activity(0, "Chess")])
    async with town(world=world) as here:
        seen = here.bot.get_guild(guild.id)
        assert seen is not None
        statuses = [member.status.value for member in seen.members if member.id in people]
        assert (statuses.count("idle"), statuses.count("online"), statuses.count("offline")) == (1, 6, 13)
        first = seen.get_member(people[0])
        assert first is not None
        assert first.activities[0].name == "Chess"
        assert sum(member.bot for member in seen.members if member.id in people) == 5


async def test_without_the_presences_intent_nothing_of_presences_is_sent() -> None:
    world = World()
    guild = world.make_guild("Other")
    people = world.add_crowd(guild.id, 5, online=5)
    async with town(world=world, bot=without("presences")) as here:
        world.set_presence(guild.id, people[0], "dnd")
        world.say(world.first_channel(guild.id).id, people[0], "last")
        await world.until(lambda: here.bot.seen("message"))
        seen = here.bot.get_guild(guild.id)
        assert seen is not None
        assert seen.member_count == 7
        assert {member.status for member in seen.members} == {discord.Status.offline}
        assert here.bot.seen("presence_update") == []
        counted = await here.bot.fetch_guild(guild.id, with_counts=True)
        assert (counted.approximate_member_count, counted.approximate_presence_count) == (7, 5)


async def test_a_large_guild_comes_with_its_online_members_only() -> None:
    world = World()
    guild = world.make_guild("Large")
    people = world.add_crowd(guild.id, 300, online=10)
    voice = world.voice_channel(guild.id, "Pier")
    world.enter_voice(guild.id, people[-1], voice.id)
    async with town(world=world, bot=ContractBot(chunk_guilds_at_startup=False)) as here:
        seen = here.bot.get_guild(guild.id)
        assert seen is not None
        assert seen.large
        assert seen.member_count == 302
        shown = {member.id for member in seen.members}
        assert shown == {*people[:10], people[-1], here.world.bot_user.id}
        await seen.chunk()
        assert len(seen.members) == 302


async def test_a_small_guild_without_the_presences_intent_comes_with_the_bot_and_those_in_voice() -> None:
    world = World()
    guild = world.make_guild("Small")
    people = world.add_crowd(guild.id, 5, online=5)
    world.enter_voice(guild.id, people[0], world.voice_channel(guild.id, "Pier").id)
    intents = discord.Intents.all()
    intents.presences = False
    bot = ContractBot(intents=intents, chunk_guilds_at_startup=False)
    async with town(world=world, bot=bot) as here:
        seen = here.bot.get_guild(guild.id)
        assert seen is not None
        assert {member.id for member in seen.members} == {people[0], world.bot_user.id}
        assert {member.status for member in seen.members} == {discord.Status.offline}


async def test_ten_thousand_members_are_chunked_and_asked_for_by_id() -> None:
    world = World()
    guild = world.make_guild("Huge")
    people = world.add_crowd(guild.id, 10_000, online=1_000)
    async with town(world=world) as here:
        seen = here.bot.get_guild(guild.id)
        assert seen is not None
        assert len(seen.members) == 10_002
        online = sum(member.status is discord.Status.online for member in seen.members)
        assert online == 1_000
        asked = await seen.query_members(user_ids=people[:50], limit=50, presences=True)
        assert {member.id for member in asked} == set(people[:50])
        nobody = await seen.query_members(user_ids=[1, 2])
        assert nobody == []


@pytest.mark.parametrize("by", ["ids", "name"])
async def test_at_most_a_hundred_members_are_sent_to_who_asks_for_some(by: str) -> None:
    async with town() as here:
        people = here.world.add_crowd(here.guild.id, 150)
        asked: dict[str, Any] = {"user_ids": people} if by == "ids" else {"query": "member"}
        socket = here.bot._get_websocket(here.guild.id)
        await socket.request_chunks(here.guild.id, limit=0, nonce="n", **asked)

        def answers() -> list[Any]:
            sent = [entry[2] for entry in here.world.transcript if entry[1] == "GUILD_MEMBERS_CHUNK"]
            return [chunk for chunk in sent if chunk.get("nonce") == "n"]

        await here.world.until(answers)
        assert [len(chunk["members"]) for chunk in answers()] == [100]


async def test_members_of_roles_are_counted_without_a_cache() -> None:
    async with town() as here:
        role = here.world.create_role(here.guild.id, "Sailor")
        here.world.add_crowd(here.guild.id, 30, role_ids=[role.id])
        counts = await here.seen_guild.role_member_counts()
        assert {one.id: number for one, number in counts.items()}[role.id] == 30
        assert [
            request.status for request in here.world.requests("GET", "/guilds/{id}/roles/member-counts")
        ] == [200]
