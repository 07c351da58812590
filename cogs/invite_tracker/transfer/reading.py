"""Files as they come in: which format one has, and the joins in it. Pure; nothing is held but the line at hand."""

import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from bot.snowflakes import snowflake_ms
from cogs.invite_tracker.transfer.cells import CellError
from cogs.invite_tracker.transfer.dates import DAY_MS
from cogs.invite_tracker.transfer.foreign import ForeignColumns, find_columns, read_foreign_row
from cogs.invite_tracker.transfer.incoming import COLUMNS_MOST, Entry, Incoming, Refused, TransferError
from cogs.invite_tracker.transfer.sheets import JOINS, SHEETS
from storage.records import Certainty, Join, Method

LINE_LENGTH: Final = 1 << 20
_REQUIRED: Final = ("server_id", "member_id", "joined_at", "source", "method", "certainty")
_NAMES: Final = frozenset(column.name for column in JOINS.columns)
_SET_ANEW: Final = frozenset({"recorded_at", "server_id"})
_DEFAULTS: Final[Mapping[str, Any]] = {
    "candidates": (),
    "evidence": (),
    "had_avatar": True,
    "is_rejoin": False,
    "is_own_invite": False,
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is being read: what it is, in words for people, and its lines."""

    description: str
    notes: tuple[str, ...]
    entries: Iterator[Entry]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever imports says about the file: where columns are found by other names, and how dates are written."""

    columns: Mapping[str, str]
    date_format: str | None = None


def open_source(lines: Iterable[str], guild_id: int, now_ms: int, wishes: Wishes) -> Source:
    """Look at the beginning of a file and return how to read the rest; raises TransferError.

    The lines come with their ends, as a file that was opened with `newline=""` gives them.
    """
    numbered = _Numbered(lines)
    first = next((line for line in numbered if line.strip("\ufeff \t\r\n")), None)
    if first is None:
        raise TransferError("The file is empty.")
    first = first.removeprefix("\ufeff")
    numbered.put_back(first)
    if first.lstrip().startswith("{"):
        if wishes.columns:
            raise TransferError("--columns is for CSV files of other bots; this file has JSON lines.")
        return Source("JSON lines of Headcount", (), _read_json_lines(numbered, guild_id, now_ms))
    return _open_csv(first, numbered, guild_id, now_ms, wishes)


class _Numbered:
    """Lines with the number of the last one that was taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.pop() if self._back else next(self._lines)
        self.number += 1
        return line

    def put_back(self, line: str) -> None:
        """Let this line come again."""
        self._back.append(line)
        self.number -= 1


def _open_csv(first: str, numbered: _Numbered, guild_id: int, now_ms: int, wishes: Wishes) -> Source:
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(numbered, delimiter=delimiter)
    try:
        header = [name.strip() for name in next(rows)]
    except csv.Error as error:
        raise TransferError(f"The first line is not one of a CSV file ({error}).") from error
    if len(header) > COLUMNS_MOST:
        raise TransferError(f"The first line has more than {COLUMNS_MOST} columns.")
    if not wishes.columns and _is_ours(header):
        unknown = [name for name in header if name not in _NAMES]
        notes = (f"Columns that are not known here were left out: {', '.join(unknown)}.",) if unknown else ()
        return Source("CSV of Headcount", notes, _read_own_csv(rows, numbered, header, guild_id, now_ms))
    for sheet in SHEETS.values():
        if sheet is not JOINS and header == [column.name for column in sheet.columns]:
            raise TransferError(f"This file holds {sheet.name}; only joins can be imported.")
    columns = find_columns(header, wishes.columns)
    return Source(
        f"CSV of another bot ({columns.describe()})",
        (),
        _read_foreign_csv(rows, numbered, columns, guild_id, now_ms, wishes.date_format),
    )


def _is_ours(header: Sequence[str]) -> bool:
    return set(_REQUIRED) <= set(header)


def _rows(rows: Iterator[list[str]], numbered: _Numbered) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each row with the number of its first line; a text is why it cannot be read."""
    while True:
        line = numbered.number + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"this is not a line of a CSV file ({error})"
            continue
        if any(cell.strip() for cell in row):
            yield line, row


def _read_own_csv(
    rows: Iterator[list[str]], numbered: _Numbered, header: Sequence[str], guild_id: int, now_ms: int
) -> Iterator[Entry]:
    for line, row in _rows(rows, numbered):
        if isinstance(row, str):
            yield Refused(line, row)
            continue
        if len(row) != len(header):
            yield Refused(line, f"it has {len(row)} cells, and the header {len(header)}")
            continue
        cells = dict(zip(header, row, strict=True))
        values: dict[str, Any] = {}
        try:
            for column in JOINS.columns:
                cell = cells.get(column.name, "")
                values[column.name] = _named(column.name, column.cell.from_csv, cell) if cell else None
            yield _own_join(line, values, guild_id, now_ms)
        except CellError as error:
            yield Refused(line, str(error))


def _read_json_lines(numbered: _Numbered, guild_id: int, now_ms: int) -> Iterator[Entry]:
    for text in numbered:
        line = numbered.number
        if not text.strip():
            continue
        try:
            if len(text) > LINE_LENGTH:
                raise CellError("the line is too long")  # noqa: TRY301 # one place says what is refused
            yield _own_join(line, _json_values(text), guild_id, now_ms)
        except CellError as error:
            yield Refused(line, str(error))


def _json_values(text: str) -> dict[str, Any]:
    try:
        item = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise CellError(f"this is not JSON ({error})") from error
    if not isinstance(item, dict):
        raise CellError("this is not a JSON object")
    missing = [name for name in _REQUIRED if name not in item]
    if missing:
        raise CellError(f"{missing[0]} is missing; only joins that Headcount exported can be imported")
    values = {}
    for column in JOINS.columns:
        value = item.get(column.name)
        values[column.name] = None if value is None else _named(column.name, column.cell.from_json, value)
    return values


def _named(name: str, read: Any, value: Any) -> Any:
    try:
        return read(value)
    except CellError as error:
        raise CellError(f"{name}: {error}") from error


def _own_join(line: int, values: dict[str, Any], guild_id: int, now_ms: int) -> Incoming:
    for name in _REQUIRED:
        if values[name] is None and name != "member_id":
            raise CellError(f"{name} is empty")
    if values["server_id"] != guild_id:
        raise CellError(f"it is of another server ({values['server_id']})")
    joined_at_ms, member_id = values["joined_at"], values["member_id"]
    if joined_at_ms > now_ms + DAY_MS:
        raise CellError("joined_at lies in the future")
    if values["method"] is Method.IMPORTED and values["certainty"] is Certainty.CERTAIN:
        raise CellError("certainty: what was imported is never certain")
    if values["account_created_at"] is None:
        if member_id is None:
            raise CellError("account_created_at is empty, and so is member_id")
        values["account_created_at"] = snowflake_ms(member_id)
    for name, default in _DEFAULTS.items():
        if values[name] is None:
            values[name] = default
    facts = {column.field: values[column.name] for column in JOINS.columns if column.name not in _SET_ANEW}
    join = Join(guild_id=guild_id, join_id=0, recorded_at_ms=0, **facts)
    return Incoming(line, join, precision_ms=1, is_foreign=False)


def _read_foreign_csv(
    rows: Iterator[list[str]],
    numbered: _Numbered,
    columns: ForeignColumns,
    guild_id: int,
    now_ms: int,
    date_format: str | None,
) -> Iterator[Entry]:
    for line, row in _rows(rows, numbered):
        if isinstance(row, str):
            yield Refused(line, row)
            continue
        try:
            yield read_foreign_row(line, row, columns, guild_id, now_ms, date_format)
        except CellError as error:
            yield Refused(line, str(error))


def in_chunks(entries: Iterator[Entry], size: int) -> Iterator[list[Entry]]:
    """Yield the entries in lists of this size; the last may be shorter."""
    while chunk := list(itertools.islice(entries, size)):
        yield chunk
