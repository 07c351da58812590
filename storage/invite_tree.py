"""Who brought whom: the joins that make a tree, level by level.

A member hangs where their earliest retained join hangs them: on the one inviter who stands behind it. It does not count when
the member had brought somebody before: then it was not their first, and others may hang on them who hang above it. So
along every branch the joins follow each other in time, and no branch can come back to where it began.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from storage.counting_sql import IS_EARLIEST, LEFT_AT_MS
from storage.database import ReadTransaction
from storage.records import Certainty, Method
from storage.statements import placeholders, split_keys

LEVEL_MOST: Final = 500
"""So many children of one level are read at the most."""

# Through the index of credited inviters, which alone holds what is asked here: of the whole row, SQLite without statistics
# would rather look through all joins of the guild.
_BROUGHT: Final = """brought.guild_id = joins.guild_id AND brought.inviter_id = joins.member_id
            AND brought.join_id IN (
                SELECT credited.join_id FROM joins AS credited
                WHERE credited.guild_id = joins.guild_id AND credited.credited_inviter_id = joins.member_id
            )"""
_OF_PARENTS: Final = """joins.guild_id = ? AND joins.join_id IN (
        SELECT credited.join_id FROM joins AS credited
        WHERE credited.guild_id = ? AND credited.credited_inviter_id IN {parents}
    )"""
# Bots are added, not brought.
_IS_EDGE: Final = f"""joins.inviter_id = joins.credited_inviter_id AND joins.source <> 'bot'
        AND joins.member_id IS NOT NULL AND joins.member_id <> joins.inviter_id
        AND {IS_EARLIEST}
        AND NOT EXISTS (
            SELECT 1 FROM joins AS brought WHERE {_BROUGHT} AND brought.joined_at_ms <= joins.joined_at_ms
                AND (brought.member_id IS NULL OR brought.member_id <> joins.member_id)
        )"""
# Those who brought the most come first. The page is found before it is asked who of it left.
_FETCH_CHILDREN: Final = f"""
WITH edges (parent_id, join_id, joined_at_ms, brought) AS (
    SELECT joins.credited_inviter_id, joins.join_id, joins.joined_at_ms,
        (SELECT COUNT(*) FROM joins AS credited WHERE credited.guild_id = joins.guild_id
            AND credited.credited_inviter_id = joins.member_id)
    FROM joins WHERE {_OF_PARENTS} AND {_IS_EDGE}
), placed (parent_id, join_id, siblings, place) AS (
    SELECT parent_id, join_id, COUNT(*) OVER (PARTITION BY parent_id),
        ROW_NUMBER() OVER (PARTITION BY parent_id ORDER BY brought DESC, joined_at_ms, join_id)
    FROM edges
), page (parent_id, join_id, siblings, place) AS (
    SELECT parent_id, join_id, siblings, place FROM placed WHERE place <= ? ORDER BY place, parent_id LIMIT ?
)
SELECT page.parent_id, joins.member_id, page.siblings, {LEFT_AT_MS}, joins.certainty, joins.method
FROM page JOIN joins ON joins.guild_id = ? AND joins.join_id = page.join_id
ORDER BY page.place, page.parent_id
"""
_FETCH_UNSHOWN: Final = f"""
SELECT COALESCE(SUM(CASE WHEN joins.inviter_id IS NULL THEN 1 ELSE 0 END), 0),
    COALESCE(SUM(CASE WHEN joins.member_id IS NULL AND joins.inviter_id IS NOT NULL THEN 1 ELSE 0 END), 0)
FROM joins
WHERE {_OF_PARENTS}
    AND (joins.inviter_id IS NULL OR joins.member_id IS NULL) AND {IS_EARLIEST}
"""


@dataclass(frozen=True, slots=True)
class Child:
    """A member, and who brought them."""

    parent_id: int
    member_id: int
    siblings: int
    """How many the parent brought in all, this one among them."""
    has_left: bool
    is_sure: bool
    """False where the record of another bot says so."""


@dataclass(frozen=True, slots=True)
class Unshown:
    """Joins that have no place in the tree, although they count for somebody in it."""

    uncertain: int
    """More than one inviter fits."""
    unnamed: int
    """Whose members may not be named."""


async def fetch_children(
    rx: ReadTransaction, guild_id: int, parent_ids: Sequence[int], per_parent: int
) -> list[Child]:
    """Return whom these members brought, for each at most so many, and at most `LEVEL_MOST` in all.

    Those who brought others come first, then who came first. To be called with a few hundred parents at the most.
    """
    found: list[Child] = []
    for chunk in split_keys(parent_ids):
        sql = _FETCH_CHILDREN.format(parents=placeholders(len(chunk)))
        rows = await rx.fetch_all(sql, (guild_id, guild_id, *chunk, per_parent, LEVEL_MOST, guild_id))
        found += [
            Child(
                parent_id,
                member_id,
                siblings,
                left_at_ms is not None,
                # Where only the link is in doubt, the inviter is certain.
                certainty == Certainty.CERTAIN or method != Method.IMPORTED,
            )
            for parent_id, member_id, siblings, left_at_ms, certainty, method in rows
        ]
    return found


async def fetch_unshown(rx: ReadTransaction, guild_id: int, parent_ids: Sequence[int]) -> Unshown:
    """Return how many joins of these members' people cannot be shown."""
    uncertain = unnamed = 0
    for chunk in split_keys(parent_ids):
        sql = _FETCH_UNSHOWN.format(parents=placeholders(len(chunk)))
        row = await rx.fetch_one(sql, (guild_id, guild_id, *chunk))
        if row is not None:
            uncertain, unnamed = uncertain + int(row[0]), unnamed + int(row[1])
    return Unshown(uncertain, unnamed)
