"""Which messages of a guild are to be looked at, each once however often it is marked."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import discord

from bot.acting import THE_BOT, act_for
from bot.clock import Clock
from bot.request_failures import REQUEST_FAILURES
from bot.text.language import Language, speak

_log = logging.getLogger(__name__)

RETRY_SECONDS = (5.0, 20.0, 60.0)
"""After so many failures in a row a message is put off: it has one try each time that `retry_put_off` is called."""
SETTLE_SECONDS = 5.0


@dataclass(slots=True)
class _Mark:
    channel_id: int
    due_at: float
    """On the monotonic clock, in seconds."""
    failures: int = 0


Look = Callable[[int, int], Awaitable[float]]
"""Looks at a message, (message id, channel id), and returns for how many seconds it need not be looked at again."""


class LookQueue:
    """Looks at the marked messages of one guild, one after the other; a worker runs only while there are any."""

    def __init__(self, guild_id: int, clock: Clock, look: Look) -> None:
        self._guild_id = guild_id
        self._clock = clock
        self._look = look
        self._marks: dict[int, _Mark] = {}
        self._put_off: dict[int, int] = {}
        """Channels by message id."""
        self._rests_until: dict[int, float] = {}
        self._changed = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._closed = False
        self.turn = asyncio.Lock()
        """Held while a message is looked at, or while boards change."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being looked at, and nothing is due."""
        now = self._clock.monotonic()
        return not self.turn.locked() and all(mark.due_at > now for mark in self._marks.values())

    def is_marked(self, message_id: int) -> bool:
        """Whether a message is going to be looked at."""
        return message_id in self._marks

    def mark(self, message_id: int, channel_id: int, delay_seconds: float = 0) -> None:
        """Have a message looked at after so long, or sooner when it is marked for sooner; never blocks."""
        if self._closed:
            return
        now = self._clock.monotonic()
        due_at = max(now + delay_seconds, self._rests_until.get(message_id, now))
        mark = self._marks.get(message_id)
        if mark is None:
            self._marks[message_id] = _Mark(channel_id, due_at)
        else:
            mark.due_at = min(mark.due_at, due_at)
        self._changed.set()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name=f"starboard of {self._guild_id}")

    def retry_put_off(self, next_delay: Callable[[], float]) -> None:
        """Mark again what failed too often, each after so many seconds."""
        put_off, self._put_off = self._put_off, {}
        for message_id, channel_id in put_off.items():
            self._mark_again(message_id, _Mark(channel_id, 0, len(RETRY_SECONDS)), next_delay())

    async def close(self) -> None:
        """Finish the look that is under way, within a few seconds, and look at nothing any more."""
        self._closed = True
        self._marks.clear()
        self._put_off.clear()
        self._changed.set()
        worker, self._worker = self._worker, None
        if worker is None or worker.done() or worker is asyncio.current_task():
            return
        _done, late = await asyncio.wait({worker}, timeout=SETTLE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _work(self) -> None:
        # What woke it up may have been somebody's command; what it does, it does by itself.
        act_for(THE_BOT)
        speak(Language.ENGLISH)
        while self._marks:
            message_id = min(self._marks, key=lambda marked: self._marks[marked].due_at)
            mark = self._marks[message_id]
            wait = mark.due_at - self._clock.monotonic()
            if wait > 0:
                self._changed.clear()
                await self._clock.wait_for(self._changed, wait)
                continue
            del self._marks[message_id]
            await self._look_safely(message_id, mark)

    async def _look_safely(self, message_id: int, mark: _Mark) -> None:
        try:
            async with self.turn:
                if self._closed:
                    return
                rest_seconds = await self._look(message_id, mark.channel_id)
        except discord.RateLimited as limit:
            # Whoever else is marked goes first: other channels have limits of their own.
            self._mark_again(message_id, mark, limit.retry_after)
        except Exception as error:
            if not mark.failures and not isinstance(error, REQUEST_FAILURES):
                _log.exception("Starboard of server %d: message %d failed.", self._guild_id, message_id)
            self._try_later(message_id, mark, error)
        else:
            self._put_off.pop(message_id, None)
            self._rest(message_id, rest_seconds)

    def _try_later(self, message_id: int, mark: _Mark, error: Exception) -> None:
        if mark.failures < len(RETRY_SECONDS):
            self._mark_again(message_id, mark, RETRY_SECONDS[mark.failures], failed=True)
            return
        self._put_off[message_id] = mark.channel_id
        _log.warning("Starboard of server %d: message %d is put off: %s", self._guild_id, message_id, error)

    def _mark_again(self, message_id: int, mark: _Mark, seconds: float, *, failed: bool = False) -> None:
        self.mark(message_id, mark.channel_id, seconds)
        if message_id in self._marks:
            self._marks[message_id].failures = mark.failures + failed

    def _rest(self, message_id: int, seconds: float) -> None:
        now = self._clock.monotonic()
        if seconds > 0:
            self._rests_until[message_id] = now + seconds
            # What was marked during the look waits, too.
            if message_id in self._marks:
                self._marks[message_id].due_at = max(self._marks[message_id].due_at, now + seconds)
        for rested in [other for other, until in self._rests_until.items() if until <= now]:
            del self._rests_until[rested]
