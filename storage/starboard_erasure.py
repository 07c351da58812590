"""Erasing a person from the record of the starboard: their stars and authorship; how many stars there are stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

from storage.database import ReadTransaction, WriteTransaction
from storage.statements import placeholders, split_keys

_COUNT: Final = """
SELECT (SELECT COUNT(*) FROM starboard_stars WHERE guild_id = ? AND user_id = ?),
    (SELECT COUNT(*) FROM starboard_entries WHERE guild_id = ? AND author_id = ?)
"""
_FETCH: Final = """
SELECT board_id, message_id FROM {table}
WHERE guild_id = ? AND (board_id, message_id) > (?, ?) AND {column} = ?
ORDER BY board_id, message_id LIMIT ?
"""
_FETCH_STARS: Final = _FETCH.format(table="starboard_stars", column="user_id")
_FETCH_ENTRIES: Final = _FETCH.format(table="starboard_entries", column="author_id")
# Board by board: of a list of whole keys SQLite makes a walk past the rows of everybody.
_DELETE_STARS: Final = """
DELETE FROM starboard_stars WHERE guild_id = ? AND board_id = ? AND user_id = ? AND message_id IN
"""
_UPDATE_ENTRIES: Final = """
UPDATE starboard_entries SET author_id = NULL
WHERE guild_id = ? AND board_id = ? AND author_id = ? AND message_id IN
"""

Place = tuple[int, int]
"""(board id, message id)."""
FIRST: Final[Place] = (-1, -1)
"""Before all."""


@dataclass(frozen=True, slots=True)
class StarboardReferences:
    """How many rows hold a person's id."""

    stars: int
    entries: int


async def count_starboard_references(rx: ReadTransaction, guild_id: int, user_id: int) -> StarboardReferences:
    """Return how many stars the person gave, and how many of their messages were starred."""
    return StarboardReferences(*(await rx.fetch_one(_COUNT, (guild_id, user_id) * 2) or (0, 0)))


async def fetch_stars_of_user(
    rx: ReadTransaction, guild_id: int, user_id: int, after: Place, limit: int
) -> list[Place]:
    """Return what the person starred, from behind this place on; walks past the stars of others."""
    rows = await rx.fetch_all(_FETCH_STARS, (guild_id, *after, user_id, limit))
    return [(board_id, message_id) for board_id, message_id in rows]


async def fetch_entries_of_author(
    rx: ReadTransaction, guild_id: int, author_id: int, after: Place, limit: int
) -> list[Place]:
    """Return where the person's messages are, from behind this place on; walks past those of others."""
    rows = await rx.fetch_all(_FETCH_ENTRIES, (guild_id, *after, author_id, limit))
    return [(board_id, message_id) for board_id, message_id in rows]


async def delete_stars_of_user(
    tx: WriteTransaction, guild_id: int, user_id: int, places: Sequence[Place]
) -> int:
    """Forget that the person starred these, and return how many that were."""
    return await _execute(tx, _DELETE_STARS, guild_id, user_id, places)


async def erase_author(tx: WriteTransaction, guild_id: int, author_id: int, places: Sequence[Place]) -> int:
    """Forget whose messages these are, and return how many that were."""
    return await _execute(tx, _UPDATE_ENTRIES, guild_id, author_id, places)


async def _execute(
    tx: WriteTransaction, sql: str, guild_id: int, user_id: int, places: Sequence[Place]
) -> int:
    changed = 0
    for board_id, of_board in groupby(places, key=itemgetter(0)):
        for chunk in split_keys([message_id for _board_id, message_id in of_board]):
            parameters = (guild_id, board_id, user_id, *chunk)
            changed += await tx.execute(f"{sql} {placeholders(len(chunk))}", parameters)
    return changed
