"""A copy of the database that is whole, although the bot goes on writing."""

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.schema import BUSY_TIMEOUT_SECONDS, DatabaseOpenError

PAGES_PER_STEP = 1_000


def copy_database(path: Path, target: Path) -> None:
    """Write everything that is committed now to a new file; an existing one is never overwritten.

    Blocks. Raises DatabaseOpenError and then leaves no file behind (SQLite documentation, Online Backup API).
    """
    if not path.is_file():
        raise DatabaseOpenError(f"There is no database at {path}.")
    if target.exists():
        raise DatabaseOpenError(f"{target} exists already; name a file that does not.")
    try:
        with (
            closing(
                sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_SECONDS)
            ) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy, pages=PAGES_PER_STEP)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise DatabaseOpenError(f"{path} could not be copied to {target} ({error}).") from error
