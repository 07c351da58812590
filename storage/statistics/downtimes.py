"""Times of which nothing, or not everything, is on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage.database import ReadTransaction, WriteTransaction
from storage.statements import insert_rows

_INSERT = "INSERT INTO downtimes (guild_id, began_at_ms, ended_at_ms, reason, lost_records)"
_ON_CONFLICT = """
ON CONFLICT (guild_id, began_at_ms) DO UPDATE SET
ended_at_ms = MAX(ended_at_ms, excluded.ended_at_ms), lost_records = lost_records + excluded.lost_records
"""
_FETCH = """
SELECT began_at_ms, ended_at_ms, reason, lost_records FROM downtimes
WHERE guild_id = ? AND ended_at_ms > ? AND began_at_ms < ?
    AND (ended_at_ms > began_at_ms + 1 OR lost_records > 0) ORDER BY began_at_ms
"""
_FETCH_LAST_BEGINNING = "SELECT MAX(began_at_ms) FROM downtimes WHERE guild_id = ? AND reason = ?"
_DELETE = "DELETE FROM downtimes WHERE guild_id = ? AND ended_at_ms < ?"


class Reason(StrEnum):
    """Why records are missing."""

    AWAY = "away"
    """The bot was not running, or not connected."""
    OVERFLOW = "overflow"
    """The database could not be written for so long that records had to be given up."""


@dataclass(frozen=True, slots=True)
class Downtime:
    """A stretch of time of which records are missing, UTC epoch milliseconds."""

    began_at_ms: int
    ended_at_ms: int
    reason: Reason
    lost_records: int = 0
    """How many were given up; 0 when nobody knows."""


async def insert_downtimes(tx: WriteTransaction, downtimes: Sequence[tuple[int, Downtime]]) -> None:
    """Store (guild id, downtime); one that began at the same moment is prolonged."""
    rows = [
        (guild_id, downtime.began_at_ms, downtime.ended_at_ms, downtime.reason.value, downtime.lost_records)
        for guild_id, downtime in downtimes
        if downtime.ended_at_ms > downtime.began_at_ms
    ]
    await insert_rows(tx, _INSERT, rows, _ON_CONFLICT)


async def fetch_downtimes(
    rx: ReadTransaction, guild_id: int, since_ms: int, until_ms: int
) -> tuple[Downtime, ...]:
    """Return the downtimes that touch this stretch of time, the earliest first.

    One of a millisecond is the mark of a clean stop: the next start will tell how long it lasted.
    """
    rows = await rx.fetch_all(_FETCH, (guild_id, since_ms, until_ms))
    return tuple(Downtime(began, ended, Reason(reason), lost) for began, ended, reason, lost in rows)


async def fetch_last_absence_ms(rx: ReadTransaction, guild_id: int) -> int | None:
    """Return when the last absence on record began; None without any."""
    row = await rx.fetch_one(_FETCH_LAST_BEGINNING, (guild_id, Reason.AWAY.value))
    return None if row is None else row[0]


async def delete_downtimes_before(tx: WriteTransaction, guild_id: int, cutoff_ms: int) -> int:
    """Delete downtimes that ended before this time."""
    return await tx.execute(_DELETE, (guild_id, cutoff_ms))
