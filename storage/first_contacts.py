"""The guilds in which the bot has introduced itself."""

from storage.database import WriteTransaction

_UPSERT = """
INSERT INTO first_contacts (guild_id, bot_joined_at_ms) VALUES (?, ?)
ON CONFLICT (guild_id) DO UPDATE SET bot_joined_at_ms = excluded.bot_joined_at_ms
WHERE first_contacts.bot_joined_at_ms <> excluded.bot_joined_at_ms
"""
_DELETE = "DELETE FROM first_contacts WHERE guild_id = ? AND bot_joined_at_ms = ?"


async def upsert_first_contact(tx: WriteTransaction, guild_id: int, bot_joined_at_ms: int) -> bool:
    """Note that the bot introduces itself, for having been added at that time; return False if it did already."""
    return await tx.execute(_UPSERT, (guild_id, bot_joined_at_ms)) == 1


async def delete_first_contact(tx: WriteTransaction, guild_id: int, bot_joined_at_ms: int) -> None:
    """Take the note back: nobody could be told."""
    await tx.execute(_DELETE, (guild_id, bot_joined_at_ms))
