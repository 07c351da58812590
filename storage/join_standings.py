"""What single joins count for, and what rules would mark: asked of the same SQL that counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from storage.counting_sql import (
    CREDITED,
    HAS_NO_AVATAR,
    IS_EARLIEST,
    IS_OWN_INVITE,
    IS_REJOIN,
    IS_YOUNG,
    LEFT_AT_MS,
    rule_parameters,
)
from storage.database import ReadTransaction, Row, SqlValue
from storage.records import Certainty, FakeRules
from storage.statements import escape_like, first_number

_MARKS = ", ".join(
    f"CASE WHEN {mark} THEN 1 ELSE 0 END" for mark in (IS_OWN_INVITE, IS_REJOIN, HAS_NO_AVATAR, IS_YOUNG)
)
_FETCH_STANDING = f"""
SELECT CASE WHEN {IS_EARLIEST} THEN 1 ELSE 0 END, {LEFT_AT_MS}, {_MARKS}
FROM joins WHERE joins.guild_id = :guild_id AND joins.join_id = :join_id
"""
_FETCH_MARKED = f"""
SELECT {_MARKS}, COUNT(*) {CREDITED.format(inviter="IS NOT NULL")} GROUP BY 1, 2, 3, 4
"""
# Ids are found in an index alone; without that, SQLite would read all joins of the guild.
_FETCH_OF_CODE = f"""
SELECT joins.member_id, joins.joined_at_ms, {LEFT_AT_MS} FROM joins
WHERE joins.guild_id = :guild_id AND joins.member_id IS NOT NULL AND joins.certainty = '{Certainty.CERTAIN}'
    AND joins.join_id IN (
        SELECT named.join_id FROM joins AS named WHERE named.guild_id = :guild_id AND named.code = :code
    )
ORDER BY joins.joined_at_ms, joins.join_id
"""
# The condition of the index of joins that refer to a code other than by naming it.
_FETCH_PERHAPS_OF_CODE = f"""
SELECT joins.member_id, joins.joined_at_ms, {LEFT_AT_MS} FROM joins
WHERE joins.guild_id = :guild_id AND joins.member_id IS NOT NULL AND joins.join_id IN (
    SELECT open.join_id FROM joins AS open
    WHERE open.guild_id = :guild_id AND open.candidates LIKE :candidate ESCAPE '\\'
        AND (open.code IS NULL OR open.code <> open.credited_code OR open.candidates <> '[]')
)
ORDER BY joins.joined_at_ms, joins.join_id
"""
_FETCH_UNNAMED = """
SELECT COUNT(*) FROM joins
WHERE joins.guild_id = :guild_id AND joins.member_id IS NULL AND joins.join_id IN (
    SELECT named.join_id FROM joins AS named WHERE named.guild_id = :guild_id AND named.code = :code
)
"""
_FETCH_NAMED = "SELECT 1 FROM joins WHERE guild_id = ? AND code = ? LIMIT 1"


@dataclass(frozen=True, slots=True)
class Marks:
    """Which of the fake rules fit a join, whether or not they are on."""

    own_invite: bool
    rejoin: bool
    no_avatar: bool
    young: bool

    def is_fake(self, rules: FakeRules) -> bool:
        """Whether these rules mark the join; its age was compared with their least age."""
        return (
            (rules.own_invite and self.own_invite)
            or (rules.rejoin and self.rejoin)
            or (rules.no_avatar and self.no_avatar)
            or (rules.minimum_account_age_days > 0 and self.young)
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides on whether a join counts, besides what stands in its row."""

    is_earliest: bool
    """Whether no earlier join of the member is retained: a later one credits nobody."""
    left_at_ms: int | None
    """When the member left; null while they are here, whether or not they were gone in between."""
    marks: Marks


@dataclass(frozen=True, slots=True)
class MemberOfCode:
    """A member who came by a code; `left_at_ms` is when they left, null while they are here."""

    member_id: int
    joined_at_ms: int
    left_at_ms: int | None


async def fetch_standing(
    rx: ReadTransaction, guild_id: int, join_id: int, rules: FakeRules
) -> Standing | None:
    """Return what a stored join counts for; `marks.young` says whether the account was younger than the least age."""
    parameters = {**rule_parameters(rules), "guild_id": guild_id, "join_id": join_id}
    row = await rx.fetch_one(_FETCH_STANDING, parameters)
    if row is None:
        return None
    is_earliest, left_at_ms, *marks = row
    return Standing(bool(is_earliest), left_at_ms, Marks(*map(bool, marks)))


async def fetch_marked_joins(
    rx: ReadTransaction, guild_id: int, minimum_account_age_days: int, since_ms: int
) -> Mapping[Marks, int]:
    """Return how many joins that count for somebody have which marks, the young ones by this least age."""
    rules = FakeRules(
        own_invite=False,
        rejoin=False,
        no_avatar=False,
        minimum_account_age_days=minimum_account_age_days,
    )
    parameters: dict[str, SqlValue] = {**rule_parameters(rules), "guild_id": guild_id, "since_ms": since_ms}
    rows = await rx.fetch_all(_FETCH_MARKED, parameters)
    return {Marks(*map(bool, marks)): count for *marks, count in rows}


async def fetch_members_of_code(rx: ReadTransaction, guild_id: int, code: str) -> list[MemberOfCode]:
    """Return the members who came by a code for certain, each with their last join by it, the earliest of these first.

    Those who came again are among them.
    """
    parameters: dict[str, SqlValue] = {"guild_id": guild_id, "code": code}
    return _latest_of_each(await rx.fetch_all(_FETCH_OF_CODE, parameters))


async def fetch_members_perhaps_of_code(rx: ReadTransaction, guild_id: int, code: str) -> list[MemberOfCode]:
    """Return the members of whose joins the code is one explanation among several, in the same way."""
    # As storage.statements.encode_list writes it.
    parameters: dict[str, SqlValue] = {"guild_id": guild_id, "candidate": f'%"code":"{escape_like(code)}"%'}
    return _latest_of_each(await rx.fetch_all(_FETCH_PERHAPS_OF_CODE, parameters))


async def fetch_unnamed_count_of_code(rx: ReadTransaction, guild_id: int, code: str) -> int:
    """Return how many joins by a code have no member that may be named."""
    return first_number(await rx.fetch_one(_FETCH_UNNAMED, {"guild_id": guild_id, "code": code}))


async def fetch_is_code_named(rx: ReadTransaction, guild_id: int, code: str) -> bool:
    """Return whether a join on record is known to be by this code."""
    return await rx.fetch_one(_FETCH_NAMED, (guild_id, code)) is not None


def _latest_of_each(rows: Iterable[Row]) -> list[MemberOfCode]:
    latest: dict[int, MemberOfCode] = {}
    for member_id, joined_at_ms, left_at_ms in rows:
        latest.pop(member_id, None)
        latest[member_id] = MemberOfCode(member_id, joined_at_ms, left_at_ms)
    return list(latest.values())
