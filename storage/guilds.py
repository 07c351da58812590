"""Guilds: their timezone, whether the bot is still there, and the end of all their data."""

from collections.abc import Sequence

from storage.database import ReadTransaction, WriteTransaction
from storage.statements import insert_rows

DEFAULT_TIMEZONE = "UTC"

_FETCH_TIMEZONE = "SELECT timezone FROM guilds WHERE guild_id = ?"
_UPSERT_TIMEZONE = """
INSERT INTO guilds (guild_id, timezone) VALUES (?, ?)
ON CONFLICT (guild_id) DO UPDATE SET timezone = excluded.timezone
"""
_UPSERT_DEPARTED = """
INSERT INTO guilds (guild_id, departed_at_ms) VALUES (?, ?)
ON CONFLICT (guild_id) DO UPDATE SET departed_at_ms = COALESCE(guilds.departed_at_ms, excluded.departed_at_ms)
"""
_INSERT_PRESENT = "INSERT INTO guilds (guild_id)"
_ON_CONFLICT_PRESENT = (
    "ON CONFLICT (guild_id) DO UPDATE SET departed_at_ms = NULL WHERE guilds.departed_at_ms IS NOT NULL"
)
_FETCH_DEPARTED = "SELECT guild_id FROM guilds WHERE departed_at_ms < ? ORDER BY guild_id"
_FETCH_PRESENT = "SELECT guild_id FROM guilds WHERE departed_at_ms IS NULL ORDER BY guild_id"
_FETCH_KEY = "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk"
_FETCH_GUILD_TABLES = """
SELECT tables.name FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
WHERE tables.type = 'table' AND columns.name = 'guild_id' ORDER BY tables.name
"""


async def fetch_guild_timezone(rx: ReadTransaction, guild_id: int) -> str:
    """Return the IANA name of the guild's timezone, UTC when none was set."""
    row = await rx.fetch_one(_FETCH_TIMEZONE, (guild_id,))
    return DEFAULT_TIMEZONE if row is None else str(row[0])


async def upsert_guild_timezone(tx: WriteTransaction, guild_id: int, timezone: str) -> None:
    """Store the timezone, an IANA name."""
    await tx.execute(_UPSERT_TIMEZONE, (guild_id, timezone))


async def upsert_guild_departed(tx: WriteTransaction, guild_id: int, departed_at_ms: int) -> None:
    """Note that the bot is not in the guild any more; an earlier note stays."""
    await tx.execute(_UPSERT_DEPARTED, (guild_id, departed_at_ms))


async def upsert_guild_present(tx: WriteTransaction, guild_ids: Sequence[int]) -> None:
    """Note that the bot is in these guilds, also in those that it had left."""
    await insert_rows(tx, _INSERT_PRESENT, [(guild_id,) for guild_id in guild_ids], _ON_CONFLICT_PRESENT)


async def fetch_departed_guilds(rx: ReadTransaction, before_ms: int) -> list[int]:
    """Return the guilds that the bot left before this time."""
    return [guild_id for (guild_id,) in await rx.fetch_all(_FETCH_DEPARTED, (before_ms,))]


async def fetch_departed_at_ms(rx: ReadTransaction, guild_id: int) -> int | None:
    """Return when the bot left the guild, None while it is in it."""
    row = await rx.fetch_one("SELECT departed_at_ms FROM guilds WHERE guild_id = ?", (guild_id,))
    return None if row is None else row[0]


async def fetch_known_guild_ids(rx: ReadTransaction) -> list[int]:
    """Return the guilds that the bot is in as far as it is stored; departed ones are left out."""
    return [guild_id for (guild_id,) in await rx.fetch_all(_FETCH_PRESENT)]


async def delete_guild(tx: WriteTransaction, guild_id: int) -> None:
    """Delete everything of the guild: its rows in every table that has a `guild_id`."""
    for table in await fetch_guild_tables(tx):
        await tx.execute(f"DELETE FROM {table} WHERE guild_id = ?", (guild_id,))


async def delete_guild_step(tx: WriteTransaction, guild_id: int, limit: int) -> int:
    """Delete at most `limit` rows of the guild, its row in `guilds` excepted; return how many there were.

    The modules go first: what is still there then belongs to a guild in which nothing is enabled.
    """
    tables = await fetch_guild_tables(tx)
    for table in sorted(tables, key=lambda table: (table != "guild_modules", table)):
        if table == "guilds":
            continue
        key = ", ".join(name for (name,) in await tx.fetch_all(_FETCH_KEY, (table,)))
        deleted = await tx.execute(
            f"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE guild_id = ? LIMIT ?)",
            (guild_id, limit),
        )
        if deleted:
            return deleted
    return 0


async def fetch_guild_tables(rx: ReadTransaction) -> list[str]:
    """Return the names of all tables with a `guild_id`, read from the schema so that none is forgotten."""
    return [name for (name,) in await rx.fetch_all(_FETCH_GUILD_TABLES)]
