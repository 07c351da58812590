"""Erasing a person from the statistics of a guild, a little at a time, while recording goes on."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from bot.clock import Clock
from bot.recorder import Recorder
from bot.steps import PAUSE_SECONDS
from storage.database import Database
from storage.server_days import ServerDays
from storage.statistics import erasure
from storage.statistics.catalogue import Kind

STEP_RECORDS: Final = 250
"""A transaction of so many holds the writer for a few milliseconds."""


class StatisticsEraser:
    """Takes people's ids off what is on record; to be run again after a crash, it does the rest."""

    def __init__(self, database: Database, clock: Clock, recorder: Recorder) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder

    async def erase(self, guild_id: int, user_id: int, let_go: Callable[[], None]) -> int:
        """Erase what is on record by now, and return how many records that were.

        `let_go()` must let sessions that go on lose the id, at once.
        """
        # Only for a moment: what goes on is named in memory and on record, and both must change between two batches.
        async with self._recorder.held():
            let_go()
            days = await self._recorder.fetch_days(guild_id)
            async with self._database.write() as tx:
                erased = await erasure.erase_open_sessions(tx, guild_id, user_id, days)
        for kind in erasure.ERASABLE:
            erased += await self._erase_kind(guild_id, kind, user_id, days)
        return erased

    async def _erase_kind(self, guild_id: int, kind: Kind, user_id: int, days: ServerDays) -> int:
        async with self._database.read() as rx:
            user_days = await erasure.fetch_user_days(rx, guild_id, kind, user_id)
        if not user_days:
            return 0
        erased: erasure.Erased = Counter()
        for first_id, end_id in erasure.ranges_of_days(kind, user_days, days):
            from_id = first_id
            while True:
                async with self._database.read() as rx:
                    found = await erasure.fetch_records_of_user(
                        rx, guild_id, kind, user_id, (from_id, end_id), STEP_RECORDS
                    )
                if found:
                    async with self._database.write() as tx:
                        erased += await erasure.erase_records(tx, guild_id, kind, user_id, found, days)
                    from_id = found[-1] + 1
                    # Recording goes first: other writers get the lock between two steps.
                    await self._clock.sleep(PAUSE_SECONDS)
                if len(found) < STEP_RECORDS:
                    break
        async with self._database.write() as tx:
            await erasure.delete_stale_days(tx, guild_id, kind, user_id, user_days, erased)
        return sum(number for (_day, what), number in erased.items() if what == "events")
