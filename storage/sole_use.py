"""One bot per database: a lock that ends with the process that holds it, however that ends."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storage.schema import DatabaseOpenError, check_file, explain, make_folder

GRACE_SECONDS = 1.0
"""How long a bot that is just stopping may still hold the database."""


@contextmanager
def sole_use(path: Path) -> Iterator[None]:
    """Keep every other bot away from this database while the block runs; reading and copying it stay possible.

    Two bots on one database would record and greet everybody twice. Raises DatabaseOpenError when another is
    at work. The lock is SQLite's own, on an empty file beside the database: the operating system gives it back
    when the process ends. The file stays: deleting it
    could take it from under a bot that just locked it.
    """
    make_folder(path)
    check_file(path)
    with closing(_lock(path)):
        yield


def lock_path(path: Path) -> Path:
    """Return the file beside the database that is locked; nothing is ever written to it."""
    return path.with_name(f"{path.name}-lock")


def _lock(path: Path) -> sqlite3.Connection:
    try:
        lock = sqlite3.connect(lock_path(path), timeout=GRACE_SECONDS, isolation_level=None)
        try:
            # There is nothing to roll back, so no journal beside the file.
            lock.execute("PRAGMA journal_mode = OFF")
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error:
            lock.close()
            raise
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            raise DatabaseOpenError(
                f"Another Headcount is at work on the database {path}; "
                "stop that one, or set another storage.path for this one."
            ) from error
        raise explain(path, error) from error
    return lock
