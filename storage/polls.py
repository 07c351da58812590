"""Polls on record: what is needed to know later that one was deleted, or closed by hand."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from storage.database import ReadTransaction, WriteTransaction
from storage.statements import delete_keys, insert_rows

_COLUMNS = "guild_id, message_id, channel_id, user_id, expires_at_ms"
_INSERT = f"INSERT INTO polls ({_COLUMNS})"
_ON_CONFLICT = """
ON CONFLICT (guild_id, message_id) DO UPDATE SET user_id = excluded.user_id, expires_at_ms = excluded.expires_at_ms
"""
_FETCH = f"SELECT {_COLUMNS} FROM polls ORDER BY guild_id, message_id"
_DELETE = "DELETE FROM polls WHERE (guild_id, message_id) IN"


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll that was asked."""

    guild_id: int
    message_id: int
    channel_id: int
    user_id: int | None
    """Who asked; None for people who opted out."""
    expires_at_ms: int | None
    """When it ends, or ended, UTC epoch milliseconds; None when it never does."""


PollKey = tuple[int, int]
"""The guild's id and the message's."""


async def fetch_polls(rx: ReadTransaction) -> list[Poll]:
    """Return the polls of all guilds."""
    return [Poll(*row) for row in await rx.fetch_all(_FETCH)]


async def upsert_polls(tx: WriteTransaction, polls: Sequence[Poll]) -> None:
    """Store polls; of one that is on record, who asked and the end are replaced."""
    await insert_rows(tx, _INSERT, [astuple(poll) for poll in polls], _ON_CONFLICT)


async def delete_polls(tx: WriteTransaction, keys: Sequence[PollKey]) -> None:
    """Forget these polls."""
    await delete_keys(tx, _DELETE, keys)
