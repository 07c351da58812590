"""Whatever happens, every rollup equals what the raw records come to."""

import asyncio
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings

from cogs.serverstats.statistics.retention import StatisticsRetention
from storage.database import Database
from tests.cogs.serverstats.statistics.histories import (
    GUILD,
    START_MS,
    Story,
    histories,
    rollups_by_the_records,
    stored_rollups,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories)
def test_every_rollup_equals_the_aggregate_of_the_raw_records(history: list[tuple[Any, ...]]) -> None:
    """Through retention, opt-outs, erasures, restarts, repeated events, and changes of the timezone."""
    asyncio.run(live_through(history))


async def live_through(history: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(Path(folder) / "headcount.sqlite3", now_ms=START_MS)
        try:
            story = Story(Path(folder), database)
            for step in history:
                await story.live(step)
            await story.recorder.flush()
            # As tomorrow's would: a session that ends only now may have added to days that were deleted today.
            await StatisticsRetention(database, story.clock, story.recorder).retain(GUILD)
            async with database.read() as rx:
                stored, stored_masks = await stored_rollups(rx)
                expected, masks = await rollups_by_the_records(rx, story.clock.at_ms)
                dangling = await rx.fetch_all(
                    "SELECT 1 FROM statistics_events AS records WHERE text_id IS NOT NULL AND NOT EXISTS "
                    "(SELECT 1 FROM statistics_texts AS texts WHERE texts.text_id = records.text_id)"
                )
        finally:
            await database.close()
    assert Counter({key: number for key, number in stored.items() if number}) == expected
    for key, mask in masks.items():
        assert stored_masks[key] & mask == mask
    assert dangling == []
