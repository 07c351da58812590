"""Reactions of both types, as a real discord.py client sees them."""

from typing import Any

import discord
import pytest

from bot.sandbox.people import Person
from bot.sandbox.world import Message

from .contract import ContractBot, Town, town

STAR = "⭐"


async def fetched(here: Town, message: Message) -> discord.Message:
    """Return a message as the bot gets it over REST."""
    return await here.bot.get_partial_messageable(message.channel_id).fetch_message(message.id)


async def reactors(here: Town, message: Message, emoji: str = STAR, **query: Any) -> list[int]:
    """Return the ids of those who reacted, in one request."""
    limit, after, kind = query.get("limit", 100), query.get("after"), query.get("type")
    users = await here.bot.http.get_reaction_users(
        message.channel_id, message.id, emoji, limit, after=after, type=kind
    )
    return [int(user["id"]) for user in users]


async def test_a_reaction_names_member_author_and_type() -> None:
    async with town() as here:
        message = here.world.say(here.channel.id, here.ada.id, "nice")
        bob = here.newcomer("bob")
        here.world.add_old_member(here.guild.id, bob.id)
        here.world.react(message, bob.id, STAR)
        here.world.react(message, bob.id, STAR, burst=True)
        here.world.react(message, bob.id, STAR)
        here.world.unreact(message, bob.id, STAR)
        here.world.unreact(message, bob.id, STAR)
        here.world.unreact(message, bob.id, STAR, burst=True)
        await here.world.until(lambda: len(here.bot.seen("raw_reaction_remove")) == 2)
        normal, burst = here.bot.seen("raw_reaction_add")
        assert (normal.burst, burst.burst) == (False, True)
        assert normal.message_author_id == here.ada.id
        assert normal.member is not None
        assert normal.member.id == bob.id
        assert [one.burst for one in here.bot.seen("raw_reaction_remove")] == [False, True]
        # discord.py looks for the colours under a name that Discord does not use.
        sent = [entry[2] for entry in here.world.transcript if entry[1] == "MESSAGE_REACTION_ADD"]
        assert [("burst_colors" in payload, payload["type"]) for payload in sent] == [(False, 0), (True, 1)]
        assert message.reactions == []


async def test_the_count_is_of_both_types_and_one_person_may_be_in_both() -> None:
    async with town() as here:
        message = here.world.say(here.channel.id, here.ada.id, "nice")
        people = here.world.add_crowd(here.guild.id, 3)
        for person in people:
            here.world.react(message, person, STAR)
        here.world.react(message, people[0], STAR, burst=True)
        here.world.react(message, here.ada.id, "🎉", burst=True)
        star, party = (await fetched(here, message)).reactions
        assert (star.count, star.normal_count, star.burst_count) == (4, 3, 1)
        assert (party.count, party.normal_count, party.burst_count) == (1, 0, 1)
        assert await reactors(here, message, type=0) == people
        assert await reactors(here, message, type=1) == people[:1]
        assert await reactors(here, message) == people


async def test_who_reacted_is_paged_by_id() -> None:
    async with town() as here:
        message = here.world.say(here.channel.id, here.ada.id, "nice")
        people = here.world.add_crowd(here.guild.id, 130)
        for person in reversed(people):
            here.world.react(message, person, STAR)
        assert await reactors(here, message, limit=100) == people[:100]
        assert await reactors(here, message, limit=100, after=people[99]) == people[100:]
        assert await reactors(here, message, "👎") == []
        [reaction] = (await fetched(here, message)).reactions
        assert sorted([user.id async for user in reaction.users()]) == people
        with pytest.raises(discord.HTTPException) as refused:
            await reactors(here, message, limit=101)
        assert refused.value.code == 50035


async def test_a_custom_emoji_goes_by_its_id() -> None:
    async with town() as here:
        emoji = here.world.make_emoji(here.guild.id, "boat", animated=True)
        emoji_id = int(emoji.partition(":")[2])
        message = here.world.say(here.channel.id, here.ada.id, "ahoy")
        here.world.react(message, here.ada.id, f"<a:{emoji}>")
        await here.world.until(lambda: here.bot.seen("raw_reaction_add"))
        [seen] = here.bot.seen("raw_reaction_add")
        assert (seen.emoji.id, seen.emoji.name, seen.emoji.animated) == (emoji_id, "boat", True)
        assert await reactors(here, message, f"renamed:{emoji_id}") == [here.ada.id]
        own = await fetched(here, message)
        await own.add_reaction(seen.emoji)
        [reaction] = (await fetched(here, message)).reactions
        assert (reaction.count, reaction.me) == (2, True)
        await own.remove_reaction(seen.emoji, discord.Object(here.ada.id))
        assert message.reactions[0].user_ids == [here.world.bot_user.id]


async def test_removing_all_or_one_emoji_is_one_event() -> None:
    async with town() as here:
        message = here.world.say(here.channel.id, here.ada.id, "nice")
        for emoji in (STAR, "🎉"):
            here.world.react(message, here.ada.id, emoji)
        here.world.clear_reaction(here.channel.id, message.id, STAR)
        assert [reaction.emoji for reaction in message.reactions] == ["🎉"]
        here.world.clear_reactions(here.channel.id, message.id)
        await here.world.until(lambda: here.bot.seen("raw_reaction_clear"))
        [one] = here.bot.seen("raw_reaction_clear_emoji")
        assert (one.emoji.name, one.message_id) == (STAR, message.id)
        assert here.bot.seen("raw_reaction_clear")[0].message_id == message.id
        assert here.bot.seen("raw_reaction_remove") == []
        assert (await fetched(here, message)).reactions == []


async def test_what_is_no_emoji_is_refused() -> None:
    async with town() as here:
        message = await fetched(here, here.world.say(here.channel.id, here.ada.id, "nice"))
        for wrong in ("star", "gone:123456789012345678"):
            with pytest.raises(discord.HTTPException) as refused:
                await message.add_reaction(wrong)
            assert refused.value.code == 10014
        await message.add_reaction("1️⃣")


async def test_a_message_takes_twenty_emoji() -> None:
    async with town() as here:
        message = here.world.say(here.channel.id, here.ada.id, "nice")
        for number in range(20):
            here.world.react(message, here.ada.id, chr(0x1F400 + number))
        seen = await fetched(here, message)
        await seen.add_reaction(chr(0x1F400))
        with pytest.raises(discord.HTTPException) as refused:
            await seen.add_reaction(STAR)
        assert refused.value.code == 30010


async def test_a_person_reacts_as_before() -> None:
    async with town() as here:
        message = here.world.say(here.channel.id, here.ada.id, "nice")
        ada = Person(here.world, here.guild.id, here.ada.id)
        await ada.react(ada.message(here.channel.id, message.id), STAR)
        assert await reactors(here, message) == [here.ada.id]
        await ada.unreact(ada.message(here.channel.id, message.id), STAR)
        assert await reactors(here, message) == []


async def test_reactions_and_votes_need_their_intents() -> None:
    intents = discord.Intents.all()
    intents.reactions = False
    intents.polls = False
    async with town(bot=ContractBot(intents=intents)) as here:
        poll = here.world.ask(here.channel.id, here.ada.id, "Tea?", ["yes", "no"])
        here.world.react(poll, here.ada.id, STAR)
        here.world.add_poll_vote(here.channel.id, poll.id, 1, here.ada.id)
        here.world.say(here.channel.id, here.ada.id, "last")
        await here.world.until(lambda: len(here.bot.seen("message")) == 2)
        assert here.bot.names("raw_reaction_add", "raw_poll_vote_add") == []
