"""Heartbeats of shards that come and go, and the end of a departed guild's data."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.clock import SystemClock
from bot.config import Config
from bot.discord_time import DiscordTime
from bot.gateway import GatewayIntake
from bot.lifecycle import STEP_ROWS, GuildLifecycle
from bot.modules import Module, ModuleRegistry
from bot.parts import Parts
from bot.recorder import Recorder
from bot.sandbox.connect import running
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import World
from bot.scheduler import Scheduler
from bot.settings.guild_settings import GuildSettingsBook
from bot.web.keys import KeyBook
from storage.database import Database
from storage.guilds import fetch_known_guild_ids, upsert_guild_departed, upsert_guild_present
from storage.heartbeats import fetch_heartbeat_shard_ids, fetch_oldest_heartbeat_ms, upsert_heartbeats
from tests.clients import ReusingClient

START_MS = 1_767_268_800_000
DAY_MS = 86_400_000


class SetClock(SystemClock):
    """Shows what it is set to; waiting on it takes no time."""

    def __init__(self) -> None:
        self.shows_ms = START_MS

    def now_ms(self) -> int:
        return self.shows_ms

    def monotonic(self) -> float:
        return self.shows_ms / 1000

    async def sleep(self, seconds: float) -> None:
        self.shows_ms += int(seconds * 1000)


@dataclass
class Shards:
    """Stands in for discord.py's client: its shards, which are started one after the other, and its guilds."""

    shard_count: int | None
    shard_ids: list[int] | None = None
    shards: dict[int, object] = field(default_factory=dict)
    guilds: list[SimpleNamespace] = field(default_factory=list)

    def is_ready(self) -> bool:
        return True

    def get_guild(self, guild_id: int) -> SimpleNamespace | None:
        return next((guild for guild in self.guilds if guild.id == guild_id), None)


class House:
    """A lifecycle with everything that it needs."""

    def __init__(self, database: Database, client: Shards) -> None:
        self.clock = SetClock()
        self.database = database
        self.client = client
        self.intake = GatewayIntake(self.clock)
        self.behind: set[int] = set()
        self.forgotten: list[int] = []
        self.on_sleep: Callable[[], None] = lambda: None
        modules = ModuleRegistry()
        modules.register(
            Module("tests", (), self._settle, self._forget, lambda guild_id: guild_id not in self.behind)
        )
        recorder = Recorder(database, self.clock, Config().recorder)
        parts = Parts(
            Config(),
            database,
            self.clock,
            self.intake,
            modules,
            Scheduler(self.clock),
            recorder,
            GuildSettingsBook(database, recorder),
            KeyBook(database, self.clock, None),
        )
        self.lifecycle = GuildLifecycle(
            cast("discord.AutoShardedClient", client), parts, DiscordTime(self.clock)
        )

    def connect(self, shard_id: int) -> None:
        """Launch the shard and let it connect now."""
        self.client.shards[shard_id] = object()
        self.intake.note_dispatch("shard_connect", shard_id)

    async def beat(self) -> None:
        self.clock.shows_ms += 15_000
        await self.lifecycle.beat()

    async def on_record(self) -> tuple[set[int], int | None]:
        async with self.database.read() as rx:
            return await fetch_heartbeat_shard_ids(rx), await fetch_oldest_heartbeat_ms(rx)

    async def store(self, beats: dict[int, int]) -> None:
        async with self.database.write() as tx:
            await upsert_heartbeats(tx, beats)

    async def _settle(self) -> None:
        pass

    async def _forget(self, guild_id: int) -> None:
        self.forgotten.append(guild_id)


async def test_a_shard_that_is_not_started_yet_keeps_its_heartbeat(database: Database) -> None:
    house = House(database, Shards(2))
    await house.store({0: 100, 1: 100})
    house.connect(0)
    await house.beat()
    assert await house.on_record() == ({0, 1}, 100)
    house.connect(1)
    await house.beat()
    assert await house.on_record() == ({0, 1}, START_MS)


@pytest.mark.parametrize(("before", "count"), [({0: 100}, 2), ({0: 100, 1: 200, 2: 300}, 2), ({}, 2)])
async def test_after_a_change_of_their_number_no_shard_beats_before_all_have_caught_up(
    database: Database, before: dict[int, int], count: int
) -> None:
    """A guild may now belong to another shard: a beat of that one must not hide how long the guild was away."""
    house = House(database, Shards(count))
    await house.store(before)
    house.connect(0)
    await house.beat()
    assert await house.on_record() == (set(before), min(before.values(), default=None))
    house.connect(1)
    house.client.guilds.append(SimpleNamespace(id=7, shard_id=1))
    house.behind.add(7)
    await house.beat()
    assert await house.on_record() == (set(before), min(before.values(), default=None))
    house.behind.clear()
    await house.beat()
    assert await house.on_record() == ({0, 1}, START_MS + 15_000 - 15_000)


async def test_a_process_with_some_of_the_shards_waits_for_those_only(database: Database) -> None:
    house = House(database, Shards(8, [2, 5]))
    house.connect(2)
    await house.beat()
    assert await house.on_record() == (set(), None)
    house.connect(5)
    await house.beat()
    assert (await house.on_record())[0] == {2, 5}


async def test_a_guild_that_is_not_caught_up_holds_its_shard_back_and_no_other(database: Database) -> None:
    house = House(database, Shards(2))
    await house.store({0: 100, 1: 100})
    house.client.guilds.append(SimpleNamespace(id=7, shard_id=1))
    house.behind.add(7)
    house.connect(0)
    house.connect(1)
    await house.beat()
    assert (await house.on_record())[1] == 100
    async with database.read() as rx:
        assert await rx.fetch_all("SELECT beat_at_ms FROM heartbeats WHERE shard_id = 0") == [(START_MS,)]


async def test_before_discord_said_how_many_shards_there_are_nothing_beats(database: Database) -> None:
    house = House(database, Shards(None))
    await house.store({0: 100})
    await house.beat()
    assert await house.on_record() == ({0}, 100)


async def test_a_steady_connection_beats_on(database: Database) -> None:
    house = House(database, Shards(1))
    house.connect(0)
    for _ in range(20):
        await house.beat()
    _, beat_at_ms = await house.on_record()
    assert beat_at_ms is not None
    assert START_MS + 150_000 <= beat_at_ms < house.clock.shows_ms - 100_000


async def test_what_is_on_record_is_known_without_asking_the_database(database: Database) -> None:
    house = House(database, Shards(2))
    await house.store({0: 100, 1: 200, 2: 300})
    await house.lifecycle.start()
    assert house.lifecycle.beats_on_record == {0: 100, 1: 200, 2: 300}
    house.connect(0)
    await house.beat()
    assert house.lifecycle.beats_on_record == {0: 100, 1: 200, 2: 300}
    house.connect(1)
    await house.beat()
    assert house.lifecycle.beats_on_record == {0: START_MS, 1: START_MS + 15_000}
    house.client.guilds.append(SimpleNamespace(id=7, shard_id=1))
    house.behind.add(7)
    house.intake.note_dispatch("shard_resumed", 0)
    await house.beat()
    assert house.lifecycle.beats_on_record == {0: START_MS + 30_000, 1: START_MS + 15_000}


async def fill(database: Database, guild_id: int, rows: int) -> None:
    async with database.write() as tx:
        for number in range(rows):
            await tx.execute(
                "INSERT INTO bonuses (guild_id, bonus_id, inviter_id, amount, granted_by, granted_at_ms) "
                "VALUES (?, ?, 1, 1, 1, 1)",
                (guild_id, number),
            )


async def count(database: Database, guild_id: int) -> int:
    async with database.read() as rx:
        row: Any = await rx.fetch_one("SELECT COUNT(*) FROM bonuses WHERE guild_id = ?", (guild_id,))
    return int(row[0])


async def depart(house: House, guild_id: int) -> None:
    async with house.database.write() as tx:
        await upsert_guild_departed(tx, guild_id, START_MS - 8 * DAY_MS)


async def test_a_departed_guild_is_deleted_in_steps(database: Database) -> None:
    house = House(database, Shards(1))
    await fill(database, 7, 2 * STEP_ROWS + 1)
    await fill(database, 8, 1)
    await depart(house, 7)
    async with database.write() as tx:
        await upsert_guild_present(tx, [8])
    house.client.guilds.append(SimpleNamespace(id=8, shard_id=0))
    await house.lifecycle.delete_departed()
    assert (await count(database, 7), await count(database, 8)) == (0, 1)
    assert house.forgotten == [7]
    # Between two steps others may write.
    assert house.clock.shows_ms > START_MS
    async with database.read() as rx:
        assert await rx.fetch_all("SELECT guild_id FROM guilds") == [(8,)]
        assert await fetch_known_guild_ids(rx) == [8]


async def test_a_guild_that_comes_back_during_its_deletion_finds_nothing_half_deleted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(database, Shards(1))
    await fill(database, 7, 3 * STEP_ROWS)
    await depart(house, 7)
    left_after: list[int] = []

    async def come_back(_seconds: float) -> None:
        left_after.append(await count(database, 7))
        house.client.guilds.append(SimpleNamespace(id=7, shard_id=0))

    monkeypatch.setattr(house.clock, "sleep", come_back)
    await house.lifecycle.delete_departed()
    assert left_after == [2 * STEP_ROWS]
    assert await count(database, 7) == 0


async def test_a_deletion_that_was_cut_short_goes_on_at_the_next_look(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(database, Shards(1))
    await fill(database, 7, 3 * STEP_ROWS)
    await depart(house, 7)

    async def fail(_seconds: float) -> None:
        raise OSError("the process ends here")

    with monkeypatch.context() as patched:
        patched.setattr(house.clock, "sleep", fail)
        with pytest.raises(OSError, match="ends here"):
            await house.lifecycle.delete_departed()
    assert await count(database, 7) == 2 * STEP_ROWS
    await house.lifecycle.delete_departed()
    assert await count(database, 7) == 0


async def test_a_guild_that_the_bot_was_put_out_of_while_disconnected_is_left(database: Database) -> None:
    world = World()
    kept, lost = world.make_guild("Kept"), world.make_guild("Lost")
    clock = SystemClock()
    parts = Parts.assemble(Config(), database, clock)
    async with SandboxServer(world) as server, running(ReusingClient(parts), server) as client:
        await world.until(lambda: client.get_guild(kept.id) and client.get_guild(lost.id))
        world.switches.refuse_resumes = 10
        world.switches.refuse_connections = True
        await server.gateway.drop_sockets()
        world.kick_bot(lost.id)
        world.switches.refuse_connections = False
        await world.until(lambda: client.get_guild(lost.id) is None, timeout_s=30)
        assert client.get_guild(kept.id) is not None
        await client.lifecycle.beat()  # type: ignore[attr-defined]
        async with database.read() as rx:
            assert await fetch_known_guild_ids(rx) == [kept.id]
