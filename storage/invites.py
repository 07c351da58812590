"""The invites of a guild: what its list showed last, labels, tombstones, and uses that nothing explains."""

from collections.abc import Sequence
from dataclasses import astuple, replace
from itertools import groupby
from operator import itemgetter

from storage.database import ReadTransaction, Row, WriteTransaction
from storage.records import InviteBaseline, KnownInvite, UnexplainedRise
from storage.statements import (
    SEQUENCE_BITS,
    decode_candidates,
    delete_keys,
    delete_oldest,
    escape_like,
    first_number,
    insert_rows,
    placeholders,
    split_keys,
)

INVITE_TRACKER_TABLES = (
    "invite_baselines",
    "known_invites",
    "arrivals",
    "joins",
    "unexplained_rises",
    "bonuses",
    "unconfirmed_joins",
    "join_messages",
    "corrections",
    "resets",
    "leaderboards",
    "joiner_roles",
    "role_gifts",
    "member_syncs",
    "counted_existing",
)
"""What belongs to the invite tracker and goes with it."""

_COLUMNS = (
    "guild_id, code, channel_id, inviter_id, uses, accounted_uses, open_since_ms, max_uses, is_temporary, "
    "created_at_ms, expires_at_ms, label, deleted_at_ms"
)
_UPSERT = f"INSERT INTO known_invites ({_COLUMNS})"
_ON_CONFLICT = """
ON CONFLICT (guild_id, code) DO UPDATE SET
    channel_id = excluded.channel_id, inviter_id = excluded.inviter_id, uses = excluded.uses,
    accounted_uses = excluded.accounted_uses, open_since_ms = excluded.open_since_ms,
    max_uses = excluded.max_uses, is_temporary = excluded.is_temporary,
    created_at_ms = excluded.created_at_ms, expires_at_ms = excluded.expires_at_ms,
    deleted_at_ms = excluded.deleted_at_ms
"""
_ON_CONFLICT_OWNER = "ON CONFLICT (guild_id, code) DO UPDATE SET inviter_id = excluded.inviter_id"
_FETCH_LIVE = f"SELECT {_COLUMNS} FROM known_invites WHERE guild_id = ? AND deleted_at_ms IS NULL"
_FETCH_ALL = f"SELECT {_COLUMNS} FROM known_invites WHERE guild_id = ? ORDER BY code"
_FETCH_ONE = f"SELECT {_COLUMNS} FROM known_invites WHERE guild_id = ? AND code = ?"
_FETCH_AFTER = f"SELECT {_COLUMNS} FROM known_invites WHERE guild_id = ? AND code > ? ORDER BY code LIMIT ?"
_FETCH_PAGE = f"{_FETCH_LIVE} ORDER BY uses DESC, code LIMIT ? OFFSET ?"
_FETCH_BY_CODE = f"{_FETCH_LIVE} ORDER BY code LIMIT ? OFFSET ?"
_FETCH_COUNT = "SELECT COUNT(*) FROM known_invites WHERE guild_id = ? AND deleted_at_ms IS NULL"
_FETCH_LIKE = (
    f"{_FETCH_LIVE} AND (LOWER(code) LIKE LOWER(?) ESCAPE '\\' OR LOWER(label) LIKE LOWER(?) ESCAPE '\\') "
    "ORDER BY uses DESC, code LIMIT ?"
)
_OF_INVITER = "FROM known_invites WHERE guild_id = ? AND inviter_id = ?"
_FETCH_OF_INVITER = f"""
SELECT {_COLUMNS} {_OF_INVITER}
ORDER BY CASE WHEN deleted_at_ms IS NULL THEN 0 ELSE 1 END, uses DESC, code LIMIT ? OFFSET ?
"""
_FETCH_COUNT_OF_INVITER = f"SELECT COUNT(*) {_OF_INVITER}"
_FETCH_LABELS = "SELECT code, label FROM known_invites WHERE guild_id = ? AND label IS NOT NULL AND code IN"
_UPDATE_LABEL = "UPDATE known_invites SET label = ? WHERE guild_id = ? AND code = ?"
_FETCH_TOMBSTONES = """
SELECT gone.guild_id, gone.code FROM known_invites AS gone
WHERE gone.deleted_at_ms < ? AND NOT EXISTS (
    SELECT 1 FROM joins WHERE joins.guild_id = gone.guild_id AND joins.code = gone.code
)
ORDER BY gone.guild_id, gone.code
"""
_FETCH_OTHER_CODES = """
SELECT credited_code, candidates FROM joins
WHERE guild_id = ? AND (code IS NULL OR code <> credited_code OR candidates <> '[]')
"""
_DELETE_INVITES = "DELETE FROM known_invites WHERE (guild_id, code) IN"
_BASELINE_COLUMNS = (
    "guild_id, invites_asked_at_ms, vanity_asked_at_ms, vanity_code, vanity_uses, vanity_accounted_uses, "
    "vanity_open_since_ms, suspect_until_ms"
)
_FETCH_BASELINE = f"SELECT {_BASELINE_COLUMNS} FROM invite_baselines WHERE guild_id = ?"
_UPSERT_BASELINE = f"""
INSERT INTO invite_baselines ({_BASELINE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (guild_id) DO UPDATE SET
    invites_asked_at_ms = excluded.invites_asked_at_ms, vanity_asked_at_ms = excluded.vanity_asked_at_ms,
    vanity_code = excluded.vanity_code, vanity_uses = excluded.vanity_uses,
    vanity_accounted_uses = excluded.vanity_accounted_uses,
    vanity_open_since_ms = excluded.vanity_open_since_ms,
    suspect_until_ms = excluded.suspect_until_ms
"""
_FETCH_LAST_RISE_ID = "SELECT MAX(rise_id) FROM unexplained_rises WHERE guild_id = ?"
_INSERT_RISES = (
    "INSERT INTO unexplained_rises "
    "(guild_id, rise_id, code, units, window_opened_at_ms, window_closed_at_ms, recorded_at_ms)"
)
_FETCH_RISES = """
SELECT code, units, window_opened_at_ms, window_closed_at_ms FROM unexplained_rises
WHERE guild_id = ? ORDER BY rise_id DESC LIMIT ?
"""
_DELETE_RISES_BEFORE = delete_oldest("unexplained_rises", "rise_id")
_FETCH_STORED_AMOUNTS = """
SELECT (SELECT COUNT(*) FROM joins WHERE guild_id = :guild_id),
    (SELECT COUNT(*) FROM known_invites WHERE guild_id = :guild_id),
    (SELECT COUNT(*) FROM bonuses WHERE guild_id = :guild_id)
"""


async def fetch_known_invites(
    rx: ReadTransaction, guild_id: int, include_deleted: bool = False
) -> list[KnownInvite]:
    """Return the known invites of a guild, tombstones only when asked for."""
    sql = _FETCH_ALL if include_deleted else f"{_FETCH_LIVE} ORDER BY code"
    return [_read_invite(row) for row in await rx.fetch_all(sql, (guild_id,))]


async def fetch_known_invite(rx: ReadTransaction, guild_id: int, code: str) -> KnownInvite | None:
    """Return the invite, also when it is a tombstone."""
    row = await rx.fetch_one(_FETCH_ONE, (guild_id, code))
    return None if row is None else _read_invite(row)


async def fetch_invites_after(
    rx: ReadTransaction, guild_id: int, after_code: str, limit: int
) -> list[KnownInvite]:
    """Return invites with codes above this one, tombstones too, in the order of their codes."""
    return [_read_invite(row) for row in await rx.fetch_all(_FETCH_AFTER, (guild_id, after_code, limit))]


async def fetch_invite_page(rx: ReadTransaction, guild_id: int, limit: int, offset: int) -> list[KnownInvite]:
    """Return live invites, most used first."""
    return [_read_invite(row) for row in await rx.fetch_all(_FETCH_PAGE, (guild_id, limit, offset))]


async def fetch_invites_by_code(
    rx: ReadTransaction, guild_id: int, limit: int, offset: int
) -> list[KnownInvite]:
    """Return live invites in the order of their codes, which stays as it is while they are used."""
    return [_read_invite(row) for row in await rx.fetch_all(_FETCH_BY_CODE, (guild_id, limit, offset))]


async def fetch_invite_count(rx: ReadTransaction, guild_id: int) -> int:
    """Return how many live invites are known."""
    return first_number(await rx.fetch_one(_FETCH_COUNT, (guild_id,)))


async def fetch_invites_like(
    rx: ReadTransaction, guild_id: int, typed: str, limit: int = 25
) -> list[KnownInvite]:
    """Return live invites whose code or label begins like this, in any case, most used first."""
    pattern = escape_like(typed) + "%"
    return [_read_invite(row) for row in await rx.fetch_all(_FETCH_LIKE, (guild_id, pattern, pattern, limit))]


async def fetch_invites_of(
    rx: ReadTransaction, guild_id: int, inviter_id: int, limit: int, offset: int
) -> list[KnownInvite]:
    """Return the invites of a person, tombstones last, most used first."""
    parameters = (guild_id, inviter_id, limit, offset)
    return [_read_invite(row) for row in await rx.fetch_all(_FETCH_OF_INVITER, parameters)]


async def fetch_invite_count_of(rx: ReadTransaction, guild_id: int, inviter_id: int) -> int:
    """Return how many invites of a person are known, tombstones too."""
    return first_number(await rx.fetch_one(_FETCH_COUNT_OF_INVITER, (guild_id, inviter_id)))


async def fetch_labels(rx: ReadTransaction, guild_id: int, codes: Sequence[str]) -> dict[str, str]:
    """Return the labels of these codes by code, those that have one."""
    found: dict[str, str] = {}
    for chunk in split_keys(tuple(set(codes))):
        found.update(await rx.fetch_all(f"{_FETCH_LABELS} {placeholders(len(chunk))}", (guild_id, *chunk)))
    return found


async def update_label(tx: WriteTransaction, guild_id: int, code: str, label: str | None) -> None:
    """Give a known invite a label, or take it away."""
    await tx.execute(_UPDATE_LABEL, (label, guild_id, code))


async def upsert_known_invites(tx: WriteTransaction, invites: Sequence[KnownInvite]) -> None:
    """Store the invites as given, also `deleted_at_ms`; only the label of one that is stored stays."""
    await insert_rows(tx, _UPSERT, [astuple(invite) for invite in invites], _ON_CONFLICT)


async def upsert_invite_owner(tx: WriteTransaction, invite: KnownInvite) -> None:
    """Store for whom the bot made an invite; of one that is known already, nothing else changes."""
    await insert_rows(tx, _UPSERT, [astuple(invite)], _ON_CONFLICT_OWNER)


async def delete_tombstones_unreferenced(tx: WriteTransaction, deleted_before_ms: int, limit: int) -> int:
    """Delete invites that were deleted before this time and that no join names, credits or considers.

    Goes through all guilds; returns how many were deleted, at most `limit`.
    """
    unreferenced: list[tuple[int, str]] = []
    tombstones = await tx.fetch_all(_FETCH_TOMBSTONES, (deleted_before_ms,))
    for guild_id, of_guild in groupby(tombstones, key=itemgetter(0)):
        referenced = await _fetch_other_codes(tx, guild_id)
        unreferenced += [(guild_id, code) for _, code in of_guild if code not in referenced]
        if len(unreferenced) >= limit:
            break
    return await delete_keys(tx, _DELETE_INVITES, unreferenced[:limit])


async def fetch_baseline(rx: ReadTransaction, guild_id: int) -> InviteBaseline | None:
    """Return the moments up to which the counters are accounted for, None before the first list."""
    row = await rx.fetch_one(_FETCH_BASELINE, (guild_id,))
    return None if row is None else InviteBaseline(*row)


async def upsert_baseline(tx: WriteTransaction, baseline: InviteBaseline) -> None:
    """Store the baseline of a guild."""
    await tx.execute(_UPSERT_BASELINE, astuple(baseline))


async def insert_unexplained_rises(
    tx: WriteTransaction, guild_id: int, rises: Sequence[UnexplainedRise], recorded_at_ms: int
) -> None:
    """Put uses on record that no join explains."""
    last_id = first_number(await tx.fetch_one(_FETCH_LAST_RISE_ID, (guild_id,)))
    first_id = max(last_id + 1, recorded_at_ms << SEQUENCE_BITS)
    rows = [
        (
            guild_id,
            first_id + number,
            rise.code,
            rise.units,
            rise.window_opened_at_ms,
            rise.window_closed_at_ms,
            recorded_at_ms,
        )
        for number, rise in enumerate(rises)
    ]
    await insert_rows(tx, _INSERT_RISES, rows)


async def fetch_unexplained_rises(rx: ReadTransaction, guild_id: int, limit: int) -> list[UnexplainedRise]:
    """Return the latest unexplained rises, the last recorded first."""
    return [UnexplainedRise(*row) for row in await rx.fetch_all(_FETCH_RISES, (guild_id, limit))]


async def delete_unexplained_rises_before(tx: WriteTransaction, cutoff_ms: int, limit: int) -> int:
    """Delete at most `limit` rises recorded before the cutoff, of all guilds; return how many there were."""
    return await tx.execute(_DELETE_RISES_BEFORE, (cutoff_ms << SEQUENCE_BITS, limit))


async def fetch_stored_amounts(rx: ReadTransaction, guild_id: int) -> tuple[int, int, int]:
    """Return how many joins, invites (with tombstones) and bonuses are stored."""
    row = await rx.fetch_one(_FETCH_STORED_AMOUNTS, {"guild_id": guild_id})
    joins, invites, bonuses = row or (0, 0, 0)
    return joins, invites, bonuses


async def delete_invite_tracker_data(tx: WriteTransaction, guild_id: int) -> None:
    """Delete everything that the invite tracker stored for the guild."""
    for table in INVITE_TRACKER_TABLES:
        await tx.execute(f"DELETE FROM {table} WHERE guild_id = ?", (guild_id,))


async def _fetch_other_codes(rx: ReadTransaction, guild_id: int) -> set[str | None]:
    """Return the codes that joins credit without naming them, or hold as candidates."""
    codes: set[str | None] = set()
    for credited_code, candidates in await rx.fetch_all(_FETCH_OTHER_CODES, (guild_id,)):
        codes.add(credited_code)
        codes.update(candidate.code for candidate in decode_candidates(candidates))
    return codes


def _read_invite(row: Row) -> KnownInvite:
    invite = KnownInvite(*row)
    return replace(invite, is_temporary=bool(invite.is_temporary))
