"""Rollups: however many sessions end at once, everything else has its turn."""

import asyncio

from storage.database import Database
from storage.server_days import HOUR_MS, ServerDays
from storage.statistics.catalogue import PRESENCE
from storage.statistics.record_ids import RecordIds
from storage.statistics.rollups import Rollups
from tests.storage.rows import GUILD

BEGAN_MS = 1_790_000_000_000


async def test_the_end_of_thousands_of_long_sessions_gives_way() -> None:
    ids = RecordIds()
    turns = 0

    async def live_on() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    rollups = Rollups({GUILD + number: ServerDays("UTC") for number in range(300)})
    rollups.add_sessions_ended(
        (GUILD + number % 300, PRESENCE.number, ids.next(BEGAN_MS), number, None, 1, BEGAN_MS + 30 * HOUR_MS)
        for number in range(3_000)
    )
    other = asyncio.create_task(live_on())
    await rollups._add_up_sessions()
    other.cancel()
    assert turns >= 10


async def test_sessions_of_a_guild_and_kind_are_added_up_once(database: Database) -> None:
    ids = RecordIds()
    rollups = Rollups({GUILD: ServerDays("UTC")})
    rollups.add_sessions_ended(
        (GUILD, PRESENCE.number, ids.next(BEGAN_MS), 7, None, 1, BEGAN_MS + 30 * HOUR_MS)
        for _ in range(1_200)
    )
    rollups.add_sessions_ended([(GUILD, PRESENCE.number, ids.next(BEGAN_MS), 7, None, 1, None)])
    async with database.write() as tx:
        await rollups.upsert(tx)
    expected_ms = 1_200 * 30 * HOUR_MS
    async with database.read() as rx:
        for table in ("statistics_hours", "statistics_user_days", "statistics_text_days"):
            assert await rx.fetch_all(f"SELECT SUM(total), SUM(events) FROM {table}") == [(expected_ms, 0)]
