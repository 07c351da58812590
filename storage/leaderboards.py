"""Leaderboards that are posted again and again: which one is done with, and which one is under way."""

from dataclasses import dataclass
from enum import StrEnum

from storage.counting_sql import CREDITED, IS_FAKE, LEFT_AT_MS, rule_parameters
from storage.database import ReadTransaction, Row, SqlValue, WriteTransaction
from storage.records import FakeRules, InviteCounts

_COLUMNS = (
    "guild_id, since_ms, settled_day, outcome, posting_day, posting_due_at_ms, posting_channel_id, "
    "posting_began_at_ms, posting_tried_at_ms, posting_tries"
)
_FETCH_ALL = f"SELECT {_COLUMNS} FROM leaderboards ORDER BY guild_id"
_FETCH_ONE = f"SELECT {_COLUMNS} FROM leaderboards WHERE guild_id = ?"
_NOT_POSTING = """posting_day = NULL, posting_due_at_ms = NULL, posting_channel_id = NULL,
    posting_began_at_ms = NULL, posting_tried_at_ms = NULL, posting_tries = 0"""
# What is under way may have been sent: it counts as done with.
_UPSERT_SCHEDULE = f"""
INSERT INTO leaderboards (guild_id, since_ms) VALUES (?, ?)
ON CONFLICT (guild_id) DO UPDATE SET since_ms = excluded.since_ms,
    settled_day = CASE WHEN leaderboards.posting_day > leaderboards.settled_day
        THEN leaderboards.posting_day ELSE leaderboards.settled_day END,
    {_NOT_POSTING}
"""
_DELETE = "DELETE FROM leaderboards WHERE guild_id = ?"
_UPDATE_POSTING = """
UPDATE leaderboards SET posting_day = ?, posting_due_at_ms = ?, posting_channel_id = ?,
    posting_began_at_ms = ?, posting_tried_at_ms = ?, posting_tries = ?
WHERE guild_id = ? AND since_ms = ? AND settled_day < ?
"""
_UPDATE_SETTLED = f"""
UPDATE leaderboards SET settled_day = ?, outcome = ?, {_NOT_POSTING}
WHERE guild_id = ? AND settled_day <= ?
"""
_UPDATE_UNSENT = f"UPDATE leaderboards SET {_NOT_POSTING} WHERE guild_id = ? AND posting_day = ?"
# Who came and stayed: no bonus, no fake join, nobody who left. So no number is negative.
_FETCH_RANKING = f"""
SELECT inviter_id, COUNT(*), SUM(is_fake),
    SUM(CASE WHEN is_fake = 0 AND left_at_ms IS NOT NULL THEN 1 ELSE 0 END)
FROM (
    SELECT joins.credited_inviter_id + 0 AS inviter_id, {IS_FAKE} AS is_fake, {LEFT_AT_MS} AS left_at_ms
    {CREDITED.format(inviter="IS NOT NULL")} AND joins.joined_at_ms BETWEEN :since_ms AND :until_ms - 1
) AS facts
GROUP BY inviter_id
HAVING SUM(CASE WHEN is_fake = 0 AND left_at_ms IS NULL THEN 1 ELSE 0 END) > 0
ORDER BY SUM(CASE WHEN is_fake = 0 AND left_at_ms IS NULL THEN 1 ELSE 0 END) DESC, COUNT(*) DESC, inviter_id
LIMIT :limit OFFSET :offset
"""


class Outcome(StrEnum):
    """How a leaderboard ended that was due."""

    POSTED = "posted"
    TOO_LATE = "too_late"
    """The bot was away, or could not send, for too long."""
    REFUSED = "refused"
    """Discord would not have it."""
    UNCLEAR = "unclear"
    """It may have been sent, which could not be found out; better none than two."""


@dataclass(frozen=True, slots=True)
class Posting:
    """A leaderboard that may have been sent already, or is about to be."""

    day: int
    due_at_ms: int
    channel_id: int
    began_at_ms: int
    tried_at_ms: int
    """When it was sent for the last time, as far as it was."""
    tries: int


@dataclass(frozen=True, slots=True)
class LeaderboardRecord:
    """What is stored of a guild that has a schedule; `settled_day` is 0 before the first one."""

    guild_id: int
    since_ms: int
    settled_day: int
    outcome: Outcome | None
    posting: Posting | None


async def fetch_leaderboards(rx: ReadTransaction) -> list[LeaderboardRecord]:
    """Return all guilds that have a schedule."""
    return [_read(row) for row in await rx.fetch_all(_FETCH_ALL)]


async def fetch_leaderboard_record(rx: ReadTransaction, guild_id: int) -> LeaderboardRecord | None:
    """Return what is stored of a guild, None when it has no schedule."""
    row = await rx.fetch_one(_FETCH_ONE, (guild_id,))
    return None if row is None else _read(row)


async def upsert_leaderboard_schedule(tx: WriteTransaction, guild_id: int, since_ms: int) -> None:
    """Let a schedule begin at this time; what was done with before stays so."""
    await tx.execute(_UPSERT_SCHEDULE, (guild_id, since_ms))


async def delete_leaderboard_schedule(tx: WriteTransaction, guild_id: int) -> None:
    """Forget the schedule of a guild."""
    await tx.execute(_DELETE, (guild_id,))


async def update_leaderboard_posting(
    tx: WriteTransaction, guild_id: int, since_ms: int, posting: Posting
) -> bool:
    """Note what is about to be sent; False when the schedule has changed since it was read, or that day is done with."""
    parameters = (
        posting.day,
        posting.due_at_ms,
        posting.channel_id,
        posting.began_at_ms,
        posting.tried_at_ms,
        posting.tries,
        guild_id,
        since_ms,
        posting.day,
    )
    return await tx.execute(_UPDATE_POSTING, parameters) == 1


async def update_leaderboard_settled(tx: WriteTransaction, guild_id: int, day: int, outcome: Outcome) -> None:
    """Note that the leaderboard of this day is done with."""
    await tx.execute(_UPDATE_SETTLED, (day, outcome.value, guild_id, day))


async def update_leaderboard_unsent(tx: WriteTransaction, guild_id: int, day: int) -> None:
    """Note that the leaderboard of this day was not sent after all, for certain."""
    await tx.execute(_UPDATE_UNSENT, (guild_id, day))


async def fetch_ranking(
    rx: ReadTransaction,
    guild_id: int,
    rules: FakeRules,
    since_ms: int,
    until_ms: int,
    limit: int,
    offset: int,
) -> list[tuple[int, InviteCounts]]:
    """Return inviters of somebody who joined between these times and is still here, and is not fake.

    The most first; then who brought the most at all, then by id. Bonuses are not among the counts.
    """
    parameters: dict[str, SqlValue] = {
        "guild_id": guild_id,
        "since_ms": since_ms,
        "until_ms": until_ms,
        **rule_parameters(rules),
        "limit": limit,
        "offset": offset,
    }
    rows = await rx.fetch_all(_FETCH_RANKING, parameters)
    return [(inviter_id, InviteCounts(total, fake, leaves, 0)) for inviter_id, total, fake, leaves in rows]


def _read(row: Row) -> LeaderboardRecord:
    guild_id, since_ms, settled_day, outcome, day, due_at_ms, channel_id, began_at_ms, tried_at_ms, tries = (
        row
    )
    posting = None if day is None else Posting(day, due_at_ms, channel_id, began_at_ms, tried_at_ms, tries)
    return LeaderboardRecord(
        guild_id, since_ms, settled_day, None if outcome is None else Outcome(outcome), posting
    )
