"""Files are made in pieces, and divided where Discord takes no larger ones."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from cogs.invite_tracker.transfer.exporting import export_files, export_pieces
from cogs.invite_tracker.transfer.sheets import INVITES, JOINS
from cogs.invite_tracker.transfer.writing import PAGE_ROWS, Format, render_header
from tests.cogs.invite_tracker.transfer.examples import joins_of
from tests.storage.rows import ORDINARY_INVITE, ORDINARY_JOIN


class Shelf:
    """Joins that are made when they are asked for, and how many pages were asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.pages = 0

    async def fetch_page(self, after: int | str) -> Sequence[Any]:
        assert isinstance(after, int)
        self.pages += 1
        numbers = range(after + 1, min(self.count, after + PAGE_ROWS) + 1)
        return [
            replace(ORDINARY_JOIN, join_id=number, member_id=number, recorded_at_ms=0) for number in numbers
        ]


async def all_of(pieces: AsyncIterator[bytes]) -> list[bytes]:
    return [piece async for piece in pieces]


def ids_of(file: bytes) -> list[int | None]:
    return [join.member_id for join in joins_of(file.decode())]


@pytest.mark.parametrize("count", [0, 1, PAGE_ROWS, PAGE_ROWS + 1])
async def test_every_record_is_in_the_file_once(count: int) -> None:
    pieces = await all_of(export_pieces(JOINS, Format.CSV, Shelf(count).fetch_page))
    assert ids_of(b"".join(pieces)) == list(range(1, count + 1))


async def test_a_piece_is_made_when_it_is_taken() -> None:
    shelf = Shelf(1_000_000)
    pieces = export_pieces(JOINS, Format.CSV, shelf.fetch_page)
    for _ in range(4):
        await anext(pieces)
    assert shelf.pages == 3


@pytest.mark.parametrize("form", Format)
async def test_no_file_is_larger_than_it_may_be_and_each_can_be_read_alone(form: Format) -> None:
    most = 20_000
    files = await all_of(export_files(JOINS, form, Shelf(700).fetch_page, most))
    assert len(files) > 3
    assert max(map(len, files)) <= most
    assert all(file.startswith(render_header(JOINS, form)) for file in files)
    assert [number for file in files for number in ids_of(file)] == list(range(1, 701))


async def test_what_fits_is_one_file_and_so_is_nothing() -> None:
    assert len(await all_of(export_files(JOINS, Format.CSV, Shelf(700).fetch_page, 10_000_000))) == 1
    assert await all_of(export_files(JOINS, Format.CSV, Shelf(0).fetch_page, 10_000_000)) == [
        render_header(JOINS, Format.CSV)
    ]


async def test_the_next_page_begins_behind_the_last_record() -> None:
    asked: list[int | str] = []

    async def fetch_page(after: int | str) -> list[Any]:
        asked.append(after)
        page = len(asked)
        return [replace(ORDINARY_INVITE, code=f"{page}-{number:03}") for number in range(PAGE_ROWS)][
            : PAGE_ROWS if page < 3 else 1
        ]

    await all_of(export_pieces(INVITES, Format.JSONL, fetch_page))
    assert asked == ["", "1-499", "2-499"]
