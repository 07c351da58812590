"""The roles that links bring those who come by them, and which join is still to bring its member one."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Final

from storage.database import ReadTransaction, WriteTransaction
from storage.statements import SEQUENCE_BITS, delete_keys, delete_oldest, first_number, insert_rows

VANITY_URL: Final = ""
"""In place of a code: the vanity URL, which keeps its roles when it is renamed."""

_COLUMNS = "guild_id, code, role_id, set_at_ms, is_given_by_discord"
_FETCH = f"SELECT {_COLUMNS} FROM joiner_roles WHERE guild_id = ? ORDER BY code, role_id"
_UPSERT = f"""
INSERT INTO joiner_roles ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (guild_id, code, role_id) DO NOTHING
"""
_DELETE = "DELETE FROM joiner_roles WHERE guild_id = ? AND code = ? AND role_id = ?"
_DELETE_UNREFERENCED = f"""
DELETE FROM joiner_roles WHERE (guild_id, code, role_id) IN (
    SELECT guild_id, code, role_id FROM joiner_roles AS gone
    WHERE gone.code <> '{VANITY_URL}' AND NOT EXISTS (
        SELECT 1 FROM known_invites
        WHERE known_invites.guild_id = gone.guild_id AND known_invites.code = gone.code
    )
    LIMIT ?
)
"""

_INSERT_GIFTS = "INSERT INTO role_gifts (guild_id, join_id, role_id, code, due_at_ms)"
_GIVEN_ONCE = "ON CONFLICT (guild_id, join_id, role_id) DO NOTHING"
# What an admin says of a join neither gives nor takes a role; what is found out about it may.
_FETCH_GIFTS = f"""
SELECT gifts.join_id, gifts.role_id, gifts.code, joins.member_id,
    CASE WHEN joins.member_id IS NOT NULL AND joins.left_at_ms IS NULL
        AND (joins.method = 'manual' OR (joins.certainty = 'certain' AND gifts.code =
            CASE WHEN joins.source = 'vanity' THEN '{VANITY_URL}' ELSE joins.code END))
        AND EXISTS (
            SELECT 1 FROM joiner_roles AS rules WHERE rules.guild_id = gifts.guild_id
                AND rules.code = gifts.code AND rules.role_id = gifts.role_id
        ) THEN 1 ELSE 0 END
FROM role_gifts AS gifts
LEFT JOIN joins ON joins.guild_id = gifts.guild_id AND joins.join_id = gifts.join_id
WHERE gifts.guild_id = ? AND gifts.due_at_ms <= ?
ORDER BY gifts.due_at_ms, gifts.join_id, gifts.role_id LIMIT ?
"""
_FETCH_DUE = "SELECT MIN(due_at_ms) FROM role_gifts WHERE guild_id = ? AND due_at_ms IS NOT NULL"
_FETCH_DUE_GUILDS = "SELECT DISTINCT guild_id FROM role_gifts WHERE due_at_ms IS NOT NULL"
_COUNT_DUE = "SELECT COUNT(*) FROM role_gifts WHERE guild_id = ? AND due_at_ms IS NOT NULL"
_UPDATE_SETTLED = """
UPDATE role_gifts SET due_at_ms = NULL WHERE guild_id = ? AND join_id = ? AND role_id = ?
"""
_UPDATE_GIVEN_UP = """
UPDATE role_gifts SET due_at_ms = NULL
WHERE guild_id = ? AND role_id = ? AND due_at_ms IS NOT NULL AND join_id < ?
"""
_UPDATE_DUE = """
UPDATE role_gifts SET due_at_ms = ? WHERE guild_id = ? AND role_id = ? AND due_at_ms < ?
"""
_DELETE_GIFTS = "DELETE FROM role_gifts WHERE (guild_id, join_id) IN"
_DELETE_GIFTS_BEFORE = delete_oldest("role_gifts", "join_id")


@dataclass(frozen=True, slots=True)
class JoinerRole:
    """A role for whoever comes by a link; `code` is VANITY_URL for the vanity URL."""

    guild_id: int
    code: str
    role_id: int
    set_at_ms: int
    is_given_by_discord: bool
    """Whether the invite carries it, so that there is nothing for the bot to do."""


@dataclass(frozen=True, slots=True)
class RoleGift:
    """A role that a join is to bring its member."""

    join_id: int
    role_id: int
    code: str
    member_id: int | None
    """None for somebody who may not be named any more."""
    is_wanted: bool
    """Whether the member is here, came that way as far as is known, and the link still brings the role."""


async def insert_joiner_role(tx: WriteTransaction, rule: JoinerRole) -> bool:
    """Let a link bring a role; False when it does already."""
    return await tx.execute(_UPSERT, astuple(rule)) == 1


async def fetch_joiner_roles(rx: ReadTransaction, guild_id: int) -> list[JoinerRole]:
    """Return what all links of a guild bring, by code; the vanity URL comes first."""
    rows = await rx.fetch_all(_FETCH, (guild_id,))
    return [JoinerRole(guild, code, role, set_at_ms, bool(by)) for guild, code, role, set_at_ms, by in rows]


async def delete_joiner_role(tx: WriteTransaction, guild_id: int, code: str, role_id: int) -> None:
    """Let a link not bring a role any more."""
    await tx.execute(_DELETE, (guild_id, code, role_id))


async def delete_joiner_roles_unreferenced(tx: WriteTransaction, limit: int) -> int:
    """Forget what links bring that are not known any more, of all guilds; return how many rows, at most `limit`."""
    return await tx.execute(_DELETE_UNREFERENCED, (limit,))


async def insert_role_gifts(
    tx: WriteTransaction, guild_id: int, gifts: Sequence[tuple[int, int, str]], due_at_ms: int
) -> int:
    """Let joins bring roles: (join, role, code); return how many are new, as none is given twice for one join."""
    rows = [(guild_id, join_id, role_id, code, due_at_ms) for join_id, role_id, code in gifts]
    return await insert_rows(tx, _INSERT_GIFTS, rows, _GIVEN_ONCE)


async def fetch_role_gifts(rx: ReadTransaction, guild_id: int, now_ms: int, limit: int) -> list[RoleGift]:
    """Return what is to be given now, the longest due first."""
    rows = await rx.fetch_all(_FETCH_GIFTS, (guild_id, now_ms, limit))
    return [RoleGift(join, role, code, member, bool(wanted)) for join, role, code, member, wanted in rows]


async def fetch_role_gift_due_at_ms(rx: ReadTransaction, guild_id: int) -> int | None:
    """Return when the next role is to be given in a guild; None when there is none."""
    row = await rx.fetch_one(_FETCH_DUE, (guild_id,))
    return None if row is None else row[0]


async def fetch_guilds_with_role_gifts(rx: ReadTransaction) -> list[int]:
    """Return the guilds in which roles are still to be given."""
    return [guild_id for (guild_id,) in await rx.fetch_all(_FETCH_DUE_GUILDS)]


async def fetch_role_gift_count(rx: ReadTransaction, guild_id: int) -> int:
    """Return how many roles are still to be given in a guild."""
    return first_number(await rx.fetch_one(_COUNT_DUE, (guild_id,)))


async def update_role_gift_settled(tx: WriteTransaction, guild_id: int, gift: RoleGift) -> None:
    """Note that a role was given, or is not to be given any more."""
    await tx.execute(_UPDATE_SETTLED, (guild_id, gift.join_id, gift.role_id))


async def update_role_gifts_postponed(
    tx: WriteTransaction, guild_id: int, role_id: int, due_at_ms: int, given_up_before_ms: int
) -> int:
    """Let everything that waits for a role wait until then; return how many were given up instead.

    Given up is what joins bring that were recorded before `given_up_before_ms`.
    """
    given_up = await tx.execute(
        _UPDATE_GIVEN_UP, (guild_id, role_id, max(0, given_up_before_ms) << SEQUENCE_BITS)
    )
    await tx.execute(_UPDATE_DUE, (due_at_ms, guild_id, role_id, due_at_ms))
    return given_up


async def delete_role_gifts(tx: WriteTransaction, guild_id: int, join_ids: Sequence[int]) -> None:
    """Forget what these joins brought, and were to bring."""
    await delete_keys(tx, _DELETE_GIFTS, [(guild_id, join_id) for join_id in join_ids])


async def delete_role_gifts_before(tx: WriteTransaction, cutoff_ms: int, limit: int) -> int:
    """Forget at most `limit` gifts of joins recorded before the cutoff, of all guilds; return how many there were."""
    return await tx.execute(_DELETE_GIFTS_BEFORE, (cutoff_ms << SEQUENCE_BITS, limit))
