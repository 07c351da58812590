"""Rounds through all guilds that somebody outside asks for, however often they do."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from bot.acting import THE_BOT, act_for
from bot.clock import Clock

DISTANCE_SECONDS: Final = 60.0
"""Between the beginnings of two of these rounds; Discord allows a channel far fewer renames than that."""


class AskedRounds:
    """One round at a time, one a minute at most; those who ask meanwhile get one more, together."""

    def __init__(self, clock: Clock, update_all: Callable[[], Awaitable[None]]) -> None:
        self._clock = clock
        self._update_all = update_all
        self._is_asked = False
        self._next_at = 0.0
        self._worker: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Have all guilds brought up to date soon; never waits."""
        self._is_asked = True
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="counters, asked for")

    async def close(self) -> None:
        """Give up what is under way: the next life brings everything up to date anyway."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    async def _work(self) -> None:
        act_for(THE_BOT)
        while self._is_asked:
            wait = self._next_at - self._clock.monotonic()
            if wait > 0:
                await self._clock.sleep(wait)
            self._is_asked = False
            self._next_at = self._clock.monotonic() + DISTANCE_SECONDS
            await self._update_all()
