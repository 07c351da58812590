"""Deleting a little at a time, so that recording does not wait."""

from collections.abc import Awaitable, Callable
from typing import Final

from bot.clock import Clock
from storage.database import Database, WriteTransaction

PAUSE_SECONDS: Final = 0.01


async def in_steps(
    database: Database, clock: Clock, step: Callable[[WriteTransaction], Awaitable[int]], step_rows: int
) -> int:
    """Take the step, each time in a transaction of its own, until it deletes fewer rows than it may; return how many in all."""
    deleted = 0
    while True:
        async with database.write() as tx:
            count = await step(tx)
        deleted += count
        if count < step_rows:
            return deleted
        # Recording goes first: other writers get the lock between two steps.
        await clock.sleep(PAUSE_SECONDS)
