"""The end of records: whole server days at a time, in steps small enough that recording does not wait."""

from typing import Final

from storage.database import ReadTransaction, SqlValue, WriteTransaction
from storage.server_days import ServerDays, delete_timezone_changes_before
from storage.statements import first_number, guild_ids_of, placeholders, split_keys
from storage.statistics.downtimes import delete_downtimes_before
from storage.statistics.record_ids import first_record_id

RAW_TABLES: Final = ("statistics_events", "statistics_sessions", "statistics_samples")
ROLLUP_KEYS: Final = {
    "statistics_hours": "hour",
    "statistics_user_days": "user_id",
    "statistics_channel_days": "channel_id",
    "statistics_text_days": "text_id",
}
"""The tables of the rollups, and the last column of the key of each."""
TABLES: Final = (*RAW_TABLES, *ROLLUP_KEYS, "statistics_texts", "downtimes", "polls", "timezone_changes")
"""Everything that is kept of statistics; the timezone itself and opt-outs belong to the guild."""

_FETCH_STORED: Final = """
SELECT (SELECT COALESCE(SUM(events), 0) FROM statistics_hours WHERE guild_id = ?),
    (SELECT COUNT(*) FROM statistics_samples WHERE guild_id = ?)
"""
_FETCH_UNUSED_TEXTS: Final = """
SELECT text_id FROM statistics_texts WHERE guild_id = ?
AND text_id NOT IN (SELECT text_id FROM statistics_text_days WHERE guild_id = ?)
AND text_id NOT IN (SELECT text_id FROM statistics_sessions WHERE guild_id = ? AND text_id IS NOT NULL)
"""
_DELETE_TEXTS: Final = "DELETE FROM statistics_texts WHERE guild_id = ? AND text_id IN"


async def fetch_stored_records(rx: ReadTransaction, guild_id: int) -> int:
    """Return how many records of statistics a guild has."""
    row = await rx.fetch_one(_FETCH_STORED, (guild_id, guild_id))
    return 0 if row is None else sum(row)


async def fetch_guild_ids(rx: ReadTransaction) -> list[int]:
    """Return the guilds that statistics are kept of."""
    found: set[int] = set()
    for table in TABLES:
        rows = await rx.fetch_all(f"{guild_ids_of(table)} SELECT guild_id FROM known")
        found |= {guild_id for (guild_id,) in rows if guild_id is not None}
    return sorted(found)


async def fetch_kinds(rx: ReadTransaction, guild_id: int, table: str) -> list[int]:
    """Return the numbers of the kinds that a table has of a guild, by one step along its key for each."""
    sql = f"""
    WITH RECURSIVE known (kind) AS (
        SELECT MIN(kind) FROM {table} WHERE guild_id = ?
        UNION ALL
        SELECT (SELECT MIN({table}.kind) FROM {table} WHERE guild_id = ? AND {table}.kind > known.kind) FROM known
        WHERE known.kind IS NOT NULL
    )
    SELECT kind FROM known WHERE kind IS NOT NULL
    """
    return [kind for (kind,) in await rx.fetch_all(sql, (guild_id, guild_id))]


async def delete_records_before(
    tx: WriteTransaction, table: str, guild_id: int, kind: int, cutoff_ms: int, limit: int
) -> int:
    """Delete the oldest raw records from before this time, at most so many; sessions only if they have ended before it."""
    before = "guild_id = ? AND kind = ? AND record_id < ?"
    parameters: list[SqlValue] = [guild_id, kind, first_record_id(cutoff_ms)]
    if table == "statistics_sessions":
        before += " AND ended_at_ms < ?"
        parameters.append(cutoff_ms)
    last_id = first_number(
        await tx.fetch_one(
            f"SELECT MAX(record_id) FROM (SELECT record_id FROM {table} WHERE {before} ORDER BY record_id LIMIT ?)",
            [*parameters, limit],
        )
    )
    return await tx.execute(f"DELETE FROM {table} WHERE {before} AND record_id <= ?", [*parameters, last_id])


async def delete_rollups_before(
    tx: WriteTransaction, table: str, guild_id: int, kind: int, first_day: int, limit: int
) -> int:
    """Delete sums of the days before `first_day`, at most so many."""
    key = f"guild_id, kind, day, {ROLLUP_KEYS[table]}"
    sql = f"""
    DELETE FROM {table} WHERE ({key}) IN (
        SELECT {key} FROM {table} WHERE guild_id = ? AND kind = ? AND day < ? LIMIT ?
    )
    """
    return await tx.execute(sql, (guild_id, kind, first_day, limit))


async def delete_what_nothing_refers_to(
    tx: WriteTransaction, guild_id: int, days: ServerDays, first_day: int
) -> None:
    """Delete names, downtimes and timezone changes that no record of the days from `first_day` on needs.

    No batch may be stored meanwhile: it might use a name again.
    """
    cutoff_ms = days.start_of(first_day)
    unused = [text_id for (text_id,) in await tx.fetch_all(_FETCH_UNUSED_TEXTS, (guild_id,) * 3)]
    for chunk in split_keys(unused):
        await tx.execute(f"{_DELETE_TEXTS} {placeholders(len(chunk))}", (guild_id, *chunk))
    await delete_downtimes_before(tx, guild_id, cutoff_ms)
    # A session may have begun long before; no change of the last year is forgotten.
    await delete_timezone_changes_before(tx, guild_id, cutoff_ms - 366 * 86_400_000)


async def delete_statistics_step(tx: WriteTransaction, table: str, guild_id: int, limit: int) -> int:
    """Delete rows of a guild from one of `TABLES`, at most so many."""
    columns = await tx.fetch_all("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,))
    key = ", ".join(name for (name,) in columns)
    sql = f"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE guild_id = ? LIMIT ?)"
    return await tx.execute(sql, (guild_id, limit))
