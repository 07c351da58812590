"""The small writes beside the records: polls that became known, downtimes that ended. One worker, whatever happens."""

import asyncio
import logging
import sqlite3

from bot.parts import Parts
from cogs.serverstats.statistics.polls import PollBook
from storage.polls import delete_polls, upsert_polls
from storage.statistics.downtimes import Downtime, insert_downtimes

_log = logging.getLogger(__name__)

_IDLE_SECONDS = 3600.0


class Bookkeeping:
    """Stores polls and downtimes soon after they became known; until they are stored it tries again."""

    def __init__(self, parts: Parts, polls: PollBook) -> None:
        self._database = parts.database
        self._clock = parts.clock
        self._recorder = parts.recorder
        self._config = parts.config.recorder
        self._polls = polls
        self._downtimes: list[tuple[int, Downtime]] = []
        self._stored_until_ms: dict[int, int] = {}
        self._stir = asyncio.Event()
        self._closing = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    def open(self) -> None:
        """Begin to write."""
        self._worker = asyncio.create_task(self._work(), name="statistics bookkeeping")

    async def close(self) -> None:
        """Write what waits, and stop."""
        self._closing.set()
        self._stir.set()
        if self._worker is not None:
            await self._worker
        try:
            await self._write()
        except sqlite3.Error as error:
            _log.error("Polls and downtimes could not be stored before the stop: %s.", error)

    def note_downtime(self, guild_id: int, downtime: Downtime) -> None:
        """Store a downtime; one that began at the same moment is prolonged."""
        began_at_ms = downtime.began_at_ms
        self._downtimes = [
            waiting
            for waiting in self._downtimes
            if (waiting[0], waiting[1].began_at_ms) != (guild_id, began_at_ms)
        ]
        self._downtimes.append((guild_id, downtime))
        self._stir.set()

    def note_polls(self) -> None:
        """Store the polls that changed."""
        self._stir.set()

    def is_done(self, guild_id: int) -> bool:
        """Whether the guild's downtimes are stored."""
        return not any(waiting_id == guild_id for waiting_id, _downtime in self._downtimes)

    def stored_until_ms(self, guild_id: int) -> int:
        """Return the end of the guild's last downtime that is stored; 0 without any in this life."""
        return self._stored_until_ms.get(guild_id, 0)

    async def forget(self, guild_id: int) -> None:
        """Drop what waits of a guild whose data is about to be deleted; nothing of it is under way afterwards."""
        async with self._writing:
            self._polls.forget(guild_id)
            self._downtimes = [waiting for waiting in self._downtimes if waiting[0] != guild_id]
            self._stored_until_ms.pop(guild_id, None)

    async def _work(self) -> None:
        while not self._closing.is_set():
            await self._clock.wait_for(self._stir, _IDLE_SECONDS)
            self._stir.clear()
            await self._clock.wait_for(self._closing, self._config.flush_interval_ms / 1000)
            if self._closing.is_set():
                return
            try:
                await self._write()
            except Exception as error:
                # The recorder warns the operator; here nothing is lost but time.
                _log.warning("Polls and downtimes could not be stored yet: %s.", error)
                await self._clock.wait_for(self._closing, self._config.retry_seconds)
                self._stir.set()

    async def _write(self) -> None:
        async with self._writing:
            await self._write_in_turn()

    async def _write_in_turn(self) -> None:
        polls, downtimes = self._polls.unstored, tuple(self._downtimes)
        if not polls and not downtimes:
            return
        if downtimes:
            # A guild counts as caught up once its downtime is stored: the sessions that it ended are, too, by then.
            await self._recorder.flush()
        async with self._database.write() as tx:
            await upsert_polls(tx, [poll for poll in polls.values() if poll is not None])
            await delete_polls(tx, [key for key, poll in polls.items() if poll is None])
            await insert_downtimes(tx, downtimes)
        self._polls.note_stored(polls)
        self._downtimes = [waiting for waiting in self._downtimes if waiting not in downtimes]
        for guild_id, downtime in downtimes:
            self._stored_until_ms[guild_id] = max(downtime.ended_at_ms, self.stored_until_ms(guild_id))
