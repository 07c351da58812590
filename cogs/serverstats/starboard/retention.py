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


async def retain(database: Database, clock: Clock) -> set[int]:
    """End the monitoring of what was recorded longer ago, a little at a time, so that recording does not wait.

    Returns the guilds in which something ended.
    """
    cutoff_ms = clock.now_ms() - MONITORED_DAYS * DAY_MS
    ended = 0
    guild_ids: set[int] = set()
    while True:
        async with database.write() as tx:
            guild_of_each = await delete_expired_entries(tx, cutoff_ms, STEP_ROWS)
        ended += len(guild_of_each)
        guild_ids.update(guild_of_each)
        if len(guild_of_each) < STEP_ROWS:
            break
        await clock.sleep(PAUSE_SECONDS)
    if ended:
        _log.info("Starboard retention: %d messages are no longer monitored.", ended)
    return guild_ids
