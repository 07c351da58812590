"""Copies of the database that are made while it is in use."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.backup import copy_database
from storage.database import Database
from storage.joins import insert_joins
from storage.schema import DatabaseOpenError
from tests.storage.rows import ORDINARY_JOIN


async def test_a_copy_holds_what_is_committed_and_nothing_of_an_open_transaction(
    database: Database, tmp_path: Path
) -> None:
    async with database.write() as tx:
        await insert_joins(tx, [ORDINARY_JOIN])
    target = tmp_path / "copy.sqlite3"
    async with database.write() as tx:
        await tx.execute("DELETE FROM joins")
        copy_database(database.path, target)
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT COUNT(*) FROM joins").fetchone() == (1,)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_copy_never_overwrites_a_file(database: Database, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("mine")
    with pytest.raises(DatabaseOpenError, match="exists already"):
        copy_database(database.path, target)
    assert target.read_text() == "mine"


def test_a_database_that_is_not_there_is_not_made_by_copying(tmp_path: Path) -> None:
    with pytest.raises(DatabaseOpenError, match="There is no database"):
        copy_database(tmp_path / "absent.sqlite3", tmp_path / "copy.sqlite3")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_copy_leaves_no_file_behind(tmp_path: Path) -> None:
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"no database" * 100)
    with pytest.raises(DatabaseOpenError, match="could not be copied"):
        copy_database(broken, tmp_path / "copy.sqlite3")
    assert not (tmp_path / "copy.sqlite3").exists()
