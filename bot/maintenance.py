"""Maintenance of the database while no bot is at work on it: what was deleted is really overwritten, and the file shrinks."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from storage.schema import BUSY_TIMEOUT_SECONDS, DatabaseOpenError, check_file, explain
from storage.sole_use import sole_use


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the database takes on the disk, in bytes, with its write-ahead log."""

    before: int
    after: int


def maintain(path: Path) -> Sizes:
    """Write the database anew, without anything that was deleted, and empty its write-ahead log.

    Deleted bytes stay in the file and in the log otherwise (SQLite documentation, VACUUM and Write-Ahead Logging). Needs as
    much free space as the database is large. Blocks. Raises DatabaseOpenError, also while a bot is at work on it.
    """
    if not check_file(path):
        raise DatabaseOpenError(f"There is no database at {path}.")
    with sole_use(path):
        before = _size_of(path)
        try:
            with closing(
                sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
            ) as connection:
                _empty_log(path, connection)
                connection.execute("VACUUM")
                # The new file has been written by way of the log.
                _empty_log(path, connection)
        except sqlite3.Error as error:
            raise explain(path, error) from error
        return Sizes(before, _size_of(path))


def _empty_log(path: Path, connection: sqlite3.Connection) -> None:
    (is_busy, _frames, _done) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise DatabaseOpenError(
            f"The database {path} is being read by another program, such as a backup; try again when that is done."
        )


def _size_of(path: Path) -> int:
    log = path.with_name(f"{path.name}-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)
