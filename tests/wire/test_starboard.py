"""The starboard over a real wire: stars at the same moment, lost answers, deaths between a post and its record."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import discord

from bot.sandbox.world import Message, RouteLimit, User
from cogs.serverstats.starboard.board_wishes import BoardWishes
from cogs.serverstats.starboard.service import StarboardService
from storage.starboard_records import Board
from tests.cogs.serverstats.starboard.stage import starboard_of
from tests.wire.town import Town, town

STAR = "⭐"
POSTS = "/channels/{id}/messages"
POST = "/channels/{id}/messages/{message}"
THRESHOLD = 3


class Square:
    """A town with a board, and a crowd that stars."""

    def __init__(self, here: Town) -> None:
        self.here = here
        self.world = here.world
        self.channel = here.channel
        self.board_channel = here.world.create_channel(here.guild.id, "starboard")
        self.crowd: list[User] = [here.old_member(f"fan{number}") for number in range(6)]

    @property
    def service(self) -> StarboardService:
        """The use cases of the bot that is running."""
        return starboard_of(self.here.client)

    async def enable(self) -> Board:
        """Enable the module and make the board."""
        await self.service.module.enable(self.here.guild.id)
        self.quicken()
        return await self.add_board(self.board_channel.id)

    async def add_board(self, channel_id: int, **wishes: Any) -> Board:
        """Make a board in a channel that the bot knows by now."""
        await self.world.until(lambda: self.here.client.get_channel(channel_id))
        wanted = BoardWishes(channel_id=channel_id, **({"threshold": THRESHOLD} | wishes))
        return await self.service.create_board(self.here.guild.id, wanted)

    def quicken(self) -> None:
        """Let posts rest only shortly between two edits."""
        self.service.engine.pace_seconds = 0.05

    async def restart(self) -> None:
        """Stop the bot and start it on the same database."""
        await self.here.stop()
        await self.here.start()
        self.quicken()

    def say(self, content: str = "hello") -> Message:
        """Let ada write."""
        return self.world.say(self.channel.id, self.here.ada.id, content)

    def star(self, message: Message, count: int = THRESHOLD) -> None:
        """Let exactly so many star a message, all at once."""
        for number, person in enumerate(self.crowd):
            if number < count:
                self.world.react(message, person.id, STAR)
            else:
                self.world.unreact(message, person.id, STAR)

    def posts(self, channel_id: int | None = None) -> list[Message]:
        """Return what stands on the board."""
        stored = self.world.messages.get(channel_id or self.board_channel.id, {}).values()
        return [message for message in stored if message.author_id == self.world.bot_user.id]

    def shows(self, stars: int) -> bool:
        """Whether there is one post, and it shows so many stars."""
        return len(self.posts()) == 1 and f"**{stars}**" in self.posts()[0].content

    def states(self) -> list[str]:
        """Return the states of all entries on record."""
        return [state for (state,) in self.here.execute("SELECT state FROM starboard_entries")]

    async def until_posted(self, number: int = 1) -> None:
        """Wait until so many posts are made and on record."""
        await self.world.until(lambda: self.states().count("posted") == number, 15)


@asynccontextmanager
async def square(folder: Path) -> AsyncIterator[Square]:
    """Run a town with a board; failures are tried again soon, and a stop does not wait for answers that never come."""
    with (
        patch("cogs.serverstats.starboard.queue.RETRY_SECONDS", (0.05, 0.1, 0.2)),
        patch("cogs.serverstats.starboard.queue.SETTLE_SECONDS", 0.05),
    ):
        async with town(folder, is_enabled=False) as here:
            place = Square(here)
            await place.enable()
            yield place


async def test_stars_at_the_same_moment_make_one_post(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        here.world.switches.rest_latency_ms = (5, 30)
        messages = [here.say(f"message {number}") for number in range(5)]
        for message in messages:
            here.star(message, 6)
        await here.until_posted(5)
        assert len(here.posts()) == 5
        assert all("**6**" in post.content for post in here.posts())
        assert len(here.world.requests("POST", POSTS)) == 5


async def test_a_lost_answer_makes_no_second_post(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        here.world.switches.lose_answer("POST", POSTS, times=2)
        here.world.switches.nonce_window_s = 0
        here.star(here.say())
        await here.until_posted()
        assert len(here.posts()) == 1


async def test_a_post_that_only_the_nonce_can_tell_is_not_made_twice(tmp_path: Path) -> None:
    """As when the first request lands only after the search for it."""
    async with square(tmp_path) as here:
        here.world.switches.lose_answer("POST", POSTS)
        here.world.switches.fail("GET", POSTS, status=200, body=[], times=1)
        here.star(here.say())
        await here.until_posted()
        assert len(here.world.requests("POST", POSTS)) == 2
        assert len(here.posts()) == 1


async def test_a_death_between_the_post_and_its_record_makes_no_second_post(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        here.world.switches.nonce_window_s = 0
        held = here.world.switches.hold_answer("POST", POSTS)
        message = here.say()
        here.star(message)
        await here.world.until(lambda: held.taken and here.posts())
        assert here.states() == ["posting"]
        await here.restart()
        held.release()
        await here.until_posted()
        here.star(message, 5)
        await here.world.until(lambda: here.shows(5))
        assert len(here.posts()) == 1


async def test_a_death_before_the_post_makes_it_in_the_next_life(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        fault = here.world.switches.fail("POST", POSTS, drop_connection=True, times=None)
        here.star(here.say())
        await here.world.until(lambda: here.world.requests("POST", POSTS))
        assert here.states() == ["posting"]
        await here.here.stop()
        fault.times = 0
        await here.here.start()
        await here.until_posted()
        assert len(here.posts()) == 1


async def test_what_lost_its_stars_while_the_bot_was_dead_leaves_no_post(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        held = here.world.switches.hold_answer("POST", POSTS)
        message = here.say()
        here.star(message)
        await here.world.until(lambda: held.taken and here.posts())
        await here.here.stop()
        held.release()
        here.star(message, 1)
        await here.here.start()
        await here.world.until(lambda: not here.posts())
        await here.world.until(lambda: here.states() == ["waiting"])


async def test_a_death_during_the_removal_ends_in_one_post_when_the_stars_come_back(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        message = here.say()
        here.star(message)
        await here.until_posted()
        held = here.world.switches.hold_answer("DELETE", POST)
        here.star(message, 1)
        await here.world.until(lambda: held.taken)
        assert here.states() == ["removing"]
        await here.here.stop()
        held.release()
        here.star(message, 4)
        await here.here.start()
        await here.until_posted()
        assert here.shows(4)


async def test_below_and_back_makes_a_new_post_although_discord_remembers_the_old_nonce(
    tmp_path: Path,
) -> None:
    async with square(tmp_path) as here:
        message = here.say()
        for _ in range(3):
            here.star(message)
            await here.world.until(lambda: here.shows(THRESHOLD))
            await here.until_posted()
            here.star(message, 1)
            await here.world.until(lambda: not here.posts())
        here.star(message)
        await here.until_posted()
        assert here.shows(THRESHOLD)
        nonces = [
            (request.json or {})["nonce"]
            for request in here.world.http_requests
            if request.method == "POST" and request.path.endswith("/messages")
        ]
        assert len(set(nonces)) == len(nonces) == 4
        assert all(len(nonce) <= 25 for nonce in nonces)


async def test_bulk_deleted_originals_take_their_posts_along(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        messages = [here.say(f"message {number}") for number in range(4)]
        for message in messages:
            here.star(message)
        await here.until_posted(4)
        here.world.bulk_delete_messages(here.channel.id, [message.id for message in messages[:3]])
        await here.world.until(lambda: len(here.posts()) == 1)
        await here.world.until(lambda: here.states() == ["posted"])


async def test_a_board_whose_channel_goes_while_the_bot_is_away_is_removed(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        here.star(here.say())
        await here.until_posted()
        await here.here.stop()
        here.world.delete_channel(here.board_channel.id)
        await here.here.start()
        await here.world.until(lambda: not here.service.boards_of(here.here.guild.id))
        await here.world.until(lambda: here.here.execute("SELECT * FROM starboard_entries") == [])
        await here.world.until(lambda: not here.service.is_on(here.here.guild.id))


async def test_a_board_that_the_bot_may_not_see_is_not_taken_for_deleted(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        await here.here.stop()
        here.world.set_bot_overwrite(
            here.board_channel.id, discord.PermissionOverwrite(view_channel=False, send_messages=False)
        )
        message = here.say()
        here.star(message)
        await here.here.start()
        here.quicken()
        here.star(message, 4)
        await here.world.until(lambda: here.states() == ["waiting"])
        assert here.posts() == []
        here.world.set_bot_overwrite(here.board_channel.id, discord.PermissionOverwrite())
        await here.world.until(lambda: not here.service.troubles(here.here.seen_guild))
        await here.here.client.parts.scheduler.run_now("starboard retry")
        await here.until_posted()
        assert here.shows(4)


async def test_stars_that_came_while_the_bot_was_away_are_counted(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        message = here.say()
        here.star(message, THRESHOLD - 1)
        await here.world.until(lambda: here.states() == ["waiting"])
        await here.here.stop()
        here.star(message, 5)
        await here.here.start()
        await here.until_posted()
        assert here.shows(5)


async def test_one_guilds_rate_limit_does_not_hold_up_another(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        other = here.world.make_guild("Elsewhere")
        await here.world.until(lambda: here.here.client.get_guild(other.id))
        await here.service.module.enable(other.id)
        place = here.world.first_channel(other.id)
        board_channel = here.world.create_channel(other.id, "starboard")
        await here.world.until(lambda: here.here.client.get_channel(board_channel.id))
        wishes = BoardWishes(channel_id=board_channel.id, threshold=1)
        await here.service.create_board(other.id, wishes)
        # The first post takes the only place of the next minute.
        path = f"/channels/{here.board_channel.id}/messages"
        here.world.switches.route_limits.append(RouteLimit("POST", path, 1, 60))
        for message in [here.say(f"{number} stars") for number in range(3)]:
            here.star(message)
        await here.world.until(lambda: len(here.posts()) == 1)
        fan = here.world.add_person("stranger")
        here.world.add_old_member(other.id, fan.id)
        elsewhere = here.world.say(place.id, fan.id, "hello")
        here.world.react(elsewhere, here.crowd[0].id, STAR)
        await here.world.until(lambda: here.posts(board_channel.id))
        assert len(here.posts()) == 1


async def test_the_post_is_found_among_many_other_messages(tmp_path: Path) -> None:
    """The search goes on over several pages."""
    async with square(tmp_path) as here:
        here.world.switches.nonce_window_s = 0
        held = here.world.switches.hold_answer("POST", POSTS)
        here.star(here.say())
        await here.world.until(lambda: held.taken and here.posts())
        await here.here.stop()
        held.release()
        for number in range(250):
            here.world.say(here.board_channel.id, here.here.ada.id, f"chatter {number}")
        await here.here.start()
        await here.until_posted()
        assert len(here.posts()) == 1


async def test_a_clean_stop_leaves_nothing_under_way(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        with patch("cogs.serverstats.starboard.queue.SETTLE_SECONDS", 5):
            here.world.switches.rest_latency_ms = (20, 40)
            here.star(here.say())
            await here.world.until(lambda: here.states() == ["posting"])
            await here.here.stop()
        assert here.states() == ["posted"]
        assert len(here.posts()) == 1
        await asyncio.sleep(0)


async def test_without_the_message_content_intent_the_post_says_why_it_is_only_a_link(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        await here.here.stop()
        here.world.approved_intents.discard("message_content")
        await here.here.start()
        message = here.say("unreadable")
        here.star(message)
        await here.until_posted()
        shown = f"{here.posts()[0].content} {here.posts()[0].embeds}"
        assert "unreadable" not in shown
        assert "Message Content intent" in shown
        assert str(message.id) in shown
        assert any("Message Content" in trouble for trouble in here.service.troubles(here.here.seen_guild))
