"""Looking at a database without changing it."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.guilds import fetch_known_guild_ids, upsert_guild_present
from storage.inspection import fetch_problems, free_bytes, reading, size_bytes


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "headcount # 1.sqlite3", now_ms=0)
    yield database
    await database.close()


async def test_what_is_committed_is_seen_while_another_writes(database: Database) -> None:
    async with database.write() as tx:
        await upsert_guild_present(tx, [1])
    async with database.write() as tx:
        await upsert_guild_present(tx, [2])
        async with reading(database.path) as rx:
            assert await fetch_known_guild_ids(rx) == [1]


async def test_nothing_can_be_written(database: Database) -> None:
    async with reading(database.path) as rx:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await rx.fetch_all("DELETE FROM guilds")


async def test_a_view_ends_with_its_block(database: Database) -> None:
    async with reading(database.path) as rx:
        pass
    with pytest.raises(RuntimeError):
        await rx.fetch_all("SELECT 1")


async def test_a_file_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite3"
    with pytest.raises(sqlite3.OperationalError):
        async with reading(path):
            pass
    assert size_bytes(path) == 0


async def test_a_sound_database_has_no_problems(database: Database) -> None:
    async with reading(database.path) as rx:
        assert await fetch_problems(rx) == ()


async def test_spoiled_pages_are_problems(database: Database) -> None:
    async with database.write() as tx:
        await upsert_guild_present(tx, range(1, 2000))
    await database.close()
    content = bytearray(database.path.read_bytes())
    content[-8192:] = b"\xa5" * 8192
    database.path.write_bytes(content)
    async with reading(database.path) as rx:
        assert await fetch_problems(rx) != ()


async def test_the_size_counts_what_is_not_yet_folded_in(database: Database) -> None:
    async with database.write() as tx:
        await upsert_guild_present(tx, [1])
    wal = database.path.with_name(f"{database.path.name}-wal")
    assert size_bytes(database.path) == database.path.stat().st_size + wal.stat().st_size > 0


def test_free_space_is_that_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not" / "there" / "file") > 0
