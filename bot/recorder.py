"""The recorder: statistics come in as they happen, without a task or a wait, and go out to the database in batches.

Whoever records calls a plain function; every quarter of a second what has come together is stored in one transaction,
raw records and rollups alike. So a crash loses no more than one interval, and a clean stop nothing. While the database
cannot be written records wait, up to a limit; what has to be given up beyond it is counted and put on record as missing.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from bot.awaited_records import NOT_STORED, AwaitedRecords
from bot.clock import Clock
from bot.config import RecorderConfig
from bot.errors import DatabaseError
from bot.record_values import check_values, make_event
from bot.recorder_status import Flush, RecorderStatus
from storage.database import Database, carry_through, is_trouble_of_the_database
from storage.opt_outs import delete_opt_out, fetch_opt_outs, insert_opt_out
from storage.server_days import ServerDays, fetch_server_days, update_timezone
from storage.statistics.catalogue import KINDS, Aggregate, Group, Source
from storage.statistics.changes import Change, EventRecorded, SessionClosed
from storage.statistics.downtimes import Downtime, Reason, insert_downtimes
from storage.statistics.record_ids import RecordIds
from storage.statistics.recording import fetch_newest_ms, insert_changes

__all__ = ["Flush", "Recorder", "RecorderStatus"]

_log = logging.getLogger(__name__)

CHANGES_PER_TRANSACTION = 4000
"""A transaction of so many holds the writer for about 40 ms."""
CHANGES_IN_A_HURRY = 1000
"""When so many have come together they are stored before the interval is over."""
UNSTORABLE_LOGGED = 5
_IDLE_SECONDS = 3600.0


@dataclass(slots=True)
class _Loss:
    began_at_ms: int
    records: int


class Recorder:
    """Takes changes synchronously and stores them in batches."""

    def __init__(self, database: Database, clock: Clock, config: RecorderConfig) -> None:
        self._database = database
        self._clock = clock
        self._config = config
        self._ids = RecordIds()
        self._buffer: list[Change] = []
        self._awaited = AwaitedRecords()
        self._flushing = asyncio.Lock()
        self._stir = asyncio.Event()
        self._hurry = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._days: dict[int, ServerDays] = {}
        self._groups: dict[int, frozenset[Group]] = {}
        self._opted_out: set[tuple[int, int]] = set()
        self._losses: dict[int, _Loss] = {}
        self._lost = 0
        self._unstorable = 0
        self._is_full = False
        self._flush_seconds = 0.0
        self._last_flush: Flush | None = None
        self._waiting_since: float | None = None
        self._failing_since_ms: int | None = None
        self._failing_since: float | None = None
        self._last_error: str | None = None

    # Coming in

    def take(self, change: Change) -> bool:
        """Keep a change until the next flush; False when there is no room for it any more.

        The end of a session is always kept: without it the session would seem to last.
        """
        buffer = self._buffer
        if len(buffer) >= self._config.capacity and not isinstance(change, SessionClosed):
            if not self._is_full:
                self._is_full = True
                _log.error(
                    "The database has not been writable for so long that statistics are given up now.",
                    extra={"event": "records_given_up", "waiting": len(buffer)},
                )
            self._give_up(change)
            return False
        if not buffer:
            self._stir.set()
        buffer.append(change)
        if len(buffer) == CHANGES_IN_A_HURRY:
            self._hurry.set()
        return True

    def record(
        self,
        kind_key: str,
        guild_id: int,
        *,
        user_id: int | None = None,
        channel_id: int | None = None,
        text: str | None = None,
        duration_seconds: float | None = None,
        at_ms: int | None = None,
    ) -> bool:
        """Record that something of this kind happened (now, unless `at_ms` says otherwise); return whether it is kept.

        For cogs of this process; `kind_key` is a key of the catalogue, e.g. `modules/tickets/created`. Nothing is recorded,
        and False returned, where the guild has not switched the kind's group on, and for kinds that come from Discord's own
        events or are no events (sessions, samples). A kind that does not exist raises KeyError, a value that no record can
        hold ValueError.
        """
        event = self._event_of(kind_key, guild_id, user_id, channel_id, text, duration_seconds, at_ms)
        return event is not None and self.take(event)

    async def record_and_store(
        self,
        kind_key: str,
        guild_id: int,
        *,
        user_id: int | None = None,
        channel_id: int | None = None,
        text: str | None = None,
        duration_seconds: float | None = None,
    ) -> bool:
        """Record as `record` does, and return only once it is stored: for those who report it once and then forget it.

        All that is recorded meanwhile is stored with it, in one transaction. DatabaseError means that the record is not
        stored and never will be, so that reporting it again does not count it twice.
        """
        event = self._event_of(kind_key, guild_id, user_id, channel_id, text, duration_seconds, None)
        if event is None:
            return False
        # Not given up, as `take` would: whoever reports it is told, and may try again.
        if len(self._buffer) >= self._config.capacity or self._closing.is_set():
            raise DatabaseError(NOT_STORED)
        self.take(event)
        is_stored = self._awaited.add(event)
        self._hurry.set()
        return await is_stored

    def _event_of(
        self,
        kind_key: str,
        guild_id: int,
        user_id: int | None,
        channel_id: int | None,
        text: str | None,
        duration_seconds: float | None,
        at_ms: int | None,
    ) -> EventRecorded | None:
        """Return what is to be kept; None when nothing of the kind is recorded in this guild."""
        kind = KINDS[kind_key]
        is_event = kind.aggregate in {Aggregate.COUNT, Aggregate.MEAN}
        if not is_event or kind.source is Source.GATEWAY or not self.is_wanted(guild_id, kind.group):
            return None
        at_ms = self._clock.now_ms() if at_ms is None else at_ms
        check_values(user_id, channel_id, duration_seconds, at_ms)
        if user_id is not None and self.is_opted_out(guild_id, user_id):
            user_id = None
        return make_event(kind, guild_id, self.next_id(at_ms), user_id, channel_id, text, duration_seconds)

    def next_id(self, at_ms: int) -> int:
        """Return an id for a record of this time."""
        return self._ids.next(at_ms)

    # What is wanted

    def want(self, guild_id: int, groups: frozenset[Group] | None) -> None:
        """Note which groups a guild has switched on; None when it wants nothing recorded."""
        if groups is None:
            self._groups.pop(guild_id, None)
        else:
            self._groups[guild_id] = groups

    def is_wanted(self, guild_id: int, group: Group) -> bool:
        """Whether the guild has switched this group on."""
        return group in self._groups.get(guild_id, ())

    def is_opted_out(self, guild_id: int, user_id: int) -> bool:
        """Whether this person wants to be left out: what they do is recorded without their id."""
        return (guild_id, user_id) in self._opted_out

    async def opt_out(self, guild_id: int, user_id: int) -> None:
        """Record this person without their id from the next event on."""
        self._opted_out.add((guild_id, user_id))
        async with self._database.write() as tx:
            await insert_opt_out(tx, guild_id, user_id, self._clock.now_ms())
        # Should an opting in have come to its end meanwhile: what was stored last holds.
        self._opted_out.add((guild_id, user_id))
        # Without saying who: the log would tell longer than anything else.
        _log.info("Somebody opted out.", extra={"event": "opted_out", "guild_id": guild_id})

    async def opt_in(self, guild_id: int, user_id: int) -> None:
        """Record this person with their id again."""
        async with self._database.write() as tx:
            await delete_opt_out(tx, guild_id, user_id)
        self._opted_out.discard((guild_id, user_id))
        _log.info("Somebody opted in again.", extra={"event": "opted_in", "guild_id": guild_id})

    # Going out

    @property
    def status(self) -> RecorderStatus:
        """How recording is doing."""
        return RecorderStatus(
            waiting=len(self._buffer),
            capacity=self._config.capacity,
            lost=self._lost,
            failing_since_ms=self._failing_since_ms,
            last_error=self._last_error,
            failing_seconds=self._seconds_since(self._failing_since),
            waiting_seconds=self._seconds_since(self._waiting_since),
            last_flush=self._last_flush,
        )

    def _seconds_since(self, monotonic: float | None) -> float | None:
        return None if monotonic is None else self._clock.monotonic() - monotonic

    async def open(self) -> None:
        """Load who opted out, and begin to store."""
        async with self._database.read() as rx:
            self._opted_out = await fetch_opt_outs(rx)
        self._worker = asyncio.create_task(self._work(), name="recorder")

    async def close(self) -> None:
        """Store everything that waits, and stop."""
        self._closing.set()
        self._hurry.set()
        self._stir.set()
        if self._worker is not None:
            await self._worker
        try:
            await self.flush()
        except Exception as error:  # whatever it is, the rest of the stop must go on
            _log.error(
                "%d records could not be stored before the stop: %s.",
                len(self._buffer),
                error,
                extra={"event": "records_lost", "records": len(self._buffer)},
            )

    async def flush(self) -> None:
        """Store everything that has come in so far; raises sqlite3.Error, and everything still waits then.

        Only what somebody waits for is withdrawn: they are told.
        """
        async with self._flushing:
            await self._flush()

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Store everything that waits, then store nothing until the block ends: records go on coming in.

        For changes to what is stored that must not meet a batch: an erasure, another timezone.
        """
        async with self._flushing:
            await self._flush()
            yield

    async def forget(self, guild_id: int) -> None:
        """Want nothing of this guild any more, and drop what waits; its records are about to be deleted."""
        self.want(guild_id, None)
        async with self._flushing:
            self._buffer = [change for change in self._buffer if change[0] != guild_id]
            self._awaited.tell_dropped(guild_id)
            self._losses.pop(guild_id, None)
            self._days.pop(guild_id, None)

    async def fetch_days(self, guild_id: int) -> ServerDays:
        """Return the guild's days as they are now."""
        async with self._database.read() as rx:
            return await fetch_server_days(rx, guild_id)

    async def change_timezone(self, guild_id: int, timezone: str) -> None:
        """Let the guild's days follow another timezone, an IANA name, from now on."""
        async with self.held():
            async with self._database.write() as tx:
                # Discord's clock may be ahead of ours: the days of what is on record must stay what they are.
                newest_ms = await fetch_newest_ms(tx, guild_id) or 0
                await update_timezone(tx, guild_id, timezone, max(self._clock.now_ms(), newest_ms + 1))
            self._days.pop(guild_id, None)
        _log.info(
            "The days of a server follow another timezone from now on.",
            extra={"event": "timezone_changed", "guild_id": guild_id, "timezone": timezone},
        )

    async def _work(self) -> None:
        while not self._closing.is_set():
            await self._clock.wait_for(self._stir, _IDLE_SECONDS)
            self._stir.clear()
            if self._buffer or self._losses or self._failing_since_ms is not None:
                if self._waiting_since is None and (self._buffer or self._losses):
                    self._waiting_since = self._clock.monotonic()
                # From the beginning of one flush to that of the next, however long it takes.
                pause_seconds = self._config.flush_interval_ms / 1000 - self._flush_seconds
                if pause_seconds > 0:
                    await self._clock.wait_for(self._hurry, pause_seconds)
                self._hurry.clear()
                if not self._closing.is_set():
                    began = self._clock.monotonic()
                    await self._flush_or_wait()
                    self._flush_seconds = self._clock.monotonic() - began

    async def _flush_or_wait(self) -> None:
        try:
            await self.flush()
        except Exception as error:
            if self._failing_since_ms is None:
                self._failing_since_ms, self._failing_since = self._clock.now_ms(), self._clock.monotonic()
                _log.exception(
                    "Statistics cannot be stored; they wait, at most %d.",
                    self._config.capacity,
                    extra={"event": "recording_failing", "waiting": len(self._buffer)},
                )
            self._last_error = str(error) or type(error).__name__
            await self._clock.wait_for(self._closing, self._config.retry_seconds)
        else:
            if self._failing_since_ms is not None:
                seconds = round(self._seconds_since(self._failing_since) or 0, 1)
                _log.info(
                    "Statistics are stored again.", extra={"event": "recording_well", "seconds": seconds}
                )
            self._failing_since_ms = self._failing_since = self._last_error = None
        if self._buffer or self._failing_since_ms is not None:
            self._stir.set()

    async def _flush(self) -> None:
        try:
            await self._flush_all()
        except Exception:
            if self._awaited:
                self._buffer = self._awaited.withdraw_from(self._buffer)
                if not self._buffer:
                    self._waiting_since = None
            raise

    async def _flush_all(self) -> None:
        # What comes in meanwhile waits for the next flush: a flood must not keep one going for ever.
        began, records = self._clock.monotonic(), len(self._buffer)
        remaining = records
        while remaining > 0:
            batch = self._buffer[: min(remaining, CHANGES_PER_TRANSACTION)]
            # To be cancelled between the commit and the deletion would store the batch twice.
            await carry_through(self._store(batch))
            remaining -= len(batch)
        if not records and self._failing_since_ms is not None:
            # What could not be stored was withdrawn: nothing else would show that the database can be written again.
            async with self._database.write():
                pass
        await self._store_losses()
        self._waiting_since = began if self._buffer else None
        if records:
            self._last_flush = Flush(self._clock.now_ms(), self._clock.monotonic() - began, records)

    async def _store(self, batch: Sequence[Change]) -> None:
        """Store the first changes of the buffer; what cannot be stored at all is given up, so that the rest goes on."""
        try:
            async with self._database.write() as tx:
                await insert_changes(tx, batch, self._days, self.is_opted_out)
        except Exception as error:
            if is_trouble_of_the_database(error):
                raise
            if len(batch) > 1:
                middle = len(batch) // 2
                await self._store(batch[:middle])
                await self._store(batch[middle:])
                return
            self._unstorable += 1
            if self._unstorable <= UNSTORABLE_LOGGED or self._unstorable % 1000 == 0:
                _log.exception(
                    "A record cannot be stored and is given up, the %dth so far.",
                    self._unstorable,
                    extra={"event": "record_unstorable", "guild_id": batch[0][0]},
                )
            self._give_up(batch[0])
            self._awaited.tell_failed(batch)
        del self._buffer[: len(batch)]
        if self._awaited:
            self._awaited.tell_stored(batch)

    # Giving up

    def _give_up(self, change: Change) -> None:
        guild_id = change[0]
        self._lost += 1
        loss = self._losses.get(guild_id)
        if loss is None:
            self._losses[guild_id] = _Loss(self._clock.now_ms(), 1)
        else:
            loss.records += 1

    async def _store_losses(self) -> None:
        if not self._losses:
            return
        now_ms = self._clock.now_ms()
        losses = {guild_id: replace(loss) for guild_id, loss in self._losses.items()}
        downtimes = [
            (
                guild_id,
                Downtime(loss.began_at_ms, max(now_ms, loss.began_at_ms + 1), Reason.OVERFLOW, loss.records),
            )
            for guild_id, loss in losses.items()
        ]
        async with self._database.write() as tx:
            await insert_downtimes(tx, downtimes)
        self._is_full = False
        # Only what is stored is forgotten; meanwhile more may have been given up.
        for guild_id, stored in losses.items():
            loss = self._losses.get(guild_id)
            if loss is not None:
                loss.records -= stored.records
                if loss.records <= 0:
                    del self._losses[guild_id]
