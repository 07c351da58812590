"""Guilds: presence, timezone, and the end of all their data."""

from storage.database import Database
from storage.guilds import (
    delete_guild,
    fetch_departed_guilds,
    fetch_guild_tables,
    fetch_guild_timezone,
    fetch_known_guild_ids,
    upsert_guild_departed,
    upsert_guild_present,
    upsert_guild_timezone,
)
from storage.invites import INVITE_TRACKER_TABLES, delete_invite_tracker_data
from tests.storage.rows import ELSEWHERE, GUILD


async def fill_every_table(database: Database, guild_id: int) -> list[str]:
    """Insert a row of the guild into each of its tables, whatever columns they have, and return the tables."""
    async with database.write() as tx:
        names = [
            name for (name,) in await tx.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        filled = []
        for name in names:
            columns = await tx.fetch_all(f"SELECT name, type FROM pragma_table_info('{name}')")
            if not any(column == "guild_id" for column, _ in columns):
                continue
            values = [
                guild_id if column == "guild_id" else "x" if kind == "TEXT" else 1 for column, kind in columns
            ]
            await tx.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(values))})", values)
            filled.append(name)
        return filled


async def count_rows(database: Database, table: str, guild_id: int) -> int:
    async with database.read() as rx:
        row = await rx.fetch_one(f"SELECT COUNT(*) FROM {table} WHERE guild_id = ?", (guild_id,))
    assert row is not None
    return int(row[0])


async def test_a_guild_has_utc_until_its_timezone_is_set(database: Database) -> None:
    async with database.write() as tx:
        assert await fetch_guild_timezone(tx, GUILD) == "UTC"
        await upsert_guild_present(tx, [GUILD])
        assert await fetch_guild_timezone(tx, GUILD) == "UTC"
        await upsert_guild_timezone(tx, GUILD, "Europe/Amsterdam")
        await upsert_guild_timezone(tx, ELSEWHERE, "Asia/Tokyo")
        await upsert_guild_timezone(tx, GUILD, "Europe/Brussels")
        await upsert_guild_present(tx, [GUILD])
        assert await fetch_guild_timezone(tx, GUILD) == "Europe/Brussels"
        assert await fetch_guild_timezone(tx, ELSEWHERE) == "Asia/Tokyo"


async def test_a_departed_guild_is_due_once_its_time_is_before_the_cutoff(database: Database) -> None:
    async with database.write() as tx:
        await upsert_guild_present(tx, [GUILD, ELSEWHERE])
        await upsert_guild_departed(tx, GUILD, 500)
        assert await fetch_departed_guilds(tx, 500) == []
        assert await fetch_departed_guilds(tx, 501) == [GUILD]
        assert await fetch_known_guild_ids(tx) == [ELSEWHERE]


async def test_a_departure_that_is_noted_again_keeps_its_first_time(database: Database) -> None:
    async with database.write() as tx:
        await upsert_guild_departed(tx, GUILD, 500)
        await upsert_guild_departed(tx, GUILD, 900)
        assert await fetch_departed_guilds(tx, 501) == [GUILD]


async def test_a_guild_that_the_bot_comes_back_to_is_not_departed(database: Database) -> None:
    async with database.write() as tx:
        await upsert_guild_departed(tx, GUILD, 500)
        await upsert_guild_present(tx, [GUILD])
        assert await fetch_departed_guilds(tx, 10_000) == []
        assert await fetch_known_guild_ids(tx) == [GUILD]
        await upsert_guild_departed(tx, GUILD, 900)
        assert await fetch_departed_guilds(tx, 900) == []


async def test_thousands_of_guilds_are_noted_at_once(database: Database) -> None:
    guild_ids = list(range(1, 3_001))
    async with database.write() as tx:
        await upsert_guild_present(tx, guild_ids)
        await upsert_guild_present(tx, [])
        assert await fetch_known_guild_ids(tx) == guild_ids


async def test_deleting_a_guild_empties_every_table_that_has_a_guild_id_and_spares_other_guilds(
    database: Database,
) -> None:
    tables = await fill_every_table(database, GUILD)
    await fill_every_table(database, ELSEWHERE)
    assert {"guilds", "guild_modules", *INVITE_TRACKER_TABLES} <= set(tables)
    async with database.write() as tx:
        assert sorted(tables) == await fetch_guild_tables(tx)
        await delete_guild(tx, GUILD)
    for table in tables:
        assert await count_rows(database, table, GUILD) == 0, table
        assert await count_rows(database, table, ELSEWHERE) == 1, table


async def test_deleting_a_guild_reaches_a_table_that_was_added_later(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute("CREATE TABLE later (guild_id BIGINT NOT NULL, word TEXT)")
        await tx.execute("INSERT INTO later VALUES (?, 'kept?')", (GUILD,))
        await delete_guild(tx, GUILD)
        assert await tx.fetch_all("SELECT word FROM later") == []


async def test_deleting_the_invite_tracker_spares_the_guild_and_its_modules(database: Database) -> None:
    tables = await fill_every_table(database, GUILD)
    await fill_every_table(database, ELSEWHERE)
    async with database.write() as tx:
        await delete_invite_tracker_data(tx, GUILD)
    for table in tables:
        assert await count_rows(database, table, GUILD) == (table not in INVITE_TRACKER_TABLES), table
        assert await count_rows(database, table, ELSEWHERE) == 1, table
