"""Bonuses: what admins gave inviters or took from them, entry by entry, kept without time limit."""

from dataclasses import dataclass

from storage.database import ReadTransaction, WriteTransaction
from storage.statements import SEQUENCE_BITS, first_number

_FETCH_LAST_ID = "SELECT MAX(bonus_id) FROM bonuses WHERE guild_id = ?"
_INSERT = """
INSERT INTO bonuses (guild_id, bonus_id, inviter_id, amount, reason, granted_by, granted_at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_OF_WHOM = "FROM bonuses WHERE guild_id = :guild_id AND (:inviter_id = 0 OR inviter_id = :inviter_id)"
_FETCH_PAGE = f"""
SELECT bonus_id, inviter_id, amount, reason, granted_by, granted_at_ms {_OF_WHOM}
ORDER BY bonus_id DESC LIMIT :limit OFFSET :offset
"""
_FETCH_COUNT = f"SELECT COUNT(*) {_OF_WHOM}"


@dataclass(frozen=True, slots=True)
class Bonus:
    """One entry; `amount` is negative where it was taken, `granted_by` 0 for somebody who may not be named."""

    bonus_id: int
    inviter_id: int
    amount: int
    reason: str | None
    granted_by: int
    granted_at_ms: int


async def insert_bonus(
    tx: WriteTransaction,
    guild_id: int,
    inviter_id: int,
    amount: int,
    reason: str,
    *,
    granted_by: int,
    granted_at_ms: int,
) -> None:
    """Store an entry."""
    last_id = first_number(await tx.fetch_one(_FETCH_LAST_ID, (guild_id,)))
    bonus_id = max(last_id + 1, granted_at_ms << SEQUENCE_BITS)
    await tx.execute(_INSERT, (guild_id, bonus_id, inviter_id, amount, reason, granted_by, granted_at_ms))


async def fetch_bonuses(
    rx: ReadTransaction, guild_id: int, inviter_id: int | None, limit: int, offset: int
) -> list[Bonus]:
    """Return the entries of an inviter, of all for None, the last first."""
    parameters = {"guild_id": guild_id, "inviter_id": inviter_id or 0, "limit": limit, "offset": offset}
    return [Bonus(*row) for row in await rx.fetch_all(_FETCH_PAGE, parameters)]


async def fetch_bonus_count(rx: ReadTransaction, guild_id: int, inviter_id: int | None) -> int:
    """Return how many entries there are."""
    parameters = {"guild_id": guild_id, "inviter_id": inviter_id or 0}
    return first_number(await rx.fetch_one(_FETCH_COUNT, parameters))
