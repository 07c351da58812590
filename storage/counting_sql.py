"""The SQL of counting: which join counts, which is fake, left or cleared; the same for every statement over `joins`."""

from typing import Final

from storage.database import SqlValue
from storage.records import FakeRules, Source
from storage.statements import SEQUENCE_BITS

DAY_MS: Final = 86_400_000

# A member's earliest retained join credits its inviter, later ones nobody; the member is absent when the
# latest is marked as left. Both look at all retained joins, cleared ones too. Anonymous joins stand alone.
IS_EARLIEST: Final = """(joins.member_id IS NULL OR NOT EXISTS (
            SELECT 1 FROM joins AS earlier WHERE earlier.guild_id = joins.guild_id
                AND earlier.member_id = joins.member_id AND earlier.joined_at_ms < joins.joined_at_ms
        ))"""
LEFT_AT_MS: Final = """CASE WHEN joins.member_id IS NULL OR NOT EXISTS (
            SELECT 1 FROM joins AS later WHERE later.guild_id = joins.guild_id
                AND later.member_id = joins.member_id AND later.joined_at_ms > joins.joined_at_ms
        ) THEN joins.left_at_ms ELSE (
            SELECT latest.left_at_ms FROM joins AS latest WHERE latest.guild_id = joins.guild_id
                AND latest.member_id = joins.member_id ORDER BY latest.joined_at_ms DESC LIMIT 1
        ) END"""

IS_OWN_INVITE: Final = "joins.is_own_invite = 1"
IS_REJOIN: Final = "joins.is_rejoin = 1"
HAS_NO_AVATAR: Final = "joins.had_avatar = 0"
IS_YOUNG: Final = "joins.joined_at_ms - joins.account_created_at_ms < :minimum_account_age_ms"
IS_FAKE: Final = f"""CASE WHEN (:own_invite = 1 AND {IS_OWN_INVITE})
            OR (:rejoin = 1 AND {IS_REJOIN})
            OR (:no_avatar = 1 AND {HAS_NO_AVATAR})
            OR ({IS_YOUNG})
            THEN 1 ELSE 0 END"""

# Two searches along the index of those in force, instead of one with OR.
_OF_SERVER: Final = """FROM resets WHERE resets.guild_id = joins.guild_id AND resets.inviter_id IS NULL
                AND resets.undone_at_ms IS NULL AND resets.until_join_id >= joins.join_id"""
_OF_INVITER: Final = """FROM resets WHERE resets.guild_id = joins.guild_id
                AND resets.inviter_id = joins.credited_inviter_id
                AND resets.undone_at_ms IS NULL AND resets.until_join_id >= joins.join_id"""
NOT_CLEARED: Final = f"""(joins.cleared_at_ms IS NULL
            AND NOT EXISTS (SELECT 1 {_OF_SERVER})
            AND NOT EXISTS (SELECT 1 {_OF_INVITER}))"""
CLEARED_AT_MS: Final = f"""COALESCE(joins.cleared_at_ms,
            (SELECT MIN(resets.reset_at_ms) {_OF_SERVER}),
            (SELECT MIN(resets.reset_at_ms) {_OF_INVITER}))"""
# Members from before joined whenever; the days of statistics begin for them when they were put on record.
IS_RECENT: Final = f"""(joins.joined_at_ms >= :since_ms
            OR (joins.source = '{Source.EXISTING}' AND joins.join_id >= :since_ms << {SEQUENCE_BITS}))"""
# They count only where the server wants it.
IS_COUNTED: Final = f"""(joins.source <> '{Source.EXISTING}'
            OR EXISTS (SELECT 1 FROM counted_existing WHERE counted_existing.guild_id = joins.guild_id))"""
# To be formatted with the condition on the inviter; parameters :guild_id and :since_ms.
CREDITED: Final = f"""
    FROM joins
    WHERE joins.guild_id = :guild_id AND joins.credited_inviter_id {{inviter}} AND {NOT_CLEARED}
        AND {IS_RECENT}
        AND {IS_COUNTED}
        AND {IS_EARLIEST}
"""


def rule_parameters(rules: FakeRules) -> dict[str, SqlValue]:
    """Return the parameters of `IS_FAKE` and `IS_YOUNG`."""
    return {
        "own_invite": rules.own_invite,
        "rejoin": rules.rejoin,
        "no_avatar": rules.no_avatar,
        # With 0 days the rule is off: the bound lies below every difference, also of clocks that disagree.
        "minimum_account_age_ms": rules.minimum_account_age_days * DAY_MS or -(1 << 62),
    }
