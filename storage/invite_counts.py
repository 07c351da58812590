"""What inviters have brought: always counted from the joins, never kept as a number."""

from dataclasses import dataclass

from storage.counting_sql import (
    CLEARED_AT_MS,
    CREDITED,
    IS_COUNTED,
    IS_EARLIEST,
    IS_FAKE,
    IS_RECENT,
    LEFT_AT_MS,
    rule_parameters,
)
from storage.database import ReadTransaction, SqlValue
from storage.records import FakeRules, InviteCounts
from storage.statements import first_number

# The ids are found in an index alone; without that, SQLite would read all joins of the guild.
_OF_INVITER = f"""{CREDITED.format(inviter="= :inviter_id")}
    AND joins.join_id IN (
        SELECT credited.join_id FROM joins AS credited
        WHERE credited.guild_id = :guild_id AND credited.credited_inviter_id = :inviter_id
    )
"""
# Grouping by a sum keeps SQLite from walking all joins along the index of inviters: that takes longer than
# reading them in their own order.
_FACTS = f"""
    SELECT joins.credited_inviter_id + 0 AS inviter_id,
        {IS_FAKE} AS is_fake,
        {LEFT_AT_MS} AS left_at_ms
"""
_AMOUNTS = """
    COUNT(*) AS total, COALESCE(SUM(is_fake), 0) AS fake,
    COALESCE(SUM(CASE WHEN is_fake = 0 AND left_at_ms IS NOT NULL THEN 1 ELSE 0 END), 0) AS leaves
"""

_FETCH_COUNTS = f"""
SELECT {_AMOUNTS}, (
    SELECT COALESCE(SUM(amount), 0) FROM bonuses WHERE guild_id = :guild_id AND inviter_id = :inviter_id
) AS bonus
FROM ({_FACTS} {_OF_INVITER}) AS facts
"""
_FETCH_LEADERBOARD = f"""
WITH counted (inviter_id, total, fake, leaves) AS (
    SELECT inviter_id, {_AMOUNTS} FROM ({_FACTS} {CREDITED.format(inviter="IS NOT NULL")}) AS facts
    GROUP BY inviter_id
), granted (inviter_id, bonus) AS (
    SELECT inviter_id, SUM(amount) FROM bonuses WHERE guild_id = :guild_id GROUP BY inviter_id
), ranked (inviter_id, total, fake, leaves, bonus) AS (
    SELECT counted.inviter_id, total, fake, leaves, COALESCE(bonus, 0)
    FROM counted LEFT JOIN granted ON granted.inviter_id = counted.inviter_id
    UNION ALL
    SELECT inviter_id, 0, 0, 0, bonus FROM granted
    WHERE :with_bonus_alone = 1 AND inviter_id NOT IN (SELECT inviter_id FROM counted)
)
SELECT inviter_id, total, fake, leaves, bonus FROM ranked
ORDER BY total - fake - leaves + bonus DESC, total DESC, inviter_id
LIMIT :limit OFFSET :offset
"""
_FETCH_LEADERBOARD_COUNT = f"""
SELECT COUNT(*) FROM (
    SELECT joins.credited_inviter_id {CREDITED.format(inviter="IS NOT NULL")}
    UNION
    SELECT inviter_id FROM bonuses WHERE guild_id = :guild_id AND :with_bonus_alone = 1
) AS inviters
"""

_OF_CODE = f"""
    FROM joins
    WHERE joins.guild_id = :guild_id AND joins.code = :code
        AND joins.join_id IN (
            SELECT named.join_id FROM joins AS named
            WHERE named.guild_id = :guild_id AND named.code = :code
        )
        AND {IS_RECENT}
        AND {IS_COUNTED}
        AND {IS_EARLIEST}
"""
# In the order of the primary key, so that a page is read without sorting all the others.
_NEWEST_FIRST = "ORDER BY joins.join_id DESC"
# The page is found first, so that whether its members are here is asked of them alone.
_FETCH_CREDITED_JOINS = f"""
WITH page (join_id) AS (SELECT joins.join_id {_OF_INVITER} {_NEWEST_FIRST} LIMIT :limit OFFSET :offset)
SELECT joins.join_id, joins.member_id, joins.joined_at_ms, joins.code, joins.inviter_id,
    known_invites.channel_id, {LEFT_AT_MS} AS left_at_ms
FROM joins LEFT JOIN known_invites
    ON known_invites.guild_id = joins.guild_id AND known_invites.code = joins.code
WHERE joins.guild_id = :guild_id AND joins.join_id IN (SELECT join_id FROM page)
{_NEWEST_FIRST}
"""
_FETCH_CREDITED_COUNT = f"SELECT COUNT(*) {_OF_INVITER}"
_FETCH_JOINS_OF_CODE = f"""
WITH page (join_id) AS (SELECT joins.join_id {_OF_CODE} {_NEWEST_FIRST} LIMIT :limit OFFSET :offset)
SELECT joins.member_id, joins.joined_at_ms, {IS_FAKE} AS is_fake, {LEFT_AT_MS} AS left_at_ms,
    {CLEARED_AT_MS} AS cleared_at_ms
FROM joins WHERE joins.guild_id = :guild_id AND joins.join_id IN (SELECT join_id FROM page)
{_NEWEST_FIRST}
"""
_FETCH_COUNT_OF_CODE = f"SELECT COUNT(*) {_OF_CODE}"


@dataclass(frozen=True, slots=True)
class CreditedJoin:
    """A join that counts for an inviter.

    `code` and `inviter_id` are null while several fit, `channel_id` also when the invite is not known any more.
    """

    join_id: int
    member_id: int | None
    joined_at_ms: int
    code: str | None
    inviter_id: int | None
    channel_id: int | None
    left_at_ms: int | None
    """When the member left; null while they are here, whether or not they were gone in between."""


@dataclass(frozen=True, slots=True)
class JoinOfCode:
    """A member who came by an invite, as counting sees it; `left_at_ms` as in CreditedJoin."""

    member_id: int | None
    joined_at_ms: int
    is_fake: bool
    left_at_ms: int | None
    cleared_at_ms: int | None


async def fetch_counts(
    rx: ReadTransaction, guild_id: int, inviter_id: int, rules: FakeRules, since_ms: int | None
) -> InviteCounts:
    """Return the counts of an inviter over the joins since then.

    `since_ms` is compared with `joined_at_ms`, None takes all; every bonus counts, however old.
    """
    parameters = {**_parameters(guild_id, since_ms), **rule_parameters(rules), "inviter_id": inviter_id}
    row = await rx.fetch_one(_FETCH_COUNTS, parameters)
    return InviteCounts(*(row or (0, 0, 0, 0)))


async def fetch_leaderboard(
    rx: ReadTransaction,
    guild_id: int,
    rules: FakeRules,
    since_ms: int | None,
    limit: int,
    offset: int,
    *,
    with_bonus_alone: bool,
) -> list[tuple[int, InviteCounts]]:
    """Return inviters with their counts by `real`, then `total`, both descending, then by id.

    An inviter without a counted join is among them only for a bonus, and only `with_bonus_alone`.
    """
    parameters = {
        **_parameters(guild_id, since_ms),
        "with_bonus_alone": with_bonus_alone,
        **rule_parameters(rules),
        "limit": limit,
        "offset": offset,
    }
    rows = await rx.fetch_all(_FETCH_LEADERBOARD, parameters)
    return [(inviter_id, InviteCounts(*amounts)) for inviter_id, *amounts in rows]


async def fetch_leaderboard_count(
    rx: ReadTransaction, guild_id: int, since_ms: int | None, *, with_bonus_alone: bool
) -> int:
    """Return how many inviters the whole leaderboard has."""
    parameters = {**_parameters(guild_id, since_ms), "with_bonus_alone": with_bonus_alone}
    return first_number(await rx.fetch_one(_FETCH_LEADERBOARD_COUNT, parameters))


async def fetch_credited_joins(
    rx: ReadTransaction, guild_id: int, inviter_id: int, since_ms: int | None, limit: int, offset: int
) -> list[CreditedJoin]:
    """Return the joins that `total` of the inviter's counts counts, the last recorded first."""
    parameters: dict[str, SqlValue] = {
        **_parameters(guild_id, since_ms),
        "inviter_id": inviter_id,
        "limit": limit,
        "offset": offset,
    }
    return [CreditedJoin(*row) for row in await rx.fetch_all(_FETCH_CREDITED_JOINS, parameters)]


async def fetch_credited_join_count(
    rx: ReadTransaction, guild_id: int, inviter_id: int, since_ms: int | None
) -> int:
    """Return `total` of the inviter's counts alone."""
    parameters = {**_parameters(guild_id, since_ms), "inviter_id": inviter_id}
    return first_number(await rx.fetch_one(_FETCH_CREDITED_COUNT, parameters))


async def fetch_joins_of_code(
    rx: ReadTransaction,
    guild_id: int,
    code: str,
    rules: FakeRules,
    since_ms: int | None,
    limit: int,
    offset: int,
) -> list[JoinOfCode]:
    """Return who came by this invite for certain, the last recorded first.

    Cleared joins are among them; those of members who had come before are not: they credit nobody, nor do members from
    before where these do not count.
    """
    parameters: dict[str, SqlValue] = {
        **_parameters(guild_id, since_ms),
        **rule_parameters(rules),
        "code": code,
        "limit": limit,
        "offset": offset,
    }
    rows = await rx.fetch_all(_FETCH_JOINS_OF_CODE, parameters)
    return [
        JoinOfCode(member_id, joined_at_ms, bool(is_fake), left_at_ms, cleared_at_ms)
        for member_id, joined_at_ms, is_fake, left_at_ms, cleared_at_ms in rows
    ]


async def fetch_join_count_of_code(
    rx: ReadTransaction, guild_id: int, code: str, since_ms: int | None
) -> int:
    """Return how many `fetch_joins_of_code` would return without a limit."""
    parameters = {**_parameters(guild_id, since_ms), "code": code}
    return first_number(await rx.fetch_one(_FETCH_COUNT_OF_CODE, parameters))


def _parameters(guild_id: int, since_ms: int | None) -> dict[str, SqlValue]:
    return {"guild_id": guild_id, "since_ms": since_ms or 0}
