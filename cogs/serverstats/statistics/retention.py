"""Retention of statistics: day by day, guild by guild, a little at a time, so that recording does not wait."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from bot.clock import Clock
from bot.recorder import Recorder
from bot.steps import in_steps
from storage.database import Database, WriteTransaction
from storage.statistics import retention

_log = logging.getLogger(__name__)

RETENTION_DAYS: Final = 31
"""Records are kept on the day of recording and the 31 days after it."""
STEP_ROWS: Final = 1000


class StatisticsRetention:
    """Deletes what is older than 31 server days, and all of a guild that wants no statistics any more."""

    def __init__(self, database: Database, clock: Clock, recorder: Recorder) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder
        self._first_days: dict[int, int] = {}

    async def retain(self, guild_id: int) -> int:
        """Delete the expired days of a guild and return how many raw records that were; once a day there is something to do."""
        days = await self._recorder.fetch_days(guild_id)
        first_day = days.day_of(self._clock.now_ms()) - RETENTION_DAYS
        if self._first_days.get(guild_id) == first_day:
            return 0
        cutoff_ms = days.start_of(first_day)
        deleted = 0
        for table in retention.RAW_TABLES:
            for kind in await self._kinds(guild_id, table):
                deleted += await self._in_steps(
                    partial(
                        retention.delete_records_before,
                        table=table,
                        guild_id=guild_id,
                        kind=kind,
                        cutoff_ms=cutoff_ms,
                        limit=STEP_ROWS,
                    )
                )
        for table in retention.ROLLUP_KEYS:
            for kind in await self._kinds(guild_id, table):
                await self._in_steps(
                    partial(
                        retention.delete_rollups_before,
                        table=table,
                        guild_id=guild_id,
                        kind=kind,
                        first_day=first_day,
                        limit=STEP_ROWS,
                    )
                )
        async with self._recorder.held(), self._database.write() as tx:
            await retention.delete_what_nothing_refers_to(tx, guild_id, days, first_day)
        self._first_days[guild_id] = first_day
        if deleted:
            _log.info(
                "Retention: deleted %d records of statistics.",
                deleted,
                extra={"event": "statistics_expired", "guild_id": guild_id, "records": deleted},
            )
        return deleted

    async def delete_all(self, guild_id: int) -> None:
        """Delete everything of a guild; nothing of it may be recorded any more."""
        self._first_days.pop(guild_id, None)
        for table in retention.TABLES:
            await self._in_steps(
                partial(retention.delete_statistics_step, table=table, guild_id=guild_id, limit=STEP_ROWS)
            )

    async def _kinds(self, guild_id: int, table: str) -> list[int]:
        async with self._database.read() as rx:
            return await retention.fetch_kinds(rx, guild_id, table)

    async def _in_steps(self, step: Callable[[WriteTransaction], Awaitable[int]]) -> int:
        return await in_steps(self._database, self._clock, step, STEP_ROWS)
