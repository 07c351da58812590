"""Who and what has the most stars, counted over the messages that are on a board."""

from storage.database import ReadTransaction
from storage.starboard_records import StarredMessage, StarredPerson

_ON_BOARD = "guild_id = ? AND board_id = ? AND state IN ('posting', 'posted')"
_FETCH_MESSAGES = f"""
SELECT channel_id, message_id, author_id, stars FROM starboard_entries
WHERE {_ON_BOARD} ORDER BY stars DESC, message_id LIMIT ?
"""
_FETCH_RECEIVERS = f"""
SELECT author_id, SUM(stars), COUNT(*) FROM starboard_entries
WHERE {_ON_BOARD} AND author_id IS NOT NULL
GROUP BY author_id ORDER BY SUM(stars) DESC, author_id LIMIT ?
"""
_FETCH_GIVERS = """
SELECT user_id, COUNT(*) FROM starboard_stars WHERE guild_id = ? AND board_id = ?
GROUP BY user_id ORDER BY COUNT(*) DESC, user_id LIMIT ?
"""


async def fetch_top_messages(
    rx: ReadTransaction, guild_id: int, board_id: int, limit: int
) -> list[StarredMessage]:
    """Return the messages of a board with the most stars."""
    return [StarredMessage(*row) for row in await rx.fetch_all(_FETCH_MESSAGES, (guild_id, board_id, limit))]


async def fetch_top_receivers(
    rx: ReadTransaction, guild_id: int, board_id: int, limit: int
) -> list[StarredPerson]:
    """Return the authors whose messages on a board have the most stars; nobody who opted out."""
    return [StarredPerson(*row) for row in await rx.fetch_all(_FETCH_RECEIVERS, (guild_id, board_id, limit))]


async def fetch_top_givers(
    rx: ReadTransaction, guild_id: int, board_id: int, limit: int
) -> list[StarredPerson]:
    """Return who starred the most messages of a board; nobody who opted out."""
    rows = await rx.fetch_all(_FETCH_GIVERS, (guild_id, board_id, limit))
    return [StarredPerson(user_id, count, count) for user_id, count in rows]
