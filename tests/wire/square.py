"""A town whose life is recorded: the real bot with statistics, and its record seen from outside."""

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, cast

from bot.clock import SystemClock
from bot.config import RecorderConfig, ServerstatsConfig
from bot.parts import Parts
from bot.sandbox.connect import running
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import World
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import ServerstatsSettings
from cogs.serverstats.statistics.recording_service import Recording
from storage.database import Database
from storage.guild_modules import insert_module
from storage.statistics.catalogue import (
    COMMANDS_USED,
    INVITES_CREATED,
    INVITES_DELETED,
    MEMBERS_JOINED,
    MEMBERS_LEFT,
    MESSAGES_DELETED,
    MESSAGES_SENT,
    POLLS_CLOSED,
    POLLS_CREATED,
    POLLS_DELETED,
    VOTES_ADDED,
    VOTES_REMOVED,
    Group,
    Kind,
)
from storage.statistics.record_ids import time_ms_of
from tests.wire.town import Town, WiredBot, eventually, quick_config

EVERYTHING = frozenset(Group)


class Square(Town):
    """A town whose life is recorded."""

    async def start(self) -> None:
        """Start the bot on the database of its last life."""
        clock = SystemClock()
        database = await Database.open(self.path, now_ms=clock.now_ms())
        self._life.push_async_callback(database.close)
        self.bot = WiredBot(Parts.assemble(self.config, database, clock))
        await self._life.enter_async_context(running(self.bot, self.server))
        await self.present()

    async def enable_before_start(self, settings: ServerstatsSettings) -> None:
        """Switch the module on before the bot runs for the first time."""
        now_ms = SystemClock().now_ms()
        database = await Database.open(self.path, now_ms=now_ms)
        try:
            async with database.write() as tx:
                await insert_module(tx, self.guild.id, "serverstats", now_ms, settings.model_dump_json())
        finally:
            await database.close()

    async def crash(self) -> None:
        """End the bot's life so that only what is committed by now is left."""
        copy = self.path.with_name(f"after-{self.path.name}")
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        await self.stop()
        self.path = copy

    @property
    def module(self) -> ServerstatsService:
        """The module of the bot that is running."""
        # discord.py imports an extension anew for every bot, so its classes are never ours.
        cog: Any = self.client.get_cog("ServerstatsCommands")
        return cast("ServerstatsService", cog.module)

    @property
    def recording(self) -> Recording:
        """What records in the bot that is running."""
        parts: Any = self.module._parts
        (recording,) = [part.recording for part in parts if hasattr(part, "recording")]
        return cast("Recording", recording)

    async def change(self, **changes: Any) -> None:
        """Change settings as an admin does."""
        await self.module.change_settings(self.guild.id, lambda settings: settings.model_copy(update=changes))

    async def present(self) -> None:
        """Wait until the bot has seen the guild and stored since when."""

        async def is_present() -> bool:
            return self.recording.is_in_sight(self.guild.id)

        await eventually(is_present, "the guild is caught up")

    async def counted(self, **expected: int) -> Counter[str]:
        """Wait until so many events of these kinds (by the name of their constant) are on record; return all."""

        async def are_counted() -> bool:
            found = self.events()
            return all(found[name] >= number for name, number in expected.items())

        await eventually(are_counted, f"{expected} are on record, not {dict(self.events())}")
        return self.events()

    def events(self) -> Counter[str]:
        """Return how many events of each kind are on record."""
        rows = self.execute("SELECT kind, COUNT(*) FROM statistics_events GROUP BY kind")
        return Counter({NAMES[kind]: number for kind, number in rows})

    def sessions(self, kind: Kind) -> list[Any]:
        """Return (user, channel, began, ended) of all sessions of a kind, the earliest first."""
        rows = self.execute(
            "SELECT user_id, channel_id, record_id, ended_at_ms FROM statistics_sessions "
            f"WHERE kind = {kind.number} ORDER BY record_id"
        )
        return [(user_id, channel_id, time_ms_of(began), ended) for user_id, channel_id, began, ended in rows]

    async def shown(self, kind: Kind, number: int, *, ended: int = 0) -> list[Any]:
        """Wait until so many sessions, and so many ended ones, are on record."""

        async def are_shown() -> bool:
            found = self.sessions(kind)
            return len(found) >= number and sum(one[3] is not None for one in found) >= ended

        await eventually(are_shown, f"{number} sessions, {ended} ended, not {self.sessions(kind)}")
        found = self.sessions(kind)
        assert (len(found), sum(one[3] is not None for one in found)) == (number, ended)
        return found

    def downtimes(self) -> list[Any]:
        """Return (began, ended) of the guild's downtimes."""
        return self.execute("SELECT began_at_ms, ended_at_ms FROM downtimes ORDER BY began_at_ms")

    def assert_rollups_agree(self) -> None:
        """Check the sums of each kind against its raw records."""
        raw = Counter[tuple[int, str]]()
        for kind, number in self.execute("SELECT kind, COUNT(*) FROM statistics_events GROUP BY kind"):
            raw[kind, "events"] = number
        for kind, record_id, ended_at_ms in self.execute(
            "SELECT kind, record_id, ended_at_ms FROM statistics_sessions"
        ):
            raw[kind, "events"] += 1
            raw[kind, "total"] += 0 if ended_at_ms is None else ended_at_ms - time_ms_of(record_id)
        rolled = Counter[tuple[int, str]]()
        for kind, events, total in self.execute(
            "SELECT kind, SUM(events), SUM(total) FROM statistics_hours GROUP BY kind"
        ):
            rolled[kind, "events"], rolled[kind, "total"] = events, total
        assert +rolled == +raw


NAMES = {
    kind.number: name
    for name, kind in {
        "sent": MESSAGES_SENT,
        "deleted": MESSAGES_DELETED,
        "joined": MEMBERS_JOINED,
        "left": MEMBERS_LEFT,
        "commands": COMMANDS_USED,
        "invites_created": INVITES_CREATED,
        "invites_deleted": INVITES_DELETED,
        "polls_created": POLLS_CREATED,
        "polls_deleted": POLLS_DELETED,
        "polls_closed": POLLS_CLOSED,
        "votes_added": VOTES_ADDED,
        "votes_removed": VOTES_REMOVED,
    }.items()
}


@asynccontextmanager
async def square(
    folder: Path,
    *,
    groups: Iterable[Group] = EVERYTHING,
    prepare: Any = None,
    **settings: Any,
) -> AsyncIterator[Square]:
    """Run a square with these groups switched on; `prepare(world, guild)` furnishes it before the bot comes."""
    world = World()
    guild = world.make_guild("Harbour")
    config = quick_config().model_copy(
        update={
            "recorder": RecorderConfig(flush_interval_ms=10),
            "serverstats": ServerstatsConfig(sample_minutes=60),
        }
    )
    async with SandboxServer(world) as server:
        here = Square(world, server, folder, config, guild)
        if prepare is not None:
            prepare(here)
        await here.enable_before_start(ServerstatsSettings(enabled_groups=frozenset(groups), **settings))
        try:
            await here.start()
            yield here
        finally:
            await here.stop()
    assert world.gaps == []
