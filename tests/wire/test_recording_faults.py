"""The bot is killed while two thousand events a second come in: little is lost, nothing counts twice, no post comes twice."""

import asyncio
import os
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.sandbox.demo.bot_process import BotProcess, error_lines
from bot.sandbox.flood import FRESH_ID, Flood, SentEvent, Template
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import Message, User, World
from cogs.serverstats.settings import MODULE, ServerstatsSettings
from cogs.serverstats.starboard.rendering.post import original_id_of
from storage.database import Database
from storage.guild_modules import insert_module
from storage.starboard import upsert_board
from storage.starboard_records import Board
from storage.statistics.catalogue import MESSAGES_SENT, Group
from storage.statistics.record_ids import time_ms_of
from tests.cogs.serverstats.statistics.histories import rollups_by_the_records, stored_rollups

KILLS = int(os.environ.get("HEADCOUNT_TEST_KILLS", "5"))
START_TIMEOUT_S = 30.0
SETTLE_TIMEOUT_S = 60.0
EVENTS_PER_SECOND = 2000
PEOPLE = 40
STAR = "⭐"
THRESHOLD = 2
AFTER_ALL = 3
"""So many messages at least come, and so many are starred, when no more kill does."""
LOST_MOST_MS = 3_000
"""What a crash may cost is one flush interval, 250 ms, and what a busy machine lets wait to be read."""


@dataclass
class BusyServer:
    """A local Discord in which people write and star without end, and the bot's process."""

    world: World
    server: SandboxServer
    bot: BotProcess
    chance: Random

    def __post_init__(self) -> None:
        self.guild = self.world.make_guild("Harbour")
        self.talk = self.world.first_channel(self.guild.id)
        self.board = self.world.text_channel(self.guild.id, "board")
        self.people: list[User] = [self.world.add_person(f"person{n}") for n in range(PEOPLE)]
        for person in self.people:
            self.world.add_old_member(self.guild.id, person.id)
        self.starred: list[Message] = []

    async def enable(self) -> None:
        """Switch everything on before the bot runs for the first time."""
        settings = ServerstatsSettings(enabled_groups=frozenset(Group), starboard_enabled=True)
        now_ms = SystemClock().now_ms()
        database = await Database.open(self.bot.data_path, now_ms=now_ms)
        try:
            async with database.write() as tx:
                await insert_module(tx, self.guild.id, MODULE, now_ms, settings.model_dump_json())
                board = Board(self.guild.id, 1, "board", self.board.id, STAR, THRESHOLD, False)
                await upsert_board(tx, board)
        finally:
            await database.close()

    def make_flood(self) -> Flood:
        """Return a flood of messages of everybody."""
        return self.server.flood(
            [
                Template("MESSAGE_CREATE", message_payload(self.guild.id, self.talk.id, person.id))
                for person in self.people
            ]
        )

    async def star_messages(self) -> None:
        """Let people write messages and star them, some at the same moment, until cancelled."""
        while True:
            author, *fans = self.chance.sample(self.people, 4)
            message = self.world.say(self.talk.id, author.id, "a good one")
            self.starred.append(message)
            for fan in fans:
                self.world.react(message, fan.id, STAR)
                if self.chance.random() < 0.5:
                    await asyncio.sleep(self.chance.uniform(0, 0.02))
            if self.chance.random() < 0.2:
                for fan in fans[:2]:
                    self.world.unreact(message, fan.id, STAR)
                    await asyncio.sleep(0)
                self.world.react(message, fans[0].id, STAR)
            await asyncio.sleep(self.chance.uniform(0.05, 0.2))

    def star_some(self, number: int) -> None:
        """Let so many messages get their stars at once."""
        for _ in range(number):
            author, *fans = self.chance.sample(self.people, 4)
            message = self.world.say(self.talk.id, author.id, "a last one")
            self.starred.append(message)
            for fan in fans:
                self.world.react(message, fan.id, STAR)

    def posts(self) -> Counter[int]:
        """Return how many posts stand on the board for each message."""
        on_board = self.world.messages.get(self.board.id, {}).values()
        shown = (original_id_of({"embeds": message.embeds}) for message in on_board)
        return Counter(message_id for message_id in shown if message_id is not None)

    def ask(self, sql: str) -> list[Any]:
        """Read from the bot's database beside the bot."""
        with closing(sqlite3.connect(self.bot.data_path, timeout=10)) as connection:
            return connection.execute(sql).fetchall()

    def stored_ids(self) -> set[int]:
        """Return the ids of the messages on record."""
        rows = self.ask(f"SELECT record_id FROM statistics_events WHERE kind = {MESSAGES_SENT.number}")
        return {record_id for (record_id,) in rows}


def message_payload(guild_id: int, channel_id: int, author_id: int) -> dict[str, Any]:
    """Return a message as Discord tells of it."""
    return {
        "id": FRESH_ID,
        "type": 0,
        "guild_id": str(guild_id),
        "channel_id": str(channel_id),
        "author": {"id": str(author_id), "username": "somebody", "discriminator": "0", "avatar": None},
        "member": {"roles": [], "joined_at": "2025-01-01T00:00:00+00:00", "deaf": False, "mute": False},
        "content": "hello",
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "flags": 0,
        "components": [],
    }


@pytest.mark.faults
@pytest.mark.timeout(120 + 15 * KILLS)
async def test_killing_the_bot_in_a_flood_costs_little_and_posts_nothing_twice(tmp_path: Path) -> None:
    world = World()
    world.switches.rest_latency_ms = (1, 15)
    async with SandboxServer(world) as server:
        bot = BotProcess(
            tmp_path, api_base=server.api_base, gateway_url=server.gateway_url, token=server.token
        )
        busy = BusyServer(world, server, bot, Random())
        await busy.enable()
        flood = busy.make_flood()
        losses: list[int] = []
        try:
            await bot.start()
            await world.until(lambda: world.identifies >= 1, START_TIMEOUT_S)
            stars = asyncio.create_task(busy.star_messages())
            flow = asyncio.create_task(flood.run(rate_per_s=EVENTS_PER_SECOND))
            losses += [await live_until_killed(busy, flood) for _ in range(KILLS)]
            await world.until(lambda: len(events_of_this_life(busy, flood)) >= AFTER_ALL, START_TIMEOUT_S)
            flood.stop()
            await flow
            stars.cancel()
            await asyncio.gather(stars, return_exceptions=True)
            busy.star_some(AFTER_ALL)
            await world.until(lambda: is_settled(busy, flood), SETTLE_TIMEOUT_S)
        finally:
            has_stopped = await bot.stop()
        database = await Database.open(bot.data_path, now_ms=SystemClock().now_ms())
        try:
            async with database.read() as rx:
                stored, _masks = await stored_rollups(rx, busy.guild.id)
                expected, _masks = await rollups_by_the_records(rx, world.now_ms(), busy.guild.id)
        finally:
            await database.close()

    print(
        f"\n{KILLS} kills: {len({event.fresh_id for event in flood.sent})} messages sent, {sum(losses)} of them lost, "
        f"at most {max(losses)} by a kill; {len(busy.starred)} starred, {len(busy.posts())} posts."
    )
    assert has_stopped
    assert world.gaps == []
    assert Counter({key: number for key, number in stored.items() if number}) == expected
    assert max(busy.posts().values()) == 1
    assert error_lines(bot.log_lines()) == ()


async def live_until_killed(busy: BusyServer, flood: Flood) -> int:
    """Let the bot record for a while, kill it, check what is missing, start it again, and return how many were lost."""
    first = len(flood.sent)
    goal = first + busy.chance.randrange(1000, 4000)
    await busy.world.until(lambda: len(flood.sent) >= goal and bool(busy.stored_ids()), START_TIMEOUT_S)
    busy.bot.require_alive()
    await busy.bot.kill()
    lost = check_that_only_the_end_is_missing(flood.sent[first:], busy.stored_ids())
    identifies = busy.world.identifies
    await busy.bot.start()
    await busy.world.until(lambda: busy.world.identifies > identifies, START_TIMEOUT_S)
    return lost


def check_that_only_the_end_is_missing(sent: list[SentEvent], stored: set[int]) -> int:
    """Check one life: everything up to the last commit is there, and the rest is no more than a moment's worth."""
    sessions = {event.session_id for event in sent}
    lost = 0
    for session_id in sessions:
        ids = [event.fresh_id for event in sent if event.session_id == session_id]
        kept = [record_id in stored for record_id in ids]
        if True in kept:
            last = len(kept) - 1 - kept[::-1].index(True)
            assert all(kept[: last + 1]), "an event is missing that came before one that is stored"
            missing = ids[last + 1 :]
            if missing:
                assert time_ms_of(missing[-1]) - time_ms_of(missing[0]) <= LOST_MOST_MS
            lost += len(missing)
    return lost


def events_of_this_life(busy: BusyServer, flood: Flood) -> set[int]:
    """Return the ids of the messages that the running bot is told of."""
    (session_id,) = [session.id for session in busy.server.gateway.sessions() if session.connected] or [""]
    return {event.fresh_id for event in flood.sent if event.session_id == session_id}


def is_settled(busy: BusyServer, flood: Flood) -> bool:
    """Whether everything that the running bot was told is stored, and the board shows what it should."""
    if not events_of_this_life(busy, flood) <= busy.stored_ids():
        return False
    # Of a message that got its stars while the bot was dead nobody has told it; the next star would.
    posts = busy.posts()
    return (
        posts.keys() <= wanted(busy) and {message.id for message in busy.starred[-AFTER_ALL:]} <= posts.keys()
    )


def wanted(busy: BusyServer) -> set[int]:
    """Return the messages that have stars enough for the board."""
    return {message.id for message in busy.starred if len(stars_of(busy.world, message)) >= THRESHOLD}


def stars_of(world: World, message: Message) -> set[int]:
    """Return who has starred a message."""
    found = world.get_message(message.channel_id, message.id)
    return {
        user_id for reaction in found.reactions for user_id in reaction.user_ids if user_id != found.author_id
    }
