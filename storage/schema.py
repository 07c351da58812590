"""The schema: numbered migrations. Each is applied, and noted as applied, in a single transaction."""

import errno
import hashlib
import os
import re
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

BUSY_TIMEOUT_SECONDS = 10.0
"""How long a statement waits for another process that holds the file, for example a backup."""

QUICK_CHECK_BYTES_MOST = 64 * 1024 * 1024
"""Up to this size a file is checked whole when it is opened; a larger one only by `Database.check`."""

_CREATE_RECORD = """
CREATE TABLE IF NOT EXISTS migrations (
    name TEXT NOT NULL PRIMARY KEY,
    checksum TEXT NOT NULL,
    applied_at_ms BIGINT NOT NULL
)
"""
_HAS_RECORD = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'migrations'"
_FETCH_RECORD = "SELECT name, checksum FROM migrations ORDER BY name"
_INSERT_RECORD = "INSERT INTO migrations (name, checksum, applied_at_ms) VALUES (?, ?, ?)"


class DatabaseOpenError(Exception):
    """The database cannot be used; the message is one sentence that names the file and says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered SQL file."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class MigrationState:
    """The names of the migrations that a database has, and of those that it still needs, in their order."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]


def read_migrations() -> tuple[Migration, ...]:
    """Return the migrations that this program carries, in their order."""
    # Read as text, so that line endings of another system do not change the checksum.
    return tuple(
        Migration(file.name, file.read_text(encoding="utf-8"))
        for file in sorted(files("storage").joinpath("migrations").iterdir(), key=lambda file: file.name)
        if re.fullmatch(r"\d{4}_\w+\.sql", file.name)
    )


def read_migration_state(path: Path, migrations: Sequence[Migration] | None = None) -> MigrationState:
    """Return what a database has and needs, without changing it; one that does not exist needs everything.

    Raises DatabaseOpenError as `prepare_database` does, except for a file that cannot be written.
    """
    known = read_migrations() if migrations is None else migrations
    if not check_file(path):
        return MigrationState((), tuple(migration.name for migration in known))
    try:
        with closing(_connect(path)) as connection:
            return _compare(path, connection, known)
    except sqlite3.Error as error:
        raise explain(path, error) from error


def prepare_database(
    path: Path, now_ms: int, migrations: Sequence[Migration] | None = None
) -> MigrationState:
    """Create the file and its folder if need be, apply what is pending and return the state from before.

    `now_ms` is noted as the time of application. Raises DatabaseOpenError. Blocks: call it in a thread.
    """
    known = read_migrations() if migrations is None else migrations
    make_folder(path)
    check_file(path)
    try:
        with closing(_connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            # A file that may only be read is noticed here, and not at the first join: of a BEGIN alone SQLite makes
            # a transaction that only reads.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("PRAGMA user_version = 0")
            connection.execute("ROLLBACK")
            if path.stat().st_size <= QUICK_CHECK_BYTES_MOST:
                (problem,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                if problem != "ok":
                    raise _corrupt(path)
            state = _compare(path, connection, known)
            for migration in known:
                if migration.name in state.pending:
                    _apply(connection, migration, now_ms)
            return state
    except sqlite3.Error as error:
        raise explain(path, error) from error


def make_folder(path: Path) -> None:
    """Create the folder of the database; raises DatabaseOpenError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseOpenError(
            f"The folder {path.parent} for the database cannot be created ({error.strerror}); "
            "name another path in the configuration."
        ) from error


def split_statements(sql: str) -> Iterator[str]:
    """Yield the statements of a script; semicolons in strings, comments and triggers do not end one.

    Raises ValueError when the last statement has no end.
    """
    statement = ""
    for piece in sql.split(";")[:-1]:
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
    rest = statement + sql.rpartition(";")[2]
    if re.sub(r"--[^\n]*", "", rest).strip():
        raise ValueError(f"The statement does not end with a semicolon: {rest.strip()[:80]}")


def _apply(connection: sqlite3.Connection, migration: Migration, now_ms: int) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_CREATE_RECORD)
        # Another process may have been faster, between our look at the record and our turn to write.
        if migration.name not in dict(connection.execute(_FETCH_RECORD)):
            for statement in split_statements(migration.sql):
                connection.execute(statement)
            connection.execute(_INSERT_RECORD, (migration.name, migration.checksum, now_ms))
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _compare(path: Path, connection: sqlite3.Connection, known: Sequence[Migration]) -> MigrationState:
    (has_record,) = connection.execute(_HAS_RECORD).fetchone()
    applied: dict[str, str] = dict(connection.execute(_FETCH_RECORD)) if has_record else {}
    checksums = {migration.name: migration.checksum for migration in known}
    for name, checksum in applied.items():
        if name not in checksums:
            raise DatabaseOpenError(
                f"The database {path} was written by a newer version of Headcount (this one does not know "
                f"{name}); install that version, or restore a backup from before the update."
            )
        if checksum != checksums[name]:
            raise DatabaseOpenError(
                f"The migration {name} is not the one that the database {path} was made with; "
                "install an unchanged copy of Headcount."
            )
    if not applied and connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() != (0,):
        raise DatabaseOpenError(
            f"The database {path} belongs to another program; name another path in the configuration."
        )
    return MigrationState(tuple(applied), tuple(name for name in checksums if name not in applied))


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)


def check_file(path: Path) -> bool:
    """Return whether the file exists; raises DatabaseOpenError when it cannot be read."""
    # The file is not opened to find out: closing it would drop the locks of this process's own connections.
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _unreadable(path, error.strerror) from error
    if stat.S_ISDIR(mode):
        raise DatabaseOpenError(f"The database path {path} is a folder; name a file in the configuration.")
    if not os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        raise _unreadable(path, os.strerror(errno.EACCES))
    return True


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite found the file damaged."""
    return _primary_code(error) == sqlite3.SQLITE_CORRUPT


def _primary_code(error: sqlite3.Error) -> int:
    # Extended codes carry the primary one in their low byte (SQLite documentation, Result and Error Codes).
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def explain(path: Path, error: sqlite3.Error) -> DatabaseOpenError:
    """Return the sentence for what SQLite said about this database."""
    code = _primary_code(error)
    if code == sqlite3.SQLITE_NOTADB:
        return DatabaseOpenError(
            f"The file {path} is not a database; name another path in the configuration, or restore a backup."
        )
    if is_damage(error):
        return _corrupt(path)
    if code == sqlite3.SQLITE_BUSY:
        return DatabaseOpenError(
            f"The database {path} is in use by another program; stop that one, or wait until it is done."
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return DatabaseOpenError(
            f"The database {path} cannot be written; "
            "let the user who runs the bot write to the file and its folder."
        )
    if code == sqlite3.SQLITE_FULL:
        return DatabaseOpenError(f"There is no space left for the database {path}; make room on that disk.")
    return DatabaseOpenError(
        f"The database {path} cannot be opened ({error}); restore a backup if this stays so."
    )


def _unreadable(path: Path, why: str | None) -> DatabaseOpenError:
    return DatabaseOpenError(
        f"The database {path} cannot be read ({why}); let the user who runs the bot read and write it."
    )


def _corrupt(path: Path) -> DatabaseOpenError:
    return DatabaseOpenError(f"The database {path} is damaged; restore a backup.")
