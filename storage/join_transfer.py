"""Reading everything of a guild page by page, and what an import asks of the joins on record."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from storage.counting_sql import CREDITED, IS_EARLIEST, NOT_CLEARED
from storage.database import ReadTransaction, SqlValue, WriteTransaction
from storage.invite_erasure import age_in_days
from storage.records import Method
from storage.statements import first_number

_FETCH_ANONYMOUS = """
SELECT joined_at_ms, account_created_at_ms FROM joins
WHERE guild_id = ? AND member_id IS NULL ORDER BY joined_at_ms
"""
# A member who is known by an earlier join came back.
_UPDATE_REJOINS = f"""
UPDATE joins SET is_rejoin = 1
WHERE guild_id = ? AND join_id >= ? AND method = '{Method.IMPORTED}' AND member_id IS NOT NULL
    AND NOT {IS_EARLIEST}
"""
_COUNTED = f"{CREDITED.format(inviter='IS NOT NULL')} AND joins.join_id >= :first_id"
_FETCH_COUNTED = f"SELECT COUNT(*) {_COUNTED}"
_FETCH_GAINS = f"""
SELECT joins.credited_inviter_id, COUNT(*) AS gained {_COUNTED}
GROUP BY joins.credited_inviter_id ORDER BY gained DESC, joins.credited_inviter_id LIMIT :limit
"""
_FETCH_RECENT_COUNT = """
SELECT COUNT(*) FROM joins WHERE guild_id = :guild_id AND join_id >= :first_id AND joined_at_ms >= :since_ms
"""
# Joins that credited somebody until earlier ones of the same members came on record.
_FETCH_DISPLACED_COUNT = f"""
SELECT COUNT(*) FROM joins
WHERE joins.guild_id = :guild_id AND joins.join_id < :first_id AND joins.credited_inviter_id IS NOT NULL
    AND {NOT_CLEARED} AND joins.joined_at_ms >= :since_ms
    AND EXISTS (
        SELECT 1 FROM joins AS earlier WHERE earlier.guild_id = joins.guild_id
            AND earlier.member_id = joins.member_id AND earlier.joined_at_ms < joins.joined_at_ms
            AND earlier.join_id >= :first_id
    )
    AND NOT EXISTS (
        SELECT 1 FROM joins AS earlier WHERE earlier.guild_id = joins.guild_id
            AND earlier.member_id = joins.member_id AND earlier.joined_at_ms < joins.joined_at_ms
            AND earlier.join_id < :first_id
    )
"""


@dataclass(frozen=True, slots=True)
class ExportedBonus:
    """An adjustment that an admin made; `granted_by` is 0 once whoever made it was forgotten."""

    guild_id: int
    bonus_id: int
    inviter_id: int
    amount: int
    reason: str | None
    granted_by: int
    granted_at_ms: int


_FETCH_BONUSES = f"""
SELECT {", ".join(field.name for field in fields(ExportedBonus))} FROM bonuses
WHERE guild_id = ? AND bonus_id > ? ORDER BY bonus_id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class ImportEffect:
    """What new joins do to the counts."""

    recent: int
    """New joins within the window that statistics look at."""
    counted: int
    """Of these, those that count for an inviter."""
    displaced: int
    """Joins that counted before and do not any more, as an earlier one of the same member is on record now."""
    gains: tuple[tuple[int, int], ...]
    """The inviters with the most of the counted ones, and how many."""


async def fetch_bonuses_after(
    rx: ReadTransaction, guild_id: int, after_id: int, limit: int
) -> list[ExportedBonus]:
    """Return the adjustments with ids above this one, the lowest first."""
    return [ExportedBonus(*row) for row in await rx.fetch_all(_FETCH_BONUSES, (guild_id, after_id, limit))]


async def fetch_anonymous_ages(rx: ReadTransaction, guild_id: int) -> list[tuple[int, int]]:
    """Return all joins without a member as (joined_at_ms, age of the account in days), the earliest first."""
    rows = await rx.fetch_all(_FETCH_ANONYMOUS, (guild_id,))
    return [(joined_at_ms, age_in_days(joined_at_ms, created_at_ms)) for joined_at_ms, created_at_ms in rows]


async def update_imported_rejoins(tx: WriteTransaction, guild_id: int, first_id: int) -> None:
    """Note of joins that were imported, with ids from this one on, which members had been here before."""
    await tx.execute(_UPDATE_REJOINS, (guild_id, first_id))


async def fetch_import_effect(
    rx: ReadTransaction, guild_id: int, first_id: int, since_ms: int, gains_most: int
) -> ImportEffect:
    """Return what the joins with ids from this one on do to the counts, which begin at `since_ms`."""
    parameters: Mapping[str, SqlValue] = {"guild_id": guild_id, "first_id": first_id, "since_ms": since_ms}
    gains = await rx.fetch_all(_FETCH_GAINS, {**parameters, "limit": gains_most})
    return ImportEffect(
        recent=first_number(await rx.fetch_one(_FETCH_RECENT_COUNT, parameters)),
        counted=first_number(await rx.fetch_one(_FETCH_COUNTED, parameters)),
        displaced=first_number(await rx.fetch_one(_FETCH_DISPLACED_COUNT, parameters)),
        gains=tuple((inviter_id, count) for inviter_id, count in gains),
    )
