"""One bot per database, and nobody locked out by one that died."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage.backup import copy_database
from storage.schema import DatabaseOpenError, prepare_database
from storage.sole_use import lock_path, sole_use

HOLD = """
import sys, time
from pathlib import Path
from storage.sole_use import sole_use
with sole_use(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "headcount.sqlite3"


def hold(path: Path) -> subprocess.Popen[str]:
    """Start another process that uses the database, and return once it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_bot_on_the_same_database_is_refused(path: Path) -> None:
    with hold(path) as process, pytest.raises(DatabaseOpenError) as refused, sole_use(path):
        pass
    assert process.returncode == 0
    assert str(refused.value) == (
        f"Another Headcount is at work on the database {path}; "
        "stop that one, or set another storage.path for this one."
    )


def test_a_second_bot_on_another_database_is_not(path: Path) -> None:
    with hold(path), sole_use(path.with_name("other.sqlite3")):
        pass


def test_a_bot_that_was_killed_locks_nobody_out(path: Path) -> None:
    with hold(path) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with sole_use(path):
            pass


def test_the_lock_ends_with_the_block_also_by_an_error(path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="of the block"), sole_use(path):
        raise sqlite3.OperationalError("of the block itself")
    with sole_use(path):
        pass


def test_reading_and_copying_stay_possible(path: Path) -> None:
    prepare_database(path, 1)
    with hold(path):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT COUNT(*) FROM joins").fetchone() == (0,)
        copy_database(path, path.with_name("copy.sqlite3"))


def test_nothing_is_written_to_the_lock(path: Path) -> None:
    with sole_use(path):
        assert [file.name for file in path.parent.iterdir()] == [lock_path(path).name]
    assert lock_path(path).stat().st_size == 0


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    with pytest.raises(DatabaseOpenError, match="data"), sole_use(tmp_path / "data" / "headcount.sqlite3"):
        pass


def test_a_path_that_is_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseOpenError, match="is a folder"), sole_use(tmp_path):
        pass
