"""Statements over many rows at once, and the JSON of the columns that hold lists."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any, TypeVar

import orjson

from storage.database import Row, SqlValue, WriteTransaction
from storage.records import Candidate, Evidence, Method, Source

_T = TypeVar("_T")

ROWS_PER_STATEMENT = (256, 64, 16, 4, 1)
"""Few sizes, so that the statements stay in the driver's cache. One statement of many rows takes the
interpreter's lock far less often than `executemany`. SQLite allows 32,766 values; joins have 21 columns."""

KEYS_PER_STATEMENT = 500

SEQUENCE_BITS = 20
"""The low bits of the id of a record; the others hold the milliseconds of its recording."""


async def insert_rows(
    tx: WriteTransaction, before: str, rows: Sequence[Sequence[SqlValue]], after: str = ""
) -> int:
    """Execute `before VALUES (…), (…) after` until all rows are in, and return how many rows were changed."""
    changed = 0
    for chunk in split_rows(rows):
        values = ", ".join([placeholders(len(chunk[0]))] * len(chunk))
        changed += await tx.execute(
            f"{before} VALUES {values} {after}", [value for row in chunk for value in row]
        )
    return changed


async def delete_keys(tx: WriteTransaction, before: str, keys: Sequence[Sequence[SqlValue]]) -> int:
    """Execute `before (…)` with all keys as what is in the parentheses, and return how many rows were deleted."""
    deleted = 0
    for chunk in split_rows(keys):
        values = ", ".join([placeholders(len(chunk[0]))] * len(chunk))
        # From `IN (VALUES …)` with more than one row, SQLite would look at every row of the table.
        deleted += await tx.execute(
            f"{before} (SELECT * FROM (VALUES {values}) AS chosen)", [part for key in chunk for part in key]
        )
    return deleted


def split_rows(rows: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Yield the rows in chunks of the fixed sizes, the largest first."""
    begin = 0
    for size in ROWS_PER_STATEMENT:
        while len(rows) - begin >= size:
            yield rows[begin : begin + size]
            begin += size


def split_keys(keys: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Yield the keys in chunks that fit into one IN list."""
    remaining = iter(keys)
    while chunk := tuple(islice(remaining, KEYS_PER_STATEMENT)):
        yield chunk


def placeholders(count: int) -> str:
    """Return `(?, ?, …)`."""
    return f"({', '.join('?' * count)})"


def escape_like(text: str) -> str:
    r"""Return the text for a LIKE pattern with ESCAPE '\', so that it stands for itself."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def encode_list(records: Sequence[Candidate] | Sequence[Evidence]) -> str:
    """Return the records as a compact JSON array of objects."""
    return orjson.dumps([asdict(record) for record in records]).decode()


def decode_candidates(text: str) -> tuple[Candidate, ...]:
    """Read what `encode_list` wrote."""
    return tuple(
        Candidate(Source(item["source"]), item["code"], item["inviter_id"]) for item in orjson.loads(text)
    )


def decode_evidence(text: str) -> tuple[Evidence, ...]:
    """Read what `encode_list` wrote."""
    return tuple(
        Evidence(
            code=item["code"],
            units=item["units"],
            method=Method(item["method"]),
            window_opened_at_ms=item["window_opened_at_ms"],
            window_closed_at_ms=item["window_closed_at_ms"],
        )
        for item in orjson.loads(text)
    )


def first_number(row: Row | None) -> int:
    """Return the single number of a COUNT, SUM or MAX; 0 when there is none."""
    number: Any = row[0] if row is not None else None
    return int(number) if number is not None else 0


def guild_ids_of(table: str) -> str:
    """Return the WITH clause of `known`: the guilds of a table, found by one step along its key for each.

    The last row is null.
    """
    return f"""
WITH RECURSIVE known (guild_id) AS (
    SELECT MIN(guild_id) FROM {table}
    UNION ALL
    SELECT (SELECT MIN({table}.guild_id) FROM {table} WHERE {table}.guild_id > known.guild_id) FROM known
    WHERE known.guild_id IS NOT NULL
)
"""


def delete_oldest(table: str, id_column: str) -> str:
    """Return the statement that deletes rows with ids below the first parameter, at most the second.

    It goes guild by guild, so that the rows of one step, and their index entries, lie close together.
    """
    return f"""
DELETE FROM {table} WHERE (guild_id, {id_column}) IN (
    {guild_ids_of(table)}
    SELECT {table}.guild_id, {table}.{id_column} FROM known
    CROSS JOIN {table} WHERE {table}.guild_id = known.guild_id AND {table}.{id_column} < ?
    LIMIT ?
)
"""
