"""Retention: deletes what is older than the operator keeps, a little at a time, so that recording does not wait."""

import logging
from functools import partial

from bot.clock import Clock
from bot.config import Config
from bot.steps import in_steps
from cogs.invite_tracker.counting import DAY_MS
from storage.confirmations import delete_join_messages_before
from storage.corrections import delete_corrections_unreferenced
from storage.database import Database
from storage.invites import delete_tombstones_unreferenced, delete_unexplained_rises_before
from storage.joiner_roles import delete_joiner_roles_unreferenced, delete_role_gifts_before
from storage.joins import delete_departed_joins_before, delete_joins_before
from storage.resets import delete_resets_unreferenced

_log = logging.getLogger(__name__)

JOIN_DAYS = 31
"""Unless the operator says otherwise; with "while_member" they begin when the member leaves."""
STEP_ROWS = 100
"""A step holds the writer for about 3 ms among a million joins; one of 1,000 rows for 25."""
TOMBSTONE_AGE_MS = 10 * 60_000
"""A deleted invite is kept at least so long: a join by it may still be undecided."""


def retention_days(config: Config) -> int | None:
    """Return for how many days joins are kept at least; None when the operator keeps them for ever."""
    match config.retention.joins:
        case "while_member":
            return JOIN_DAYS
        case 0:
            return None
        case days:
            return days


async def retain(database: Database, clock: Clock, config: Config) -> None:
    """Delete expired joins, unexplained rises, and tombstones that no join refers to any more."""
    now_ms = clock.now_ms()
    days = retention_days(config)
    joins = rises = 0
    if days is not None:
        cutoff_ms = now_ms - days * DAY_MS
        delete_joins = delete_joins_before
        if config.retention.joins == "while_member":
            delete_joins = delete_departed_joins_before
        joins = await in_steps(database, clock, lambda tx: delete_joins(tx, cutoff_ms, STEP_ROWS), STEP_ROWS)
        rises = await in_steps(
            database,
            clock,
            lambda tx: delete_unexplained_rises_before(tx, cutoff_ms, STEP_ROWS),
            STEP_ROWS,
        )
    # A message is not edited after so long, and no role given, also where joins are kept for longer.
    messages_cutoff_ms = now_ms - min(days or JOIN_DAYS, JOIN_DAYS) * DAY_MS
    for delete_before in (delete_join_messages_before, delete_role_gifts_before):
        await in_steps(
            database,
            clock,
            partial(delete_before, cutoff_ms=messages_cutoff_ms, limit=STEP_ROWS),
            STEP_ROWS,
        )
    tombstones = await in_steps(
        database,
        clock,
        lambda tx: delete_tombstones_unreferenced(tx, now_ms - TOMBSTONE_AGE_MS, STEP_ROWS),
        STEP_ROWS,
    )
    # What was noted of joins goes with the last of them, and what invites bring with the invite.
    for delete in (
        delete_corrections_unreferenced,
        delete_resets_unreferenced,
        delete_joiner_roles_unreferenced,
    ):
        await in_steps(database, clock, partial(delete, limit=STEP_ROWS), STEP_ROWS)
    if joins or rises or tombstones:
        _log.info(
            "Retention: deleted %d joins, %d unexplained rises, %d tombstones.",
            joins,
            rises,
            tombstones,
            extra={"event": "joins_expired", "joins": joins, "rises": rises, "tombstones": tombstones},
        )
