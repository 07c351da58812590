"""What admins said of joins by hand: each entry keeps what was on record before, so that it can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from storage.database import ReadTransaction, Row, SqlValue, WriteTransaction
from storage.records import Candidate, Certainty, Join, Method, Reason, Source
from storage.statements import SEQUENCE_BITS, decode_candidates, encode_list, first_number

_COLUMNS = (
    "guild_id, correction_id, join_id, corrected_by, corrected_at_ms, code, inviter_id, "
    "source_before, code_before, inviter_id_before, method_before, certainty_before, candidates_before, "
    "reason_before, credited_code_before, credited_inviter_id_before, is_own_invite_before"
)
_FETCH_LAST_ID = "SELECT MAX(correction_id) FROM corrections WHERE guild_id = ?"
_INSERT = f"INSERT INTO corrections ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FETCH_OF_JOIN = f"""
SELECT {_COLUMNS}, undone_by, undone_at_ms FROM corrections WHERE guild_id = ? AND join_id = ?
ORDER BY correction_id DESC
"""
_FETCH_STANDING = f"""
SELECT {_COLUMNS}, undone_by, undone_at_ms FROM corrections
WHERE guild_id = ? AND join_id = ? AND undone_at_ms IS NULL ORDER BY correction_id DESC LIMIT 1
"""
_UPDATE_UNDONE = """
UPDATE corrections SET undone_by = ?, undone_at_ms = ? WHERE guild_id = ? AND correction_id = ?
"""
# The one below all others of a join, unless Discord itself said what is in it.
_UPDATE_BEFORE = f"""
UPDATE corrections SET source_before = ?, code_before = ?, inviter_id_before = ?, method_before = ?,
    certainty_before = ?, candidates_before = ?, reason_before = ?, credited_code_before = ?,
    credited_inviter_id_before = ?, is_own_invite_before = ?
WHERE guild_id = ? AND join_id = ? AND undone_at_ms IS NULL
    AND method_before NOT IN ('{Method.MANUAL}', '{Method.MEMBERS_SEARCH}')
"""
_DELETE_UNREFERENCED = """
DELETE FROM corrections WHERE (guild_id, correction_id) IN (
    SELECT old.guild_id, old.correction_id FROM corrections AS old WHERE NOT EXISTS (
        SELECT 1 FROM joins WHERE joins.guild_id = old.guild_id AND joins.join_id = old.join_id
    ) LIMIT ?
)
"""


@dataclass(frozen=True, slots=True)
class Attribution:
    """How a member came, as it stands in the row of a join."""

    source: Source
    code: str | None
    inviter_id: int | None
    method: Method
    certainty: Certainty
    candidates: tuple[Candidate, ...]
    reason: Reason | None
    credited_code: str | None
    credited_inviter_id: int | None
    is_own_invite: bool

    @classmethod
    def of(cls, join: Join) -> "Attribution":
        """Return that of a join."""
        return cls(
            source=join.source,
            code=join.code,
            inviter_id=join.inviter_id,
            method=join.method,
            certainty=join.certainty,
            candidates=join.candidates,
            reason=join.reason,
            credited_code=join.credited_code,
            credited_inviter_id=join.credited_inviter_id,
            is_own_invite=join.is_own_invite,
        )

    def put_into(self, join: Join) -> Join:
        """Return the join with this in place of its own; the evidence stays, as what was measured does not change."""
        return replace(
            join,
            source=self.source,
            code=self.code,
            inviter_id=self.inviter_id,
            method=self.method,
            certainty=self.certainty,
            candidates=self.candidates,
            reason=self.reason,
            credited_code=self.credited_code,
            credited_inviter_id=self.credited_inviter_id,
            is_own_invite=self.is_own_invite,
        )


@dataclass(frozen=True, slots=True)
class Correction:
    """One entry; `corrected_by` and `undone_by` are 0 for somebody who may not be named."""

    correction_id: int
    join_id: int
    corrected_by: int
    corrected_at_ms: int
    code: str | None
    inviter_id: int | None
    before: Attribution
    undone_by: int | None
    undone_at_ms: int | None


async def insert_correction(
    tx: WriteTransaction, before: Join, after: Join, corrected_by: int, corrected_at_ms: int
) -> None:
    """Note that a join was corrected; the join itself is the caller's to write."""
    last_id = first_number(await tx.fetch_one(_FETCH_LAST_ID, (before.guild_id,)))
    parameters: tuple[SqlValue, ...] = (
        before.guild_id,
        max(last_id + 1, corrected_at_ms << SEQUENCE_BITS),
        before.join_id,
        corrected_by,
        corrected_at_ms,
        after.code,
        after.inviter_id,
        *_write(before),
    )
    await tx.execute(_INSERT, parameters)


async def fetch_corrections_of_join(rx: ReadTransaction, guild_id: int, join_id: int) -> Sequence[Correction]:
    """Return all corrections of a join, undone ones too, the last first."""
    return [_read(row) for row in await rx.fetch_all(_FETCH_OF_JOIN, (guild_id, join_id))]


async def fetch_standing_correction(rx: ReadTransaction, guild_id: int, join_id: int) -> Correction | None:
    """Return the last correction of a join that was not undone."""
    row = await rx.fetch_one(_FETCH_STANDING, (guild_id, join_id))
    return None if row is None else _read(row)


async def update_correction_undone(
    tx: WriteTransaction, guild_id: int, correction_id: int, undone_by: int, undone_at_ms: int
) -> None:
    """Note that a correction does not hold any more."""
    await tx.execute(_UPDATE_UNDONE, (undone_by, undone_at_ms, guild_id, correction_id))


async def update_correction_before(tx: WriteTransaction, measured: Join) -> None:
    """Let the undo of a join's corrections bring back what was measured only after it was corrected."""
    await tx.execute(_UPDATE_BEFORE, (*_write(measured), measured.guild_id, measured.join_id))


async def delete_corrections_unreferenced(tx: WriteTransaction, limit: int) -> int:
    """Delete corrections of joins that are not stored any more, of all guilds; return how many, at most `limit`."""
    return await tx.execute(_DELETE_UNREFERENCED, (limit,))


def _write(join: Join) -> tuple[SqlValue, ...]:
    """Return how a member came as the columns have it, from `source_before` on."""
    return (
        join.source.value,
        join.code,
        join.inviter_id,
        join.method.value,
        join.certainty.value,
        encode_list(join.candidates),
        None if join.reason is None else join.reason.value,
        join.credited_code,
        join.credited_inviter_id,
        join.is_own_invite,
    )


def _read(row: Row) -> Correction:
    (_guild_id, correction_id, join_id, corrected_by, corrected_at_ms, code, inviter_id, *rest) = row
    *before, undone_by, undone_at_ms = rest
    (source, code_before, inviter_id_before, method, certainty, candidates, reason, *credit) = before
    credited_code, credited_inviter_id, is_own_invite = credit
    attribution = Attribution(
        source=Source(source),
        code=code_before,
        inviter_id=inviter_id_before,
        method=Method(method),
        certainty=Certainty(certainty),
        candidates=decode_candidates(candidates),
        reason=None if reason is None else Reason(reason),
        credited_code=credited_code,
        credited_inviter_id=credited_inviter_id,
        is_own_invite=bool(is_own_invite),
    )
    return Correction(
        correction_id=correction_id,
        join_id=join_id,
        corrected_by=corrected_by,
        corrected_at_ms=corrected_at_ms,
        code=code,
        inviter_id=inviter_id,
        before=attribution,
        undone_by=undone_by,
        undone_at_ms=undone_at_ms,
    )
