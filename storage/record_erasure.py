"""Erasing a person from what admins noted: corrections and resets."""

from typing import Final

from storage.database import ReadTransaction, SqlValue, WriteTransaction
from storage.statements import first_number

_IN_CORRECTIONS: Final = """
(corrected_by = :user_id OR undone_by = :user_id OR inviter_id = :user_id OR inviter_id_before = :user_id
    OR credited_inviter_id_before = :user_id OR candidates_before LIKE '%' || :candidate || '%')
"""
_COUNT: Final = f"""
SELECT (SELECT COUNT(*) FROM corrections WHERE guild_id = :guild_id AND {_IN_CORRECTIONS})
    + (SELECT COUNT(*) FROM resets WHERE guild_id = :guild_id
        AND (inviter_id = :user_id OR reset_by = :user_id OR undone_by = :user_id))
"""
_UPDATE_CORRECTIONS: Final = f"""
UPDATE corrections SET
    corrected_by = CASE WHEN corrected_by = :user_id THEN 0 ELSE corrected_by END,
    undone_by = CASE WHEN undone_by = :user_id THEN 0 ELSE undone_by END,
    inviter_id = CASE WHEN inviter_id = :user_id THEN NULL ELSE inviter_id END,
    inviter_id_before = CASE WHEN inviter_id_before = :user_id THEN NULL ELSE inviter_id_before END,
    credited_inviter_id_before =
        CASE WHEN credited_inviter_id_before = :user_id THEN NULL ELSE credited_inviter_id_before END,
    candidates_before = REPLACE(candidates_before, :candidate, '"inviter_id":null}}')
WHERE guild_id = :guild_id AND {_IN_CORRECTIONS}
"""
_DELETE_RESETS: Final = "DELETE FROM resets WHERE guild_id = ? AND inviter_id = ?"
_UPDATE_RESETS: Final = """
UPDATE resets SET
    reset_by = CASE WHEN reset_by = :user_id THEN 0 ELSE reset_by END,
    undone_by = CASE WHEN undone_by = :user_id THEN 0 ELSE undone_by END
WHERE guild_id = :guild_id AND (reset_by = :user_id OR undone_by = :user_id)
"""


async def count_record_references(rx: ReadTransaction, guild_id: int, user_id: int) -> int:
    """Return how many corrections and resets hold the person's id."""
    return first_number(await rx.fetch_one(_COUNT, _parameters(guild_id, user_id)))


async def erase_from_records(tx: WriteTransaction, guild_id: int, user_id: int) -> int:
    """Take a person out of corrections, also out of what an undo would bring back, and out of resets.

    A reset of theirs goes: joins that name nobody are cleared by none. Returns how many rows that were.
    """
    parameters = _parameters(guild_id, user_id)
    erased = await tx.execute(_UPDATE_CORRECTIONS, parameters)
    erased += await tx.execute(_DELETE_RESETS, (guild_id, user_id))
    return erased + await tx.execute(_UPDATE_RESETS, {"guild_id": guild_id, "user_id": user_id})


def _parameters(guild_id: int, user_id: int) -> dict[str, SqlValue]:
    # As storage.statements.encode_list writes the end of a candidate.
    return {"guild_id": guild_id, "user_id": user_id, "candidate": f'"inviter_id":{user_id}}}'}
