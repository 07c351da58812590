"""What inviters have brought: always counted from the joins, never kept as a number."""

from storage.database import ReadTransaction, SqlValue
from storage.records import FakeRules, InviteCounts
from storage.statements import first_number

DAY_MS = 86_400_000

# A member's earliest retained join credits its inviter, later ones nobody; the member is absent when the
# latest is marked as left. Both look at all retained joins, cleared ones too. Anonymous joins stand alone.
_CREDITED = """
    FROM joins
    WHERE joins.guild_id = :guild_id AND joins.credited_inviter_id {inviter} AND joins.cleared_at_ms IS NULL
        AND joins.joined_at_ms >= :since_ms
        AND (joins.member_id IS NULL OR NOT EXISTS (
            SELECT 1 FROM joins AS earlier WHERE earlier.guild_id = joins.guild_id
                AND earlier.member_id = joins.member_id AND earlier.joined_at_ms < joins.joined_at_ms
        ))
"""
# Grouping by a sum keeps SQLite from walking all joins along the index of inviters: that takes longer than
# reading them in their own order.
_FACTS = """
    SELECT joins.credited_inviter_id + 0 AS inviter_id,
        CASE WHEN (:own_invite = 1 AND joins.is_own_invite = 1)
            OR (:rejoin = 1 AND joins.is_rejoin = 1)
            OR (:no_avatar = 1 AND joins.had_avatar = 0)
            OR (joins.joined_at_ms - joins.account_created_at_ms < :minimum_account_age_ms)
            THEN 1 ELSE 0 END AS is_fake,
        CASE WHEN joins.member_id IS NULL OR NOT EXISTS (
            SELECT 1 FROM joins AS later WHERE later.guild_id = joins.guild_id
                AND later.member_id = joins.member_id AND later.joined_at_ms > joins.joined_at_ms
        ) THEN joins.left_at_ms ELSE (
            SELECT latest.left_at_ms FROM joins AS latest WHERE latest.guild_id = joins.guild_id
                AND latest.member_id = joins.member_id ORDER BY latest.joined_at_ms DESC LIMIT 1
        ) END AS left_at_ms
"""
_AMOUNTS = """
    COUNT(*) AS total, COALESCE(SUM(is_fake), 0) AS fake,
    COALESCE(SUM(CASE WHEN is_fake = 0 AND left_at_ms IS NOT NULL THEN 1 ELSE 0 END), 0) AS leaves
"""

_FETCH_COUNTS = f"""
SELECT {_AMOUNTS}, (
    SELECT COALESCE(SUM(amount), 0) FROM bonuses WHERE guild_id = :guild_id AND inviter_id = :inviter_id
) AS bonus
FROM ({_FACTS} {_CREDITED.format(inviter="= :inviter_id")}) AS facts
"""
_FETCH_LEADERBOARD = f"""
WITH counted (inviter_id, total, fake, leaves) AS (
    SELECT inviter_id, {_AMOUNTS} FROM ({_FACTS} {_CREDITED.format(inviter="IS NOT NULL")}) AS facts
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
    SELECT joins.credited_inviter_id {_CREDITED.format(inviter="IS NOT NULL")}
    UNION
    SELECT inviter_id FROM bonuses WHERE guild_id = :guild_id AND :with_bonus_alone = 1
) AS inviters
"""


async def fetch_counts(
    rx: ReadTransaction, guild_id: int, inviter_id: int, rules: FakeRules, since_ms: int | None
) -> InviteCounts:
    """Return the counts of an inviter over the joins since then.

    `since_ms` is compared with `joined_at_ms`, None takes all; every bonus counts, however old.
    """
    parameters = {**_parameters(guild_id, since_ms), **_rule_parameters(rules), "inviter_id": inviter_id}
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
        **_rule_parameters(rules),
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


def _parameters(guild_id: int, since_ms: int | None) -> dict[str, SqlValue]:
    return {"guild_id": guild_id, "since_ms": since_ms or 0}


def _rule_parameters(rules: FakeRules) -> dict[str, SqlValue]:
    return {
        "own_invite": rules.own_invite,
        "rejoin": rules.rejoin,
        "no_avatar": rules.no_avatar,
        # With 0 days the rule is off: the bound lies below every difference, also of clocks that disagree.
        "minimum_account_age_ms": rules.minimum_account_age_days * DAY_MS or -(1 << 62),
    }
