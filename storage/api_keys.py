"""The keys with which programs use the HTTP API of a guild."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from storage.database import ReadTransaction, WriteTransaction
from storage.statements import insert_rows

_FETCH_ALL: Final = """
SELECT guild_id, key_id, name, key_hash, rights, created_by_user_id, created_at_ms, last_used_at_ms
FROM api_keys ORDER BY guild_id, key_id
"""
_INSERT: Final = """
INSERT INTO api_keys (
    guild_id, key_id, name, key_hash, rights, created_by_user_id, created_at_ms, last_used_at_ms
) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_DELETE: Final = "DELETE FROM api_keys WHERE guild_id = ? AND key_id = ?"
_USES: Final = "WITH uses (guild_id, key_id, used_at_ms) AS ("
_UPDATE_LAST_USES: Final = """
)
UPDATE api_keys SET last_used_at_ms = (
    SELECT uses.used_at_ms FROM uses WHERE uses.guild_id = api_keys.guild_id AND uses.key_id = api_keys.key_id
)
WHERE (guild_id, key_id) IN (SELECT guild_id, key_id FROM uses)
"""
_UPDATE_WITHOUT_CREATOR: Final = """
UPDATE api_keys SET created_by_user_id = NULL WHERE guild_id = ? AND created_by_user_id = ?
"""


@dataclass(frozen=True, slots=True)
class StoredApiKey:
    """A key; of its text only the hash."""

    guild_id: int
    key_id: int
    """The public part of the key; one guild does not have it twice."""
    name: str
    key_hash: str
    """SHA-256 of the whole key, in hexadecimal digits."""
    rights: tuple[str, ...]
    created_by_user_id: int | None
    created_at_ms: int
    last_used_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class KeyUse:
    """When a key was used last."""

    guild_id: int
    key_id: int
    used_at_ms: int


async def fetch_all_api_keys(rx: ReadTransaction) -> list[StoredApiKey]:
    """Return the keys of all guilds."""
    return [
        StoredApiKey(guild_id, key_id, name, key_hash, tuple(rights.split()), *rest)
        for guild_id, key_id, name, key_hash, rights, *rest in await rx.fetch_all(_FETCH_ALL)
    ]


async def insert_api_key(tx: WriteTransaction, key: StoredApiKey) -> None:
    """Store a new key."""
    await tx.execute(
        _INSERT,
        (
            key.guild_id,
            key.key_id,
            key.name,
            key.key_hash,
            " ".join(key.rights),
            key.created_by_user_id,
            key.created_at_ms,
            key.last_used_at_ms,
        ),
    )


async def delete_api_key(tx: WriteTransaction, guild_id: int, key_id: int) -> None:
    """Delete a key, if it is there."""
    await tx.execute(_DELETE, (guild_id, key_id))


async def update_last_uses(tx: WriteTransaction, uses: Sequence[KeyUse]) -> None:
    """Note when keys were used; each stands in it once, and one that is not there any more stays away."""
    rows = [(use.guild_id, use.key_id, use.used_at_ms) for use in uses]
    await insert_rows(tx, _USES, rows, _UPDATE_LAST_USES)


async def update_api_keys_without_creator(tx: WriteTransaction, guild_id: int, user_id: int) -> int:
    """Forget that this person made keys, and return how many these were."""
    return await tx.execute(_UPDATE_WITHOUT_CREATOR, (guild_id, user_id))
