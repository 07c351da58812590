"""Files of a guild's records, made piece by piece: however many records there are, few are held at once."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from cogs.invite_tracker.transfer.sheets import Sheet
from cogs.invite_tracker.transfer.writing import PAGE_ROWS, Format, render_header, render_rows

FetchPage = Callable[[int | str], Awaitable[Sequence[Any]]]
"""Given the key of the last record, returns at most PAGE_ROWS behind it; an empty page is the end."""


async def export_pieces(sheet: Sheet, form: Format, fetch_page: FetchPage) -> AsyncIterator[bytes]:
    """Yield a file with all records, in pieces."""
    yield render_header(sheet, form)
    async for page in _pages(sheet, fetch_page):
        yield render_rows(sheet, form, page)


async def export_files(
    sheet: Sheet, form: Format, fetch_page: FetchPage, bytes_most: int
) -> AsyncIterator[bytes]:
    """Yield as many whole files as it takes, each with its header and none larger than this; one file when there is nothing."""
    header = render_header(sheet, form)
    file = bytearray(header)
    has_rows = is_first = True
    async for page in _pages(sheet, fetch_page):
        for record in page:
            row = render_rows(sheet, form, [record])
            if len(file) + len(row) > bytes_most:
                yield bytes(file)
                is_first = False
                file = bytearray(header)
                has_rows = False
            file += row
            has_rows = True
    if is_first or has_rows:
        yield bytes(file)


async def _pages(sheet: Sheet, fetch_page: FetchPage) -> AsyncIterator[Sequence[Any]]:
    after: int | str = sheet.first_key
    while page := await fetch_page(after):
        yield page
        after = getattr(page[-1], sheet.key_field)
        if len(page) < PAGE_ROWS:
            return
