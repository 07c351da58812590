"""The database: one writing connection, a few reading ones, and a transaction around all use of them."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import aiosqlite
import orjson

from storage.schema import BUSY_TIMEOUT_SECONDS, DatabaseOpenError, is_damage, prepare_database

__all__ = [
    "Database",
    "DatabaseOpenError",
    "ReadTransaction",
    "Row",
    "SqlValue",
    "WriteTransaction",
    "carry_through",
    "is_trouble_of_the_database",
]

Row = tuple[Any, ...]
SqlValue = int | str | None
Parameters = Sequence[SqlValue] | Mapping[str, SqlValue]

_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # KiB per connection. SQLite's default of 2 MB is less than the index that retention walks.
    "PRAGMA cache_size = -32768",
)


class ReadTransaction:
    """One consistent view of the database; unusable once its block has ended."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection: aiosqlite.Connection | None = connection

    async def fetch_all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Return all rows."""
        # The driver's stubs promise sqlite3.Row; without a row factory it returns tuples.
        return cast("list[Row]", await self._open.execute_fetchall(sql, parameters))

    async def fetch_many(self, sql: str, parameters: Parameters, columns: int) -> list[list[Any]]:
        """Return the rows of a SELECT of so many columns, all at once and in no order: for hundreds of rows and more.

        The driver takes the interpreter's lock anew for every row, and a busy event loop gives it away late: a thousand rows
        one by one hold this connection, and the loop, for longer than everything else that is done with them.
        """
        names = ", ".join(f"column{number}" for number in range(columns))
        row = await self.fetch_one(
            f"WITH many ({names}) AS ({sql}) SELECT json_group_array(json_array({names})) FROM many",
            parameters,
        )
        return cast("list[list[Any]]", orjson.loads(row[0])) if row is not None else []

    async def fetch_one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """Return the first row, or None."""
        rows = await self.fetch_all(sql, parameters)
        return rows[0] if rows else None

    def end(self) -> None:
        """Refuse everything from now on: the connection belongs to somebody else."""
        self._connection = None

    @property
    def _open(self) -> aiosqlite.Connection:
        if self._connection is None:
            raise RuntimeError("this transaction has ended")
        return self._connection


class WriteTransaction(ReadTransaction):
    """The one transaction that may write; it reads its own changes."""

    async def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Execute one statement and return how many rows it changed."""
        cursor = await self._open.execute(sql, parameters)
        return cursor.rowcount


_Transaction = TypeVar("_Transaction", bound=ReadTransaction)


class Database:
    """An open SQLite database. Must be closed: its connections have threads that keep the process alive."""

    def __init__(
        self, path: Path, writer: aiosqlite.Connection, readers: Sequence[aiosqlite.Connection]
    ) -> None:
        self.path = path
        self._writer = writer
        self._writer_lock = asyncio.Lock()
        self._readers = tuple(readers)
        self._idle_readers: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()
        for reader in readers:
            self._idle_readers.put_nowait(reader)
        self._is_closed = False

    @classmethod
    async def open(cls, path: Path, *, now_ms: int, readers: int = 2) -> Self:
        """Open the database, creating the file and its folder and applying pending migrations.

        `now_ms` is noted as the time of those. Raises DatabaseOpenError.
        """
        await asyncio.to_thread(prepare_database, path, now_ms)
        opened: list[aiosqlite.Connection] = []
        try:
            for number in range(readers + 1):
                connection = await aiosqlite.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
                opened.append(connection)
                for pragma in _PRAGMAS:
                    await connection.execute_fetchall(pragma)
                if number > 0:
                    await connection.execute_fetchall("PRAGMA query_only = ON")
        except BaseException as error:
            for connection in opened:
                await carry_through(connection.close())
            if isinstance(error, sqlite3.Error):
                raise DatabaseOpenError(f"The database {path} cannot be opened ({error}).") from error
            raise
        return cls(path, opened[0], opened[1:])

    async def close(self) -> None:
        """Wait for the transactions under way, then close all connections; closing twice is allowed."""
        if self._is_closed:
            return
        self._is_closed = True
        for _ in self._readers:
            reader = await self._idle_readers.get()
            await carry_through(reader.close())
        async with self._writer_lock:
            await carry_through(self._writer.close())

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteTransaction]:
        """Hold the only write transaction: committed at the end of the block, rolled back by any exception.

        When the block is cancelled everything is rolled back; a commit that has begun is carried through, and
        the cancellation raised after it.
        """
        async with self._writer_lock:
            self._check_open()
            async with _transaction(self._writer, "BEGIN IMMEDIATE", WriteTransaction) as transaction:
                yield transaction

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadTransaction]:
        """Hold a reading connection; all that is read in the block is of one moment."""
        self._check_open()
        reader = await self._idle_readers.get()
        try:
            async with _transaction(reader, "BEGIN", ReadTransaction) as transaction:
                yield transaction
        finally:
            self._idle_readers.put_nowait(reader)

    async def check(self) -> tuple[str, ...]:
        """Read the whole file and return what is wrong with it, nothing when it is sound."""
        try:
            async with self.read() as rx:
                rows = await rx.fetch_all("PRAGMA integrity_check")
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            return (str(error),)
        return tuple(text for (text,) in rows if text != "ok")

    def _check_open(self) -> None:
        if self._is_closed:
            raise RuntimeError("the database is closed")


def is_trouble_of_the_database(error: Exception) -> bool:
    """Whether the database itself cannot be read or written (locked, full, damaged), whatever one asks of it."""
    return type(error) is sqlite3.DatabaseError or isinstance(
        error, sqlite3.OperationalError | sqlite3.InternalError
    )


@asynccontextmanager
async def _transaction(
    connection: aiosqlite.Connection, begin: str, kind: type[_Transaction]
) -> AsyncIterator[_Transaction]:
    transaction = kind(connection)
    try:
        # Inside the try: a cancelled await leaves its statement in the connection's queue, where it is still
        # executed. The rollback stands behind it in that queue and so undoes it.
        await connection.execute_fetchall(begin)
        yield transaction
        transaction.end()
        await carry_through(connection.commit())
    except BaseException:
        transaction.end()
        await carry_through(connection.rollback())
        raise


async def carry_through(work: Coroutine[Any, Any, None]) -> None:
    """Carry the work through although this task is cancelled, and only then let the cancellation go on."""
    task = asyncio.ensure_future(work)
    cancellation: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancellation = error
    task.result()
    if cancellation is not None:
        raise cancellation
