"""Looking at a database that another process may be writing: nothing in it is changed."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite

from storage.database import ReadTransaction, carry_through
from storage.schema import BUSY_TIMEOUT_SECONDS, is_damage

PROBLEMS_MOST = 5

_CHECK = f"PRAGMA integrity_check({PROBLEMS_MOST})"


@asynccontextmanager
async def reading(path: Path) -> AsyncIterator[ReadTransaction]:
    """Hold one consistent view of a database that exists; raises sqlite3.Error when it cannot be read."""
    # An aiosqlite connection that cannot be opened leaves its thread behind, which may outlive the event loop.
    await asyncio.to_thread(_check_readable, path)
    connection = await aiosqlite.connect(
        _read_only(path), uri=True, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None
    )
    rx = ReadTransaction(connection)
    try:
        await connection.execute_fetchall("BEGIN")
        yield rx
    finally:
        rx.end()
        await carry_through(connection.close())


async def fetch_problems(rx: ReadTransaction) -> tuple[str, ...]:
    """Read the whole file and return what is wrong with it, nothing when it is sound."""
    try:
        rows = await rx.fetch_all(_CHECK)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return (str(error),)
    return tuple(text for (text,) in rows if text != "ok")


def size_bytes(path: Path) -> int:
    """Return how much room a database takes on its disk, with what is written but not yet folded in."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def free_bytes(path: Path) -> int:
    """Return how much room there is on the disk of the nearest folder that exists."""
    folder = next(folder for folder in path.absolute().parents if folder.exists())
    return shutil.disk_usage(folder).free


def _check_readable(path: Path) -> None:
    sqlite3.connect(_read_only(path), uri=True).close()


def _read_only(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro"
