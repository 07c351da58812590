"""Retention: messages are monitored for 31 days, then only a tombstone of those that were on a board stays."""

import logging

from bot.clock import Clock
from cogs.serverstats.starboard.rules import MONITORED_DAYS
from storage.database import Database
from storage.starboard import delete_expired_entries

_log = logging.getLogger(__name__)

DAY_MS = 86_400_000
STEP_ROWS = 100
"""A step holds the writer for a few milliseconds."""
PAUSE_SECONDS = 0.01


async def retain(database: Database, clock: Clock) -> None:
    """End the monitoring of what was recorded longer ago, a little at a time, so that recording does not wait."""
    cutoff_ms = clock.now_ms() - MONITORED_DAYS * DAY_MS
    ended = 0
    while True:
        async with database.write() as tx:
            count = await delete_expired_entries(tx, cutoff_ms, STEP_ROWS)
        ended += count
        if count < STEP_ROWS:
            break
        await clock.sleep(PAUSE_SECONDS)
    if ended:
        _log.info("Starboard retention: %d messages are no longer monitored.", ended)
