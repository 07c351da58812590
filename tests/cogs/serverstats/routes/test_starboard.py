"""The starboard over HTTP: whoever reports something, the bot looks for itself."""

from datetime import datetime
from typing import Any

import discord
import pytest

from bot.sandbox.world import Message
from bot.web.callers import Right
from cogs.serverstats.starboard.board_wishes import BoardWishes
from tests.cogs.serverstats.routes.outside import Outside

STAR = "⭐"
NOBODYS_ID = 175928847299117063
NO_CHANNEL = "422 Unprocessable Entity! This server has no such channel, or I do not see it."


class Sky:
    """A server with a board of two stars in the second channel."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.world = outside.world
        self.channel = outside.place.channel
        self.board_channel = outside.place.other_channel

    def say(self) -> Message:
        """Let the member write in the first channel."""
        return self.world.say(self.channel.id, self.outside.place.member.id, "hello")

    def star(self, message: Message) -> None:
        """Let two people star a message of which the bot hears nothing."""
        with self.outside.silently():
            for who in (self.outside.place.admin, self.outside.place.manager):
                self.world.react(message, who.id, STAR)

    def fields(self, message: Message) -> dict[str, Any]:
        """Return what tells of a message."""
        return {"channel_id": str(self.channel.id), "message_id": str(message.id)}

    def posts(self) -> list[Message]:
        """Return what the bot has posted on the board."""
        stored = self.world.messages.get(self.board_channel.id, {}).values()
        return [message for message in stored if message.author_id == self.world.bot_user.id]

    def looks(self, message: Message) -> int:
        """Return how often Discord was asked for a message."""
        path = f"/channels/{self.channel.id}/messages/{message.id}"
        return sum(request.method == "GET" and request.path == path for request in self.world.http_requests)


@pytest.fixture
async def sky(outside: Outside) -> Sky:
    """A server with a board of two stars."""
    sky = Sky(outside)
    wishes = BoardWishes(channel_id=sky.board_channel.id, threshold=2)
    await outside.starboard.create_board(outside.guild_id, wishes)
    await outside.place.env.settle()
    return sky


async def test_a_message_with_enough_stars_is_posted_and_its_entry_is_answered(sky: Sky) -> None:
    message = sky.say()
    sky.star(message)
    [entry] = await sky.outside.send("POST", "/starboard/add", **sky.fields(message))
    [post] = sky.posts()
    now_ms = sky.outside.place.clock.now_ms()
    begun = datetime.fromisoformat(entry.pop("monitoring_start"))
    assert abs(begun.timestamp() * 1000 - now_ms) < 60_000
    assert list(entry.items()) == [
        ("id", post.id),
        ("guild_id", str(sky.outside.guild_id)),
        ("original_message_id", str(message.id)),
        ("starboard_message_id", str(post.id)),
    ]


async def test_a_message_that_lost_its_stars_is_taken_down(sky: Sky) -> None:
    message = sky.say()
    sky.star(message)
    await sky.outside.send("POST", "/starboard/add", **sky.fields(message))
    with sky.outside.silently():
        sky.world.unreact(message, sky.outside.place.admin.id, STAR)
    assert await sky.outside.send("POST", "/starboard/remove", **sky.fields(message)) == []
    assert sky.posts() == []


async def test_nobody_can_say_that_a_message_has_stars(sky: Sky) -> None:
    message = sky.say()
    assert await sky.outside.send("POST", "/starboard/add", **sky.fields(message)) == []
    assert sky.posts() == []
    # Nor that one has none.
    sky.star(message)
    assert len(await sky.outside.send("POST", "/starboard/remove", **sky.fields(message))) == 1
    assert len(sky.posts()) == 1


async def test_a_hundred_calls_about_one_message_share_their_looks(sky: Sky) -> None:
    message = sky.say()
    sky.star(message)
    before = sky.looks(message)
    answers = await sky.outside.at_once("POST", "/starboard/add", *[sky.fields(message)] * 100)
    assert all(answer == answers[0] and len(answer) == 1 for answer in answers)
    assert len(sky.posts()) == 1
    # One that was under way when most of them came, and one for those.
    assert 1 <= sky.looks(message) - before <= 2


async def test_a_message_of_another_server_is_not_looked_at(sky: Sky) -> None:
    elsewhere = sky.outside.place.env.create_guild("Elsewhere")
    channel = elsewhere.create_text_channel("secrets")
    await sky.outside.place.env.settle()
    message = sky.world.say(channel.id, sky.world.bot_user.id, "secret")
    sky.star(message)
    fields = {"channel_id": channel.id, "message_id": message.id}
    for path in ("/starboard/add", "/starboard/remove"):
        assert await sky.outside.refused("POST", path, **fields) == NO_CHANNEL
        nowhere = {"channel_id": NOBODYS_ID, "message_id": message.id}
        assert await sky.outside.refused("POST", path, **nowhere) == NO_CHANNEL
    assert sky.posts() == []
    # Where it belongs is known: Discord need not be asked.
    assert not any(f"/channels/{channel.id}" in request.path for request in sky.world.http_requests)


async def test_a_thread_of_another_server_that_is_in_no_cache_is_not_looked_at(sky: Sky) -> None:
    elsewhere = sky.outside.place.env.create_guild("Elsewhere")
    with sky.outside.silently():
        channel = sky.world.text_channel(elsewhere.id, "unheard-of")
    fields = {"channel_id": channel.id, "message_id": 5}
    assert sky.outside.place.client.get_channel(channel.id) is None
    assert await sky.outside.refused("POST", "/starboard/add", **fields) == NO_CHANNEL


async def test_a_channel_of_this_server_that_is_in_no_cache_is_asked_for(sky: Sky) -> None:
    with sky.outside.silently():
        channel = sky.world.text_channel(sky.outside.guild_id, "unheard-of")
        message = sky.world.say(channel.id, sky.outside.place.member.id, "hello")
    fields = {"channel_id": channel.id, "message_id": message.id}
    assert await sky.outside.send("POST", "/starboard/add", **fields) == []


async def test_where_a_channel_is_is_asked_once_for_all_who_wait(sky: Sky) -> None:
    with sky.outside.silently():
        channel = sky.world.text_channel(sky.outside.guild_id, "unheard-of")
        message = sky.world.say(channel.id, sky.outside.place.member.id, "hello")
    fields = {"channel_id": channel.id, "message_id": message.id}
    await sky.outside.at_once("POST", "/starboard/add", *[fields] * 50)
    paths = [request.path for request in sky.world.http_requests]
    assert 1 <= paths.count(f"/channels/{channel.id}") <= 2


async def test_a_message_that_does_not_exist_has_no_entries(sky: Sky) -> None:
    fields = {"channel_id": sky.channel.id, "message_id": NOBODYS_ID}
    assert await sky.outside.send("POST", "/starboard/add", **fields) == []


async def test_a_starboard_that_is_off_is_not_looked_after(sky: Sky) -> None:
    await sky.outside.starboard.set_enabled(sky.outside.guild_id, enabled=False)
    message = sky.say()
    for path in ("/starboard/add", "/starboard/remove"):
        refusal = await sky.outside.refused("POST", path, **sky.fields(message))
        assert refusal.startswith("409 ModuleDisabledError! The starboard is turned off")
    refusal = await sky.outside.refused("POST", "/starboard/check/deleted-message", message_id=message.id)
    assert refusal.startswith("409 ModuleDisabledError! The starboard is turned off")


async def test_nobody_can_say_that_a_post_is_gone(sky: Sky) -> None:
    message = sky.say()
    sky.star(message)
    [entry] = await sky.outside.send("POST", "/starboard/add", **sky.fields(message))
    post_id = entry["starboard_message_id"]
    path = "/starboard/check/deleted-message"
    assert await sky.outside.refused("POST", path, message_id=post_id) == (
        f"422 Unprocessable Entity! The message {post_id} still exists."
    )
    assert await sky.outside.send("POST", "/starboard/add", **sky.fields(message)) == [entry]


async def test_a_post_that_is_gone_is_forgotten_and_does_not_come_back(sky: Sky) -> None:
    message = sky.say()
    sky.star(message)
    await sky.outside.send("POST", "/starboard/add", **sky.fields(message))
    [post] = sky.posts()
    with sky.outside.silently():
        sky.world.delete_message(sky.board_channel.id, post.id)
    path = "/starboard/check/deleted-message"
    assert await sky.outside.send("POST", path, message_id=post.id) == {}
    assert await sky.outside.send("POST", "/starboard/add", **sky.fields(message)) == []
    assert sky.posts() == []
    assert await sky.outside.send("POST", path, message_id=post.id) == {}


async def test_the_post_of_an_original_that_is_gone_is_taken_down(sky: Sky) -> None:
    message = sky.say()
    sky.star(message)
    await sky.outside.send("POST", "/starboard/add", **sky.fields(message))
    path = "/starboard/check/deleted-message"
    assert await sky.outside.send("POST", path, message_id=message.id) == {}
    assert len(sky.posts()) == 1
    with sky.outside.silently():
        sky.world.delete_message(sky.channel.id, message.id)
    assert await sky.outside.send("POST", path, message_id=message.id) == {}
    assert sky.posts() == []


async def test_a_board_goes_only_when_discord_says_that_its_channel_is_gone(sky: Sky) -> None:
    path = "/starboard/check/delete"
    channel_id = sky.board_channel.id
    assert await sky.outside.refused("POST", path, channel_id=channel_id) == (
        f"422 Unprocessable Entity! The channel {channel_id} still exists."
    )
    assert await sky.outside.send("POST", path, channel_id=NOBODYS_ID) == {}
    with sky.outside.silently():
        sky.world.delete_channel(channel_id)
    assert await sky.outside.send("POST", path, channel_id=channel_id) == {}
    assert sky.outside.starboard.boards_of(sky.outside.guild_id) == ()
    assert (await sky.outside.get("/settings"))["starboard_enabled"] is False


async def test_a_key_for_intake_alone_will_do(sky: Sky) -> None:
    message = sky.say()
    key = await sky.outside.api.make_key(Right.INTAKE)
    path = "/modules/serverstats/starboard/add"
    assert await sky.outside.api.data("POST", path, body=sky.fields(message), key=key) == []


async def test_what_discord_does_not_answer_is_told_and_looked_at_again(sky: Sky) -> None:
    message = sky.say()
    sky.star(message)
    env = sky.outside.place.env
    env.inject_error("GET", f"/channels/{sky.channel.id}/messages/{message.id}", status=400, message="No")
    assert await sky.outside.refused("POST", "/starboard/add", **sky.fields(message)) == (
        "502 DiscordApiInteractionError! Discord did not answer; the message will be looked at again soon."
    )
    await env.advance_time(60)
    assert len(sky.posts()) == 1


async def test_a_channel_that_may_not_be_read_says_nothing(sky: Sky) -> None:
    message = sky.say()
    sky.star(message)
    sky.world.set_bot_overwrite(sky.channel.id, discord.PermissionOverwrite(view_channel=False))
    assert await sky.outside.send("POST", "/starboard/add", **sky.fields(message)) == []
    assert sky.posts() == []
