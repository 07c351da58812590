"""The bot is killed while people star: no message is ever on the board twice, and in the end the right ones are on it."""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.sandbox.demo.bot_process import BotProcess, error_lines
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import Message, World
from cogs.serverstats.settings import MODULE, ServerstatsSettings
from cogs.serverstats.starboard.rendering.post import original_id_of
from storage.database import Database
from storage.guild_modules import insert_module
from storage.starboard import upsert_board
from storage.starboard_records import Board

KILLS = int(os.environ.get("HEADCOUNT_TEST_KILLS", "5"))
START_TIMEOUT_S = 30.0
SETTLE_TIMEOUT_S = 60.0
STAR = "⭐"
THRESHOLD = 3
MESSAGES = 12


class StarryGuild:
    """A local Discord where a few messages gain and lose stars all the time, and the bot's process."""

    def __init__(self, world: World, server: SandboxServer, folder: Path, chance: Random) -> None:
        self.world = world
        self.chance = chance
        self.guild = world.make_guild("Harbour")
        self.board_channel = world.create_channel(self.guild.id, "starboard")
        people = [world.add_person(f"fan{number}") for number in range(6)]
        for person in people:
            world.add_old_member(self.guild.id, person.id)
        self.author, *self.crowd = people
        channel = world.first_channel(self.guild.id)
        self.messages = [
            world.say(channel.id, self.author.id, f"message {number}") for number in range(MESSAGES)
        ]
        self.bot = BotProcess(
            folder, api_base=server.api_base, gateway_url=server.gateway_url, token=server.token
        )
        self.posted = 0
        self.twice: list[int] = []
        world.subscribers.append(self._take_event)

    async def enable(self) -> None:
        """Put the board on record before the bot runs for the first time."""
        now_ms = SystemClock().now_ms()
        settings = ServerstatsSettings(starboard_enabled=True)
        board = Board(
            guild_id=self.guild.id,
            board_id=1,
            name="starboard",
            channel_id=self.board_channel.id,
            emoji=STAR,
            threshold=THRESHOLD,
            counts_self_stars=False,
        )
        database = await Database.open(self.bot.data_path, now_ms=now_ms)
        try:
            async with database.write() as tx:
                await insert_module(tx, self.guild.id, MODULE, now_ms, settings.model_dump_json())
                await upsert_board(tx, board)
        finally:
            await database.close()

    async def live(self) -> None:
        """Let stars come and go until cancelled."""
        while True:
            message = self.chance.choice(self.messages)
            act = self.world.react if self.chance.random() < 0.6 else self.world.unreact
            for person in self.chance.sample(self.crowd, self.chance.randrange(1, 4)):
                act(message, person.id, STAR)
            await asyncio.sleep(self.chance.uniform(0.005, 0.08))

    async def posts_made(self, number: int) -> None:
        """Wait until so many posts were made in all."""
        await self.world.until(lambda: self.posted >= number, START_TIMEOUT_S)

    async def identified(self, number: int) -> None:
        """Wait until the bot has identified so often."""
        await self.world.until(lambda: self.world.identifies >= number, START_TIMEOUT_S)

    def stars(self, message: Message) -> int:
        """Return how many stars of a message count in truth."""
        reaction = self.world.find_reaction(message, STAR)
        return len({*reaction.user_ids} - {self.author.id}) if reaction is not None else 0

    def touch_all(self) -> None:
        """Let the author star everything, which counts for nothing, but is seen.

        A message whose first stars all came while the bot was dead is not known to it until then.
        """
        for message in self.messages:
            self.world.react(message, self.author.id, STAR)

    def on_board(self) -> Counter[int]:
        """Return how many posts each message has."""
        posts = self.world.messages.get(self.board_channel.id, {}).values()
        return Counter(original_id_of({"embeds": post.embeds}) or 0 for post in posts)

    def is_settled(self) -> bool:
        """Whether the board shows what it should, with the right numbers."""
        wanted = {message.id: self.stars(message) for message in self.messages}
        wanted = {message_id: stars for message_id, stars in wanted.items() if stars >= THRESHOLD}
        posts = self.world.messages.get(self.board_channel.id, {}).values()
        shown = {original_id_of({"embeds": post.embeds}): post.content for post in posts}
        return shown.keys() == wanted.keys() and all(
            f"**{stars}**" in shown[message_id] for message_id, stars in wanted.items()
        )

    def _take_event(self, name: str, payload: Mapping[str, Any]) -> None:
        if name == "MESSAGE_CREATE" and int(payload["channel_id"]) == self.board_channel.id:
            self.posted += 1
            self.twice += [message_id for message_id, posts in self.on_board().items() if posts > 1]


@pytest.mark.faults
@pytest.mark.timeout(120 + 12 * KILLS)
async def test_killing_the_bot_puts_no_message_on_the_board_twice(tmp_path: Path) -> None:
    world = World()
    world.switches.rest_latency_ms = (5, 60)
    # Only the history can tell then; that the nonce does its part is proved elsewhere.
    world.switches.nonce_window_s = 0
    async with SandboxServer(world) as server:
        guild = StarryGuild(world, server, tmp_path, Random())
        await guild.enable()
        try:
            await guild.bot.start()
            await world.until(lambda: world.identifies, START_TIMEOUT_S)
            await live_through_kills(guild)
            guild.touch_all()
            await world.until(guild.is_settled, SETTLE_TIMEOUT_S)
        finally:
            has_stopped = await guild.bot.stop()

    print(f"\n{KILLS} kills: {guild.posted} posts were made, {len(guild.twice)} of them twice.")
    assert has_stopped
    assert world.gaps == []
    assert guild.twice == []
    assert guild.posted
    assert error_lines(guild.bot.log_lines()) == ()


async def live_through_kills(guild: StarryGuild) -> None:
    """Kill and restart the running bot again and again while people star; it runs in the end."""
    life = asyncio.create_task(guild.live())
    try:
        for kill in range(KILLS):
            # Most are killed right after a post, before its answer is on record.
            await guild.posts_made(guild.posted + 1)
            await asyncio.sleep(guild.chance.choice((0, 0, 0.01, 0.05)))
            guild.bot.require_alive()
            await guild.bot.kill()
            identifies = guild.world.identifies
            await guild.bot.start()
            if kill % 4 or kill == KILLS - 1:
                await guild.identified(identifies + 1)
        assert not life.done()
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
