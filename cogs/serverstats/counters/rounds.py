"""Whose turn it is: every guild is brought up to date once in each interval, and not all of them at once."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from bot.clock import Clock
from bot.modules import Job
from cogs.serverstats.counters.renaming import turn_of
from cogs.serverstats.counters.updating import Updater
from cogs.serverstats.service import ServerstatsService

_log = logging.getLogger(__name__)

GUILDS_AT_ONCE: Final = 8
TICKS_PER_INTERVAL: Final = 4
TICK_SECONDS_MOST: Final = 30.0


class Rounds:
    """Brings the guilds up to date, each in its turn."""

    def __init__(
        self, module: ServerstatsService, updater: Updater, clock: Clock, interval_minutes: float
    ) -> None:
        self._module = module
        self._updater = updater
        self._clock = clock
        self._interval_ms = max(1, int(interval_minutes * 60_000))
        self._turns: dict[int, int] = {}

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The one job; it runs several times in an interval, and each guild has its turn in one of the runs."""
        seconds = self._interval_ms / 1000 / TICKS_PER_INTERVAL
        return (Job("counters", min(TICK_SECONDS_MOST, seconds), self.update_due),)

    def forget(self, guild_id: int) -> None:
        """Keep nothing of this guild."""
        self._turns.pop(guild_id, None)

    async def update_due(self) -> None:
        """Bring those guilds up to date whose turn it is: every guild once in each interval."""
        now_ms = self._clock.now_ms()
        due = []
        for guild_id in self._module.enabled_guild_ids():
            turn = turn_of(guild_id, now_ms, self._interval_ms)
            # After a start every guild waits for its own moment, or all of them would come at once.
            if self._turns.setdefault(guild_id, turn) != turn:
                self._turns[guild_id] = turn
                due.append(guild_id)
        await self._update(due)

    async def update_all(self) -> None:
        """Bring all guilds up to date now."""
        await self._update(self._module.enabled_guild_ids())

    async def _update(self, guild_ids: Iterable[int]) -> None:
        slots = asyncio.Semaphore(GUILDS_AT_ONCE)

        async def update(guild_id: int) -> None:
            async with slots:
                try:
                    await self._updater.update(guild_id)
                except Exception:
                    _log.exception("The counters of server %d could not be brought up to date.", guild_id)

        await asyncio.gather(*(update(guild_id) for guild_id in guild_ids))
