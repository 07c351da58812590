"""The reference of exported files: what each column is called, and what it says."""

from collections.abc import Iterator

from cogs.invite_tracker.transfer.sheets import SHEETS, Sheet
from tests.reference.commands import cell_of


def file_sections() -> Iterator[str]:
    """Yield a table per kind of records that a file can hold."""
    for sheet in SHEETS.values():
        yield f"### {sheet.name.capitalize()}\n"
        yield from _table(sheet)
        yield ""


def _table(sheet: Sheet) -> Iterator[str]:
    yield "| column | what it says |"
    yield "|---|---|"
    for column in sheet.columns:
        yield f"| `{column.name}` | {cell_of(column.meaning)} |"
