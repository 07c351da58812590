"""A database of its own for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "headcount.sqlite3", now_ms=1)
    try:
        yield opened
    finally:
        await opened.close()
