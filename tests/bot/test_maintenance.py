"""`python -m bot maintain`: what was deleted is gone from the bytes, and the file is smaller."""

import asyncio
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.cli import main
from bot.maintenance import maintain
from storage.database import Database
from storage.schema import DatabaseOpenError, prepare_database
from storage.sole_use import sole_use

SECRET = 0x0123_4567_89AB_CDEF
ROWS = 20_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database in which many rows about somebody were stored and deleted."""
    path = tmp_path / "headcount.sqlite3"
    prepare_database(path, 1)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO starboard_stars VALUES (1, 1, ?, ?)", [(number, SECRET) for number in range(ROWS)]
        )
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO opt_outs VALUES (1, 2, 3)")
        # Some builds of SQLite overwrite what they delete; not all do.
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM starboard_stars")
    return path


def bytes_of(path: Path) -> bytes:
    """Return everything that is kept beside each other: the database and its log."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Hold a read transaction, as a backup does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM starboard_stars").fetchone()
        yield


def test_nothing_of_what_was_deleted_is_left_in_the_bytes(path: Path) -> None:
    assert SECRET.to_bytes(8) in bytes_of(path)
    maintain(path)
    assert SECRET.to_bytes(8) not in bytes_of(path)


def test_everything_else_is_still_there(path: Path) -> None:
    maintain(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM opt_outs").fetchall() == [(1, 2, 3)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_the_log_is_empty_afterwards_and_the_sizes_are_true(path: Path) -> None:
    before = path.stat().st_size
    sizes = maintain(path)
    assert sizes.before >= before > sizes.after == path.stat().st_size
    log = path.with_name(f"{path.name}-wal")
    assert not log.exists() or log.stat().st_size == 0


def test_a_bot_that_is_at_work_is_not_disturbed(path: Path) -> None:
    with sole_use(path), pytest.raises(DatabaseOpenError, match="Another Headcount is at work"):
        maintain(path)
    assert SECRET.to_bytes(8) in bytes_of(path)


async def test_a_database_that_is_being_read_is_left_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.maintenance.BUSY_TIMEOUT_SECONDS", 0.1)
    with reading(path):
        # Something in the log that the reader does not know yet: it cannot be emptied.
        database = await Database.open(path, now_ms=1)
        try:
            async with database.write() as tx:
                await tx.execute("DELETE FROM opt_outs")
        finally:
            await database.close()
        with pytest.raises(DatabaseOpenError, match="is being read by another program"):
            await asyncio.to_thread(maintain, path)


def test_without_a_database_none_is_made(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.sqlite3"
    with pytest.raises(DatabaseOpenError, match="There is no database"):
        maintain(path)
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_how_much_the_file_shrank(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEADCOUNT_STORAGE__PATH", str(path))
    monkeypatch.chdir(path.parent)
    assert main(["maintain"]) == 0
    said = re.fullmatch(
        rf"{re.escape(str(path))} had (.+) MiB and has (.+) MiB now\.\n", capsys.readouterr().out
    )
    assert said is not None
    assert float(said[1]) > float(said[2]) > 0


def test_the_command_refuses_in_one_sentence(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEADCOUNT_STORAGE__PATH", str(path))
    monkeypatch.chdir(path.parent)
    with sole_use(path):
        assert main(["maintain"]) == 2
    assert capsys.readouterr().err.startswith("Another Headcount is at work")


@pytest.mark.skipif(os.name != "posix", reason="the errors of POSIX")
def test_a_path_that_cannot_be_looked_at_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], path: Path
) -> None:
    # A file in the place of a folder: who runs the tests may be root, whom no permission keeps out.
    monkeypatch.setenv("HEADCOUNT_STORAGE__PATH", str(path / "headcount.sqlite3"))
    monkeypatch.chdir(path.parent)
    assert main(["maintain"]) == 2
    assert "cannot be read (Not a directory)" in capsys.readouterr().err
