"""Records as lines of a file. Pure.

Both formats are UTF-8. CSV is as RFC 4180 has it, with a header; JSON lines are one object to a line.
"""

import csv
import io
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import orjson

from cogs.invite_tracker.transfer.sheets import Sheet


class Format(StrEnum):
    """A format of a file."""

    CSV = "csv"
    JSONL = "jsonl"


PAGE_ROWS: Final = 500
"""So many records are held at once: their text is some hundred kilobytes."""


def render_header(sheet: Sheet, form: Format) -> bytes:
    """Return what a file begins with."""
    if form is Format.JSONL:
        return b""
    return _csv_lines([[column.name for column in sheet.columns]])


def render_rows(sheet: Sheet, form: Format, records: Sequence[Any]) -> bytes:
    """Return the lines of these records."""
    if form is Format.JSONL:
        return b"".join(
            orjson.dumps(_json_object(sheet, record), option=orjson.OPT_APPEND_NEWLINE) for record in records
        )
    return _csv_lines([_csv_row(sheet, record) for record in records])


def _json_object(sheet: Sheet, record: Any) -> dict[str, Any]:
    written = {}
    for column in sheet.columns:
        value = getattr(record, column.field)
        written[column.name] = None if value is None else column.cell.to_json(value)
    return written


def _csv_row(sheet: Sheet, record: Any) -> list[str]:
    row = []
    for column in sheet.columns:
        value = getattr(record, column.field)
        row.append("" if value is None else column.cell.to_csv(value))
    return row


def _csv_lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    # The ends of lines that RFC 4180 names; with them, a lone carriage return in a text is quoted, too.
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
