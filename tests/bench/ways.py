"""The ways to take messages, each a process of its own: `python -m tests.bench.ways WAY FRAMES EVENTS FOLDER CORE`.

Prints one JSON object with what the run took.
"""

import asyncio
import contextlib
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
import discord
import orjson
from discord.ext import commands
from discord.gateway import DiscordWebSocket

from bot.client import HeadcountClient
from bot.clock import SystemClock
from bot.config import Config, StorageConfig
from bot.parts import Parts
from cogs.serverstats.settings import MODULE, ServerstatsSettings
from storage.database import Database
from storage.guild_modules import insert_module
from storage.statistics.catalogue import MESSAGES_SENT, Group
from tests.bench.payloads import GUILD_ID, bot_user, build_crowd, read_frames

FRAMES_PER_READ = 32
"""How many frames are handed over before the event loop gets its turn, as when a socket delivers several at once."""

CROWD_SEED = 1

INTENTS = discord.Intents(
    guilds=True, members=True, moderation=True, invites=True, guild_messages=True, message_content=True
)

Settle = Callable[[], Awaitable[int]]
"""Wait until all events are durable and return how many are stored."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a run took, from the first frame handed over until the last event was durable."""

    way: str
    events: int
    stored: int
    wall_s: float
    cpu_s: float

    @property
    def events_per_s(self) -> float:
        return self.events / self.wall_s

    @property
    def cpu_us(self) -> float:
        """CPU time of all threads per event, in microseconds."""
        return self.cpu_s / self.events * 1e6


def introduce(client: discord.Client) -> DiscordWebSocket:
    """Let the client know itself and the server, as after READY, and return a websocket that has no socket."""
    websocket = DiscordWebSocket(None, loop=client.loop)  # type: ignore[arg-type]
    connection = client._connection
    # As `DiscordWebSocket.from_client` does.
    websocket._connection = connection
    websocket._discord_parsers = connection.parsers
    websocket._dispatch = client.dispatch
    websocket.shard_id = 0
    connection.shard_count = 1
    connection.user = discord.ClientUser(state=connection, data=bot_user())  # type: ignore[arg-type]
    # Not the wrapped parser of GUILD_CREATE alone: what a feature hears of a new server, it shall hear here, too.
    connection.parsers["GUILD_CREATE"](build_crowd(CROWD_SEED).guild)
    return websocket


async def hand_over(websocket: DiscordWebSocket, frames: Sequence[str]) -> None:
    """Hand over all frames as fast as they are taken."""
    take = websocket.received_message
    for begin in range(0, len(frames), FRAMES_PER_READ):
        for frame in frames[begin : begin + FRAMES_PER_READ]:
            await take(frame)
        await asyncio.sleep(0)


@asynccontextmanager
async def bare(_folder: Path, _events: int) -> AsyncIterator[tuple[DiscordWebSocket, Settle]]:
    """A discord.py client with its default settings and no handler at all."""

    async def settle() -> int:
        return 0

    async with discord.Client(intents=INTENTS) as client:
        yield introduce(client), settle


CREATE_MESSAGES = """
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, guild_id INTEGER NOT NULL, channel_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
    created_at TEXT NOT NULL
)
"""
CREATE_MESSAGES_INDEX = "CREATE INDEX messages_by_guild ON messages (guild_id, created_at)"
INSERT_MESSAGE = "INSERT INTO messages (id, guild_id, channel_id, user_id, created_at) VALUES (?, ?, ?, ?, ?)"


class MessageLog(commands.Cog):
    """A cog as it is usually written: a listener that executes and commits for every message.

    The lock keeps each message a transaction of its own, as it is whenever messages do not come faster than they are
    stored. Without it (`turns` false) a backlog of listeners shares commits by accident: all execute, the first commit
    takes everything, the others find nothing left to do. That is measured, too.
    """

    def __init__(self, database: aiosqlite.Connection, expected: int, *, turns: bool) -> None:
        self._database = database
        self._turn = asyncio.Lock() if turns else contextlib.nullcontext()
        self._missing = expected
        self.done = asyncio.Event()

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Store the message."""
        if message.guild is None:
            return
        async with self._turn:
            await self._database.execute(
                INSERT_MESSAGE,
                (
                    message.id,
                    message.guild.id,
                    message.channel.id,
                    message.author.id,
                    message.created_at.isoformat(),
                ),
            )
            await self._database.commit()
        self._missing -= 1
        if self._missing == 0:
            self.done.set()


@asynccontextmanager
async def usual(
    folder: Path, events: int, *, turns: bool = True
) -> AsyncIterator[tuple[DiscordWebSocket, Settle]]:
    """A discord.py bot with such a cog and one connection, WAL and synchronous FULL as ours."""
    async with aiosqlite.connect(folder / "usual.sqlite3") as database:
        await database.execute("PRAGMA journal_mode = WAL")
        await database.execute("PRAGMA synchronous = FULL")
        await database.execute(CREATE_MESSAGES)
        await database.execute(CREATE_MESSAGES_INDEX)
        await database.commit()
        cog = MessageLog(database, events, turns=turns)

        async def settle() -> int:
            await cog.done.wait()
            async with database.execute("SELECT COUNT(*) FROM messages") as cursor:
                row = await cursor.fetchone()
            return int(row[0]) if row is not None else 0

        async with commands.Bot(command_prefix="!", intents=INTENTS) as client:
            await client.add_cog(cog)
            yield introduce(client), settle


COUNT_STORED = "SELECT COUNT(*) FROM statistics_events WHERE kind = ?"
COUNT_ROLLED_UP = "SELECT COALESCE(SUM(events), 0) FROM {table} WHERE kind = ?"
ROLLUPS = ("statistics_hours", "statistics_user_days", "statistics_channel_days")


class OfflineClient(HeadcountClient):
    """The bot without the requests that publish its commands."""

    async def _publish_commands(self) -> None:
        pass


@asynccontextmanager
async def ours(folder: Path, _events: int) -> AsyncIterator[tuple[DiscordWebSocket, Settle]]:
    """The whole bot with the statistics of messages switched on."""
    clock = SystemClock()
    database = await Database.open(folder / "headcount.sqlite3", now_ms=clock.now_ms())
    try:
        await enable_statistics(database, GUILD_ID, clock.now_ms())
        parts = Parts.assemble(Config(storage=StorageConfig(path=database.path)), database, clock)

        async def settle() -> int:
            await parts.recorder.flush()
            return await count_stored(database)

        async with OfflineClient(parts) as client:
            await client.setup_hook()
            yield introduce(client), settle
    finally:
        await database.close()


async def enable_statistics(database: Database, guild_id: int, now_ms: int) -> None:
    """Switch the statistics of messages on in a server, before the bot starts."""
    settings = ServerstatsSettings(enabled_groups=frozenset({Group.MESSAGES}))
    async with database.write() as tx:
        await insert_module(tx, guild_id, MODULE, now_ms, settings.model_dump_json())


async def count_stored(database: Database) -> int:
    """Return how many messages are stored, or less when a rollup does not have all of them."""
    async with database.read() as rx:
        counts = [await rx.fetch_one(COUNT_STORED, (MESSAGES_SENT.number,))]
        counts += [
            await rx.fetch_one(COUNT_ROLLED_UP.format(table=table), (MESSAGES_SENT.number,))
            for table in ROLLUPS
        ]
    return min(int(row[0]) for row in counts if row is not None)


WAYS: dict[str, Any] = {
    "bare": bare,
    "ours": ours,
    "usual": usual,
    "usual_without_turns": partial(usual, turns=False),
}


async def run(way: str, frames: Sequence[str], folder: Path) -> Taken:
    """Take the frames in this way."""
    async with WAYS[way](folder, len(frames)) as (websocket, settle):
        # Whatever a start has left to do (tasks of the new server) is done before the clock starts.
        await asyncio.sleep(0.1)
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        await hand_over(websocket, frames)
        stored = await settle()
        return Taken(way, len(frames), stored, time.perf_counter() - wall_s, time.process_time() - cpu_s)


def pin_to(core: int) -> None:
    """Keep this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def main(arguments: Sequence[str]) -> None:
    """Take the frames of a file and print what it took."""
    way, frames_path, events, folder, core = arguments
    pin_to(int(core))
    logging.basicConfig(level=logging.WARNING)
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False
    taken = asyncio.run(run(way, read_frames(Path(frames_path), int(events)), Path(folder)))
    sys.stdout.write(orjson.dumps(asdict(taken)).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
