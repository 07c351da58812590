"""Joins: a row per join, rewritten only to repair its attribution or to note a leave or a reset."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Self

from storage.counting_sql import CLEARED_AT_MS
from storage.database import ReadTransaction, Row, SqlValue, WriteTransaction
from storage.records import Certainty, Join, Method, Reason, Source
from storage.statements import (
    SEQUENCE_BITS,
    decode_candidates,
    decode_evidence,
    delete_oldest,
    encode_list,
    first_number,
    guild_ids_of,
    insert_rows,
    placeholders,
    split_keys,
)

# In the order of the record's fields, so that rows and records translate by position.
_COLUMNS = ", ".join(field.name for field in fields(Join))
# With a reset that clears it, whether or not that is written in the row.
_SELECT = f"SELECT {_COLUMNS.removesuffix('cleared_at_ms')} {CLEARED_AT_MS} AS cleared_at_ms FROM joins"

_INSERT = f"INSERT INTO joins ({_COLUMNS})"
_UPSERT_ATTRIBUTION = """
UPDATE joins SET source = ?, code = ?, inviter_id = ?, method = ?, certainty = ?, candidates = ?,
    evidence = ?, reason = ?, credited_code = ?, credited_inviter_id = ?, is_own_invite = ?
WHERE guild_id = ? AND join_id = ?
"""
_UPSERT_LEFT = f"""
UPDATE joins SET left_at_ms = COALESCE(left_at_ms, ?)
WHERE guild_id = ? AND join_id = (
    SELECT latest.join_id FROM joins AS latest WHERE latest.guild_id = ? AND latest.member_id = ?
    ORDER BY latest.joined_at_ms DESC LIMIT 1
)
RETURNING {_COLUMNS}
"""
_FETCH_LATEST = f"{_SELECT} WHERE guild_id = ? AND member_id = ? ORDER BY joined_at_ms DESC LIMIT 1"
_FETCH_OF_MEMBERS = (
    f"{_SELECT} WHERE guild_id = ? AND member_id IN {{members}} ORDER BY member_id, joined_at_ms"
)
_FETCH_BY_ID = f"{_SELECT} WHERE guild_id = ? AND join_id IN"
_FETCH_AFTER = f"{_SELECT} WHERE guild_id = ? AND join_id > ? ORDER BY join_id LIMIT ?"
_FETCH_AMBIGUOUS = f"""
{_SELECT} WHERE guild_id = ? AND join_id BETWEEN ? AND ? AND certainty = '{Certainty.AMBIGUOUS}' LIMIT ?
"""
_FETCH_PRESENT = """
SELECT present.member_id FROM joins AS present
WHERE present.guild_id = ? AND present.member_id IS NOT NULL AND present.left_at_ms IS NULL AND NOT EXISTS (
    SELECT 1 FROM joins AS later WHERE later.guild_id = present.guild_id
        AND later.member_id = present.member_id AND later.joined_at_ms > present.joined_at_ms
)
"""
_FETCH_OF_INVITER = f"""
{_SELECT} WHERE guild_id = :guild_id AND joined_at_ms >= :since_ms
    AND (credited_inviter_id = :inviter_id OR inviter_id = :inviter_id)
ORDER BY joined_at_ms DESC, join_id DESC LIMIT :limit OFFSET :offset
"""
# Both jump from guild to guild along the primary key instead of reading every join.
_FETCH_LAST_ID = f"""
{guild_ids_of("joins")}
SELECT MAX(last_id) FROM (
    SELECT (SELECT MAX(joins.join_id) FROM joins WHERE joins.guild_id = known.guild_id) AS last_id FROM known
) AS of_guilds
"""
_DELETE_BEFORE = delete_oldest("joins", "join_id")
# Who may not be named cannot be seen to be present: such joins go by their age.
_DELETE_DEPARTED = f"""
DELETE FROM joins WHERE (guild_id, join_id) IN (
    SELECT ended.guild_id, ended.join_id FROM joins AS ended
    WHERE ended.left_at_ms < :cutoff_ms AND NOT EXISTS (
        SELECT 1 FROM joins AS present WHERE present.guild_id = ended.guild_id
            AND present.member_id = ended.member_id
            AND (present.left_at_ms IS NULL OR present.left_at_ms >= :cutoff_ms)
    )
    UNION
    SELECT anonymous.guild_id, anonymous.join_id FROM joins AS anonymous
    WHERE anonymous.member_id IS NULL AND anonymous.join_id < :cutoff_ms << {SEQUENCE_BITS}
    LIMIT :limit
)
"""


class JoinIds:
    """Makes join ids, each larger than all before it: the time of recording in milliseconds, then a counter."""

    def __init__(self, last_id: int) -> None:
        self._last_id = last_id

    @classmethod
    async def after_stored(cls, rx: ReadTransaction) -> Self:
        """Begin above all stored ids, also when the clock was set back since they were made."""
        return cls(first_number(await rx.fetch_one(_FETCH_LAST_ID)))

    def next_id(self, recorded_at_ms: int) -> int:
        """Return the id of a join that is recorded at this time."""
        self._last_id = max(self._last_id + 1, recorded_at_ms << SEQUENCE_BITS)
        return self._last_id


async def insert_joins(tx: WriteTransaction, joins: Sequence[Join]) -> None:
    """Store new joins; raises sqlite3.IntegrityError for a stored id, or a stored join of member and time."""
    await insert_rows(tx, _INSERT, [_write(join) for join in joins])


async def upsert_attribution(tx: WriteTransaction, join: Join) -> bool:
    """Rewrite how the member came (source to `credited_inviter_id`, and `is_own_invite`) and nothing else.

    Returns whether the join is still stored.
    """
    parameters: tuple[SqlValue, ...] = (
        join.source.value,
        join.code,
        join.inviter_id,
        join.method.value,
        join.certainty.value,
        encode_list(join.candidates),
        encode_list(join.evidence),
        None if join.reason is None else join.reason.value,
        join.credited_code,
        join.credited_inviter_id,
        join.is_own_invite,
        join.guild_id,
        join.join_id,
    )
    return await tx.execute(_UPSERT_ATTRIBUTION, parameters) == 1


async def upsert_left(tx: WriteTransaction, guild_id: int, member_id: int, left_at_ms: int) -> Join | None:
    """Mark the member's latest join as left and return it, None when there is none.

    One that is marked already keeps its first time, which tells a repeated leave from a new one.
    """
    row = await tx.fetch_one(_UPSERT_LEFT, (left_at_ms, guild_id, guild_id, member_id))
    return None if row is None else _read(row)


async def fetch_latest_join_of_member(rx: ReadTransaction, guild_id: int, member_id: int) -> Join | None:
    """Return the join with the latest `joined_at_ms`."""
    row = await rx.fetch_one(_FETCH_LATEST, (guild_id, member_id))
    return None if row is None else _read(row)


async def fetch_joins_of_members(
    rx: ReadTransaction, guild_id: int, member_ids: Sequence[int]
) -> dict[int, list[Join]]:
    """Return the joins of these members, the earliest first; members without one are left out."""
    found: dict[int, list[Join]] = {}
    for chunk in split_keys(tuple(set(member_ids))):
        sql = _FETCH_OF_MEMBERS.format(members=placeholders(len(chunk)))
        for row in await rx.fetch_all(sql, (guild_id, *chunk)):
            join = _read(row)
            if join.member_id is not None:
                found.setdefault(join.member_id, []).append(join)
    return found


async def fetch_joins_by_id(rx: ReadTransaction, guild_id: int, join_ids: Sequence[int]) -> dict[int, Join]:
    """Return the joins with these ids that are stored, by id."""
    found: dict[int, Join] = {}
    for chunk in split_keys(join_ids):
        for row in await rx.fetch_all(f"{_FETCH_BY_ID} {placeholders(len(chunk))}", (guild_id, *chunk)):
            join = _read(row)
            found[join.join_id] = join
    return found


async def fetch_joins_after(rx: ReadTransaction, guild_id: int, after_id: int, limit: int) -> list[Join]:
    """Return the joins with ids above this one, in the order of their recording."""
    return [_read(row) for row in await rx.fetch_all(_FETCH_AFTER, (guild_id, after_id, limit))]


async def fetch_ambiguous_joins(
    rx: ReadTransaction, guild_id: int, from_ms: int, until_ms: int, limit: int
) -> list[Join]:
    """Return ambiguous joins recorded in this time, at most `limit`, the earliest first."""
    ids = from_ms << SEQUENCE_BITS, ((until_ms + 1) << SEQUENCE_BITS) - 1
    return [_read(row) for row in await rx.fetch_all(_FETCH_AMBIGUOUS, (guild_id, *ids, limit))]


async def fetch_present_member_ids(rx: ReadTransaction, guild_id: int) -> set[int]:
    """Return the members whose latest join is not marked as left."""
    return {member_id for (member_id,) in await rx.fetch_all(_FETCH_PRESENT, (guild_id,))}


async def fetch_last_joins_of_inviter(
    rx: ReadTransaction,
    guild_id: int,
    inviter_id: int,
    limit: int,
    offset: int = 0,
    since_ms: int | None = None,
) -> list[Join]:
    """Return the joins that name or credit the inviter, the latest first, cleared ones too."""
    parameters: dict[str, SqlValue] = {
        "guild_id": guild_id,
        "inviter_id": inviter_id,
        "since_ms": since_ms or 0,
        "limit": limit,
        "offset": offset,
    }
    return [_read(row) for row in await rx.fetch_all(_FETCH_OF_INVITER, parameters)]


async def delete_joins_before(tx: WriteTransaction, cutoff_ms: int, limit: int) -> int:
    """Delete at most `limit` joins recorded before the cutoff, of all guilds; return how many there were.

    A step of 100 takes 2 to 3 ms with a million joins stored: most of it is writing the pages it touched.
    """
    return await tx.execute(_DELETE_BEFORE, (cutoff_ms << SEQUENCE_BITS, limit))


async def delete_departed_joins_before(tx: WriteTransaction, cutoff_ms: int, limit: int) -> int:
    """Delete at most `limit` joins of members who have been gone since before the cutoff; return how many there were.

    Joins of members who are present, or left later, stay; anonymous ones go by the time of their recording.
    """
    return await tx.execute(_DELETE_DEPARTED, {"cutoff_ms": cutoff_ms, "limit": limit})


def _write(join: Join) -> tuple[SqlValue, ...]:
    return (
        join.guild_id,
        join.join_id,
        join.member_id,
        join.joined_at_ms,
        join.recorded_at_ms,
        join.source.value,
        join.code,
        join.inviter_id,
        join.method.value,
        join.certainty.value,
        encode_list(join.candidates),
        encode_list(join.evidence),
        None if join.reason is None else join.reason.value,
        join.credited_code,
        join.credited_inviter_id,
        join.account_created_at_ms,
        join.had_avatar,
        join.is_rejoin,
        join.is_own_invite,
        join.left_at_ms,
        join.cleared_at_ms,
    )


def _read(row: Row) -> Join:
    (guild_id, join_id, member_id, joined_at_ms, recorded_at_ms, source, code, inviter_id, method, *rest) = (
        row
    )
    (certainty, candidates, evidence, reason, credited_code, credited_inviter_id, *facts) = rest
    (account_created_at_ms, had_avatar, is_rejoin, is_own_invite, left_at_ms, cleared_at_ms) = facts
    return Join(
        guild_id=guild_id,
        join_id=join_id,
        member_id=member_id,
        joined_at_ms=joined_at_ms,
        recorded_at_ms=recorded_at_ms,
        source=Source(source),
        code=code,
        inviter_id=inviter_id,
        method=Method(method),
        certainty=Certainty(certainty),
        candidates=decode_candidates(candidates),
        evidence=decode_evidence(evidence),
        reason=None if reason is None else Reason(reason),
        credited_code=credited_code,
        credited_inviter_id=credited_inviter_id,
        account_created_at_ms=account_created_at_ms,
        had_avatar=bool(had_avatar),
        is_rejoin=bool(is_rejoin),
        is_own_invite=bool(is_own_invite),
        left_at_ms=left_at_ms,
        cleared_at_ms=cleared_at_ms,
    )
