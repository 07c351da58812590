"""Retention: messages are monitored for 31 days, then only a tombstone of those that were on a board stays."""

import logging

from bot.clock import Clock
from bot.steps import in_steps
from cogs.serverstats.starboard.rules import MONITORED_DAYS
from storage.database import Database, WriteTransaction
from storage.starboard import delete_expired_entries

_log = logging.getLogger(__name__)

DAY_MS = 86_400_000
STEP_ROWS = 100
"""A step holds the writer for a few milliseconds."""


async def retain(database: Database, clock: Clock) -> set[int]:
    """End the monitoring of what was recorded longer ago, a little at a time, so that recording does not wait.

    Returns the guilds in which something ended.
    """
    cutoff_ms = clock.now_ms() - MONITORED_DAYS * DAY_MS
    guild_ids: set[int] = set()

    async def step(tx: WriteTransaction) -> int:
        guild_of_each = await delete_expired_entries(tx, cutoff_ms, STEP_ROWS)
        guild_ids.update(guild_of_each)
        return len(guild_of_each)

    ended = await in_steps(database, clock, step, STEP_ROWS)
    if ended:
        _log.info(
            "Starboard retention: %d messages are no longer monitored.",
            ended,
            extra={"event": "stars_expired", "messages": ended},
        )
    return guild_ids
