"""Erasing a person from the record of the invite tracker; the history and the counts of everybody else stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from storage.confirmations import delete_join_messages, delete_unconfirmed_joins
from storage.database import ReadTransaction, SqlValue, WriteTransaction
from storage.joiner_roles import delete_role_gifts
from storage.record_erasure import count_record_references
from storage.statements import placeholders, split_keys

DAY_MS: Final = 86_400_000

NOBODY: Final = 0
"""In place of whoever granted a bonus, once they are forgotten."""

_NAMES_INVITER: Final = """
(inviter_id = :user_id OR credited_inviter_id = :user_id OR candidates LIKE '%' || :candidate || '%')
"""
_COUNT: Final = f"""
SELECT (SELECT COUNT(*) FROM joins WHERE guild_id = :guild_id AND member_id = :user_id),
    (SELECT COUNT(*) FROM arrivals WHERE guild_id = :guild_id AND member_id = :user_id),
    (SELECT COUNT(*) FROM joins WHERE guild_id = :guild_id AND {_NAMES_INVITER}
        AND (member_id IS NULL OR member_id <> :user_id)),
    (SELECT COUNT(*) FROM known_invites WHERE guild_id = :guild_id AND inviter_id = :user_id),
    (SELECT COUNT(*) FROM bonuses WHERE guild_id = :guild_id AND inviter_id = :user_id),
    (SELECT COUNT(*) FROM bonuses WHERE guild_id = :guild_id AND inviter_id <> :user_id
        AND granted_by = :user_id)
"""
_FETCH_NAMING: Final = f"""
SELECT join_id FROM joins WHERE guild_id = :guild_id AND join_id > :after_id AND {_NAMES_INVITER}
ORDER BY join_id LIMIT :limit
"""
_UPDATE_NAMING: Final = """
UPDATE joins SET
    inviter_id = CASE WHEN inviter_id = ? THEN NULL ELSE inviter_id END,
    credited_inviter_id = CASE WHEN credited_inviter_id = ? THEN NULL ELSE credited_inviter_id END,
    candidates = REPLACE(candidates, ?, '"inviter_id":null}')
WHERE guild_id = ? AND join_id IN
"""
_FETCH_OF_MEMBER: Final = """
SELECT join_id, left_at_ms FROM joins WHERE guild_id = ? AND member_id = ? ORDER BY joined_at_ms
"""
# A later join credits nobody while the member is known by an earlier one; anonymous joins stand alone.
_UPDATE_LATER: Final = "UPDATE joins SET credited_inviter_id = NULL WHERE guild_id = ? AND join_id IN"
_UPDATE_LEFT: Final = "UPDATE joins SET left_at_ms = ? WHERE guild_id = ? AND join_id = ?"
# The account's exact age would name it: its days are all that the fake rules ask for.
_UPDATE_MEMBER: Final = f"""
UPDATE joins SET member_id = NULL,
    account_created_at_ms = joined_at_ms - (joined_at_ms - account_created_at_ms) / {DAY_MS} * {DAY_MS}
WHERE guild_id = ? AND join_id IN
"""
_UPDATE_INVITES: Final = "UPDATE known_invites SET inviter_id = NULL WHERE guild_id = ? AND inviter_id = ?"
_DELETE_BONUSES: Final = "DELETE FROM bonuses WHERE guild_id = ? AND inviter_id = ?"
_UPDATE_GRANTED: Final = f"UPDATE bonuses SET granted_by = {NOBODY} WHERE guild_id = ? AND granted_by = ?"
_FETCH_ANONYMOUS: Final = """
SELECT joined_at_ms, account_created_at_ms FROM joins
WHERE guild_id = ? AND member_id IS NULL AND joined_at_ms IN
"""


@dataclass(frozen=True, slots=True)
class InviteReferences:
    """How many rows hold a person's id, each row once."""

    joins: int
    """Their own, decided or not."""
    invited: int
    """Joins of others that they brought, or may have brought."""
    invites: int
    bonuses: int
    """What they were granted."""
    granted: int
    """What they granted to others."""
    records: int = 0
    """Corrections and resets that they made, or that are about them."""

    @property
    def total(self) -> int:
        """All rows."""
        return self.joins + self.invited + self.invites + self.bonuses + self.granted + self.records


def age_in_days(joined_at_ms: int, account_created_at_ms: int) -> int:
    """Return how old the account was at its join, in whole days."""
    return (joined_at_ms - account_created_at_ms) // DAY_MS


async def count_invite_references(rx: ReadTransaction, guild_id: int, user_id: int) -> InviteReferences:
    """Return how many rows hold the person's id."""
    row = await rx.fetch_one(_COUNT, _parameters(guild_id, user_id))
    joins, arrivals, invited, invites, bonuses, granted = row or (0,) * 6
    records = await count_record_references(rx, guild_id, user_id)
    return InviteReferences(joins + arrivals, invited, invites, bonuses, granted, records)


async def fetch_joins_naming_inviter(
    rx: ReadTransaction, guild_id: int, inviter_id: int, after_id: int, limit: int
) -> list[int]:
    """Return the ids of joins that name the inviter, from behind this id on, at most so many, the lowest first.

    Walks past the joins of others: not to be done while one may write.
    """
    parameters = _parameters(guild_id, inviter_id) | {"after_id": after_id, "limit": limit}
    return [join_id for (join_id,) in await rx.fetch_all(_FETCH_NAMING, parameters)]


async def erase_inviter_from_joins(
    tx: WriteTransaction, guild_id: int, inviter_id: int, join_ids: Sequence[int]
) -> int:
    """Let these joins be brought by nobody known, and return how many they were."""
    erased = 0
    for chunk in split_keys(join_ids):
        parameters: list[SqlValue] = [inviter_id, inviter_id, _candidate(inviter_id), guild_id, *chunk]
        erased += await tx.execute(f"{_UPDATE_NAMING} {placeholders(len(chunk))}", parameters)
    return erased


async def erase_member_from_joins(tx: WriteTransaction, guild_id: int, member_id: int, limit: int) -> int:
    """Make joins of a member anonymous, about so many, and return how many; their inviters' counts stay as they are.

    The earliest join, which is the one that counts, and the latest, which tells whether the member is here, go last.
    """
    rows = await tx.fetch_all(_FETCH_OF_MEMBER, (guild_id, member_id))
    if not rows:
        return 0
    join_ids = [join_id for join_id, _left_at_ms in rows]
    later = join_ids[1:]
    if len(join_ids) > limit:
        later = join_ids = join_ids[1:limit]
    else:
        await tx.execute(_UPDATE_LEFT, (rows[-1][1], guild_id, join_ids[0]))
    for chunk in split_keys(later):
        await tx.execute(f"{_UPDATE_LATER} {placeholders(len(chunk))}", (guild_id, *chunk))
    # The message names them, and nobody can be asked about, or given anything, any more.
    await delete_join_messages(tx, guild_id, join_ids)
    await delete_unconfirmed_joins(tx, guild_id, join_ids)
    await delete_role_gifts(tx, guild_id, join_ids)
    for chunk in split_keys(join_ids):
        await tx.execute(f"{_UPDATE_MEMBER} {placeholders(len(chunk))}", (guild_id, *chunk))
    return len(join_ids)


async def erase_inviter_from_invites(tx: WriteTransaction, guild_id: int, inviter_id: int) -> int:
    """Let the invites that a person made be nobody's, and return how many they were."""
    return await tx.execute(_UPDATE_INVITES, (guild_id, inviter_id))


async def erase_from_bonuses(tx: WriteTransaction, guild_id: int, user_id: int) -> int:
    """Delete what a person was granted, and forget that they granted anything; return how many rows that were."""
    deleted = await tx.execute(_DELETE_BONUSES, (guild_id, user_id))
    return deleted + await tx.execute(_UPDATE_GRANTED, (guild_id, user_id))


async def fetch_anonymous_joins(
    rx: ReadTransaction, guild_id: int, joined_at_ms: Sequence[int]
) -> set[tuple[int, int]]:
    """Return the joins of these times whose members may not be named, as (joined_at_ms, age of the account in days)."""
    found: set[tuple[int, int]] = set()
    for chunk in split_keys(tuple(set(joined_at_ms))):
        rows = await rx.fetch_all(f"{_FETCH_ANONYMOUS} {placeholders(len(chunk))}", (guild_id, *chunk))
        found |= {(at_ms, age_in_days(at_ms, created_at_ms)) for at_ms, created_at_ms in rows}
    return found


def _candidate(inviter_id: int) -> str:
    """Return how a candidate ends that names this inviter, as `storage.statements.encode_list` writes it."""
    return f'"inviter_id":{inviter_id}}}'


def _parameters(guild_id: int, user_id: int) -> dict[str, SqlValue]:
    return {"guild_id": guild_id, "user_id": user_id, "candidate": _candidate(user_id)}
