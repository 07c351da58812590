"""A guild that never rests, and a bot process that is killed in the midst of it."""

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from bot.clock import SystemClock
from bot.sandbox.demo.bot_process import BotProcess
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import JoinSource, User, World
from cogs.invite_tracker.settings import MODULE, InviteTrackerSettings
from storage.database import Database
from storage.guild_modules import insert_module
from storage.joins import fetch_joins_of_members
from storage.records import Join

ONE_TIME_INVITES = 300
COPY_MS = 1_000
"""Who comes back sooner is taken for a copy of the same event."""

_MESSAGE = re.compile(r"(came|went) (\d+)")


class RestlessGuild:
    """A local Discord where people come and go, the bot's process, and the bot's database seen from outside.

    Nobody leaves whose join is not stored yet: of somebody who comes and goes while the bot is dead, nothing is left to be
    known. `unstored` lists the messages that were posted about a join that was not stored at that moment.
    """

    def __init__(self, world: World, server: SandboxServer, folder: Path, chance: Random) -> None:
        self.world = world
        self.chance = chance
        self.guild = world.make_guild("Harbour", vanity_code="harbour")
        self.channel = world.first_channel(self.guild.id)
        inviters = [world.add_person(name) for name in ("ada", "ben", "cyd")]
        for inviter in inviters:
            world.add_old_member(self.guild.id, inviter.id)
        self.codes = [world.make_invite(self.channel.id, inviter.id).code for inviter in inviters]
        # Made beforehand: one that is made and used up while the bot is dead leaves no trace.
        self.once = [
            world.make_invite(self.channel.id, chance.choice(inviters).id, max_uses=1).code
            for _ in range(ONE_TIME_INVITES)
        ]
        self.bot = BotProcess(
            folder, api_base=server.api_base, gateway_url=server.gateway_url, token=server.token
        )
        self.messages: Counter[tuple[str, int]] = Counter()
        self.unstored: list[str] = []
        self.leaves: Counter[int] = Counter()
        world.subscribers.append(self._take_event)

    async def enable(self) -> None:
        """Enable the module, with join and leave messages, before the bot runs for the first time."""
        settings = InviteTrackerSettings(
            join_messages_enabled=True,
            join_messages_channel=self.channel.id,
            join_message_content="came <user_id>",
            leave_messages_enabled=True,
            leave_messages_channel=self.channel.id,
            leave_message_content="went <user_id>",
        )
        now_ms = SystemClock().now_ms()
        database = await Database.open(self.bot.data_path, now_ms=now_ms)
        try:
            async with database.write() as tx:
                await insert_module(tx, self.guild.id, MODULE, now_ms, settings.model_dump_json())
        finally:
            await database.close()

    async def live(self) -> None:
        """Let people come and go, now many and now nobody, until cancelled."""
        while True:
            for _ in range(self.chance.choice((1, 1, 2, 5, 25))):
                self.act()
                await asyncio.sleep(self.chance.uniform(0.002, 0.02))
            await asyncio.sleep(self.chance.uniform(0.1, 0.9))

    async def joined(self, number: int, timeout_s: float) -> None:
        """Wait until so many more have joined."""
        goal = len(self.world.history) + number
        await self.world.until(lambda: len(self.world.history) >= goal, timeout_s)

    async def identified(self, number: int, timeout_s: float) -> None:
        """Wait until the bot has identified so often."""
        await self.world.until(lambda: self.world.identifies >= number, timeout_s)

    def act(self) -> None:
        """Let one thing happen."""
        draw = self.chance.random()
        if draw < 0.18:
            self._someone_leaves()
        elif draw < 0.24:
            self._someone_returns()
        elif draw < 0.30:
            self._someone_joins(code=self.once.pop() if self.once else self.codes[0])
        elif draw < 0.38:
            self._someone_joins(vanity=True)
        elif draw < 0.44:
            self._someone_joins(source=JoinSource.DISCOVERY)
        else:
            self._someone_joins(code=self.chance.choice(self.codes))

    def stored(self) -> set[tuple[int, int]]:
        """Return (member id, joined_at_ms) of every join that is stored, decided or not."""
        sql = "SELECT member_id, joined_at_ms FROM joins UNION SELECT member_id, joined_at_ms FROM arrivals"
        return {(member_id, joined_at_ms) for member_id, joined_at_ms in self.ask(sql)}

    def happened(self) -> set[tuple[int, int]]:
        """Return the same of every join that happened."""
        return {(record.user_id, _ms(record.at)) for record in self.world.history}

    def has_baseline(self) -> bool:
        """Whether the counters are known from which everything is counted."""
        return bool(self.ask("SELECT 1 FROM invite_baselines"))

    def is_settled(self) -> bool:
        """Whether every join is decided and every leave noted."""
        if self.ask("SELECT COUNT(*) FROM arrivals") != [(0,)]:
            return False
        if self.ask("SELECT COUNT(*) FROM joins") != [(len(self.world.history),)]:
            return False
        present = self.ask("SELECT member_id FROM joins WHERE left_at_ms IS NULL")
        return {member_id for (member_id,) in present} == {user_id for _, user_id in self.world.joins}

    async def fetch_joins(self) -> list[Join]:
        """Return every join on record; the bot must not be running."""
        database = await Database.open(self.bot.data_path, now_ms=SystemClock().now_ms())
        try:
            member_ids = sorted({record.user_id for record in self.world.history})
            async with database.read() as rx:
                found = await fetch_joins_of_members(rx, self.guild.id, member_ids)
        finally:
            await database.close()
        return [join for joins in found.values() for join in joins]

    def ask(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        """Read from the bot's database beside the bot."""
        with closing(sqlite3.connect(self.bot.data_path, timeout=10)) as connection:
            return connection.execute(sql, parameters).fetchall()

    def _someone_joins(self, **how: Any) -> None:
        person = self.world.add_person(f"person{len(self.world.history)}")
        self.world.join(self.guild.id, person.id, **how)

    def _someone_leaves(self) -> None:
        stored = self.stored()
        here = [record for record in self.world.joins.values() if (record.user_id, _ms(record.at)) in stored]
        if here:
            record = self.chance.choice(here)
            self.world.leave(self.guild.id, record.user_id)
            self.leaves[record.user_id] += 1

    def _someone_returns(self) -> None:
        latest = {record.user_id: _ms(record.at) for record in self.world.history}
        long_ago_ms = self.world.now_ms() - COPY_MS - 100
        gone = [
            user_id
            for user_id, joined_at_ms in latest.items()
            if (self.guild.id, user_id) not in self.world.joins and joined_at_ms < long_ago_ms
        ]
        if gone:
            person: User = self.world.users[self.chance.choice(gone)]
            self.world.join(self.guild.id, person.id, code=self.chance.choice(self.codes))

    def _take_event(self, name: str, payload: Mapping[str, Any]) -> None:
        said = _MESSAGE.fullmatch(str(payload.get("content"))) if name == "MESSAGE_CREATE" else None
        if said is None:
            return
        key = said[1], int(said[2])
        self.messages[key] += 1
        count = "COUNT(*)" if key[0] == "came" else "COUNT(left_at_ms)"
        rows = self.ask(f"SELECT {count} FROM joins WHERE member_id = ?", (key[1],))
        if rows[0][0] < self.messages[key]:
            self.unstored.append(said[0])


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
