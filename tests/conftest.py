"""A database of its own for every test, and as many tests at once as the machine has room for."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database


def pytest_xdist_auto_num_workers() -> int:
    """Return three workers for two cores: tests on the wire wait half of their time."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "headcount.sqlite3", now_ms=1)
    try:
        yield opened
    finally:
        await opened.close()
