"""Messages of people and webhooks, threads, forwards and polls, as a real discord.py client sees them."""

from typing import Any

import discord
import pytest

from bot.sandbox.world import Message, SentFile, World

from .contract import ContractBot, Town, town


async def seen_message(here: Town, message: Message) -> discord.Message:
    """Return a message as the bot got it from the gateway."""

    def found() -> Any:
        return next((one for one in here.bot.seen("message") if one.id == message.id), None)

    seen = await here.world.until(found)
    assert isinstance(seen, discord.Message)
    return seen


async def fetched(here: Town, message: Message) -> discord.Message:
    """Return a message as the bot gets it over REST."""
    return await here.bot.get_partial_messageable(message.channel_id).fetch_message(message.id)


async def test_a_message_shows_its_files_stickers_and_author() -> None:
    async with town() as here:
        picture = SentFile("cat.png", b"\x89png", width=640, height=480)
        secret = SentFile("end.mp4", spoiler=True, description="how it ends")
        message = here.world.say(
            here.channel.id, here.ada.id, "look", files=[picture, secret], stickers=["wave"]
        )
        for seen in (await seen_message(here, message), await fetched(here, message)):
            assert (seen.content, seen.author.id) == ("look", here.ada.id)
            shown, hidden = seen.attachments
            assert (shown.filename, shown.width, shown.content_type) == ("cat.png", 640, "image/png")
            assert not shown.is_spoiler()
            assert (hidden.filename, hidden.description) == ("SPOILER_end.mp4", "how it ends")
            assert hidden.is_spoiler()
            assert hidden.flags.spoiler
            assert [sticker.name for sticker in seen.stickers] == ["wave"]
            assert seen.reactions == []
        assert await shown.read() == b"\x89png"


async def test_an_answer_refers_to_its_message_even_when_that_is_gone() -> None:
    async with town() as here:
        first = here.world.say(here.channel.id, here.ada.id, "first")
        answer = here.world.say(here.channel.id, here.ada.id, "answer", reply_to=first)
        seen = await fetched(here, answer)
        assert seen.type is discord.MessageType.reply
        assert seen.reference is not None
        assert isinstance(seen.reference.resolved, discord.Message)
        assert seen.reference.resolved.content == "first"
        here.world.delete_message(here.channel.id, first.id)
        seen = await fetched(here, answer)
        assert seen.reference is not None
        assert isinstance(seen.reference.resolved, discord.DeletedReferencedMessage)
        assert seen.reference.guild_id == here.guild.id


async def test_an_edit_and_a_preview_are_updates_but_only_the_edit_has_a_time() -> None:
    async with town() as here:
        message = here.world.say(here.channel.id, here.ada.id, "https://example.org")
        here.world.unfurl(message, [{"type": "link", "url": "https://example.org", "title": "Example"}])
        here.world.edit_message(here.channel.id, message.id, {"content": "never mind"})
        await here.world.until(lambda: len(here.bot.seen("raw_message_edit")) == 2)
        preview, edit = (event.data for event in here.bot.seen("raw_message_edit"))
        assert preview["edited_timestamp"] is None
        assert preview["embeds"][0]["title"] == "Example"
        assert edit["edited_timestamp"] is not None
        assert edit["content"] == "never mind"


async def test_the_history_after_a_message_begins_right_after_it() -> None:
    async with town() as here:
        ids = [here.world.say(here.channel.id, here.ada.id, str(number)).id for number in range(250)]
        get = here.bot.http.logs_from
        page = await get(here.channel.id, 3, after=ids[9])
        assert [int(message["id"]) for message in page] == [ids[12], ids[11], ids[10]]
        assert await get(here.channel.id, 3, after=ids[-1]) == []
        channel = text_channel(here)
        later = [one.id async for one in channel.history(after=discord.Object(ids[9]), limit=None)]
        assert later == ids[10:]
        newest = [one.id async for one in channel.history(limit=2)]
        assert newest == [ids[-1], ids[-2]]


async def test_a_bulk_deletion_names_ids_only() -> None:
    async with town() as here:
        ids = [here.world.say(here.channel.id, here.ada.id, text).id for text in "abc"]
        here.world.delete_message(here.channel.id, ids[0])
        here.world.bulk_delete_messages(here.channel.id, ids[1:])
        await here.world.until(lambda: here.bot.seen("raw_bulk_message_delete"))
        [bulk] = here.bot.seen("raw_bulk_message_delete")
        [single] = here.bot.seen("raw_message_delete")
        assert (bulk.message_ids, bulk.guild_id) == (set(ids[1:]), here.guild.id)
        assert single.message_id == ids[0]
        names = [entry[1] for entry in here.world.transcript if entry[0] == "GATEWAY"]
        assert names.count("MESSAGE_DELETE_BULK") == 1


async def test_a_webhook_is_the_author_of_its_message_and_no_member() -> None:
    async with town() as here:
        message = here.world.post_by_webhook(here.channel.id, "Ticker", "up")
        again = here.world.post_by_webhook(here.channel.id, "Ticker", "down")
        seen = await seen_message(here, message)
        assert seen.webhook_id == seen.author.id
        assert seen.author.name == "Ticker"
        assert seen.author.bot
        assert not isinstance(seen.author, discord.Member)
        assert (await seen_message(here, again)).webhook_id == seen.webhook_id


async def test_a_forward_carries_a_snapshot_without_an_author() -> None:
    async with town() as here:
        other = here.world.text_channel(here.guild.id, "other")
        source = here.world.say(here.channel.id, here.ada.id, "the news", files=[SentFile("a.png")])
        forward = here.world.forward(source, other.id, here.ada.id)
        for seen in (await seen_message(here, forward), await fetched(here, forward)):
            assert seen.content == ""
            assert seen.flags.forwarded
            [snapshot] = seen.message_snapshots
            assert (snapshot.content, snapshot.attachments[0].filename) == ("the news", "a.png")
            assert seen.reference is not None
            assert seen.reference.type is discord.MessageReferenceType.forward


async def test_a_message_of_components_has_neither_content_nor_embeds() -> None:
    async with town() as here:
        text = {"type": 10, "content": "all in components"}
        message = here.world.say(
            here.channel.id, here.bot.user.id if here.bot.user else 0, components=[text], flags=1 << 15
        )
        seen = await fetched(here, message)
        assert (seen.content, seen.embeds) == ("", [])
        [shown] = seen.components
        assert isinstance(shown, discord.TextDisplay)
        assert shown.content == "all in components"


async def test_a_thread_from_a_message_begins_with_a_reference_to_it() -> None:
    async with town() as here:
        message = here.world.say(here.channel.id, here.ada.id, "let us talk")
        thread = here.world.start_thread(here.channel.id, here.ada.id, "talk", message=message)
        assert thread.id == message.id
        inside = here.world.say(thread.id, here.ada.id, "inside")
        seen = await seen_message(here, inside)
        assert isinstance(seen.channel, discord.Thread)
        assert seen.channel.parent_id == here.channel.id
        [starter] = [one for one in here.bot.seen("message") if one.channel.id == thread.id][:1]
        assert starter.type is discord.MessageType.thread_starter_message
        assert starter.content == ""
        assert starter.reference is not None
        assert starter.reference.resolved.content == "let us talk"
        assert (await fetched(here, message)).flags.has_thread


async def test_a_thread_without_a_message_is_announced_in_its_channel() -> None:
    async with town() as here:
        thread = here.world.start_thread(here.channel.id, here.ada.id, "talk")
        await here.world.until(lambda: here.bot.seen("message"))
        [announced] = here.bot.seen("message")
        assert announced.type is discord.MessageType.thread_created
        assert announced.channel.id == here.channel.id
        assert here.world.messages[thread.id] == {}


async def test_a_forum_post_is_a_thread_with_the_id_of_its_first_message() -> None:
    async with town() as here:
        forum = here.world.forum_channel(here.guild.id, "help")
        message = here.world.post_in_forum(
            forum.id, here.ada.id, "How?", "like this", files=[SentFile("a.png")]
        )
        assert message.id == message.channel_id
        seen = await seen_message(here, message)
        assert isinstance(seen.channel, discord.Thread)
        assert isinstance(seen.channel.parent, discord.ForumChannel)
        assert len((await fetched(here, message)).attachments) == 1


async def test_without_the_content_intent_content_is_blank_on_both_ways() -> None:
    intents = discord.Intents.all()
    intents.message_content = False
    world = World()
    world.approved_intents.discard("message_content")
    async with town(world=world, bot=ContractBot(intents=intents)) as here:
        embed = {"type": "rich", "title": "hidden"}
        message = here.world.say(
            here.channel.id, here.ada.id, "secret", files=[SentFile("a.png")], embeds=[embed]
        )
        poll = here.world.ask(here.channel.id, here.ada.id, "Tea?", ["yes", "no"])
        forward = here.world.forward(message, here.channel.id, here.ada.id)
        assert here.bot.user is not None
        mention = here.world.say(here.channel.id, here.ada.id, f"<@{here.bot.user.id}> hello")
        own = await text_channel(here).send("mine")
        for read in (seen_message, fetched):
            seen = await read(here, message)
            assert (seen.content, seen.embeds, seen.attachments) == ("", [], [])
            assert seen.author.id == here.ada.id
            assert (await read(here, poll)).poll is None
            [snapshot] = (await read(here, forward)).message_snapshots
            assert (snapshot.content, snapshot.attachments) == ("", [])
            assert (await read(here, mention)).content.endswith("hello")
        assert (await text_channel(here).fetch_message(own.id)).content == "mine"


async def test_a_session_without_content_may_still_read_it_over_rest_if_the_application_may() -> None:
    intents = discord.Intents.all()
    intents.message_content = False
    async with town(bot=ContractBot(intents=intents)) as here:
        message = here.world.say(here.channel.id, here.ada.id, "secret")
        assert (await seen_message(here, message)).content == ""
        assert (await fetched(here, message)).content == "secret"


async def test_votes_of_a_poll_are_one_event_for_each_answer() -> None:
    async with town() as here:
        poll = here.world.ask(here.channel.id, here.ada.id, "Which?", ["red", "blue"], several=True)
        here.world.add_poll_vote(here.channel.id, poll.id, 1, here.ada.id)
        here.world.add_poll_vote(here.channel.id, poll.id, 2, here.ada.id)
        here.world.remove_poll_vote(here.channel.id, poll.id, 1, here.ada.id)
        await here.world.until(lambda: here.bot.seen("raw_poll_vote_remove"))
        assert [vote.answer_id for vote in here.bot.seen("raw_poll_vote_add")] == [1, 2]
        [removed] = here.bot.seen("raw_poll_vote_remove")
        assert (removed.answer_id, removed.user_id, removed.guild_id) == (1, here.ada.id, here.guild.id)
        seen = await fetched(here, poll)
        assert seen.poll is not None
        assert [answer.vote_count for answer in seen.poll.answers] == [0, 1]


@pytest.mark.parametrize("by_hand", [True, False])
async def test_a_closed_poll_is_updated_and_its_result_is_a_message(by_hand: bool) -> None:
    async with town() as here:
        poll = here.world.ask(here.channel.id, here.ada.id, "Which?", ["red", "blue"])
        here.world.add_poll_vote(here.channel.id, poll.id, 2, here.ada.id)
        (here.world.close_poll if by_hand else here.world.let_poll_run_out)(poll)
        here.world.close_poll(poll)
        await here.world.until(lambda: len(here.bot.seen("message")) == 2)
        [update] = here.bot.seen("raw_message_edit")
        assert update.data["poll"]["results"]["is_finalized"]
        result = here.bot.seen("message")[1]
        assert result.type is discord.MessageType.poll_result
        assert result.reference.message_id == poll.id
        values = {field.name: field.value for field in result.embeds[0].fields}
        assert values["victor_answer_text"] == "blue"
        assert values["total_votes"] == "1"
        seen = await fetched(here, poll)
        assert seen.poll is not None
        assert seen.poll.is_finalised()
        assert seen.poll.expires_at is not None
        assert (seen.poll.expires_at > result.created_at) == by_hand


def text_channel(here: Town) -> discord.TextChannel:
    """Return the town's channel as the bot has it."""
    found = here.bot.get_channel(here.channel.id)
    assert isinstance(found, discord.TextChannel)
    return found
