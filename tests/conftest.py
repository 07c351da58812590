"""A database of its own for every test, and as many tests at once as the machine has room for.

Hypothesis tries the same examples in every run, so that a change fails for what it does, not by chance. New ones are tried
with `--hypothesis-profile=explore`.
"""

import gc
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from storage.database import Database
from tests.rewriting import rewrite_share

# How long an example takes says more about the machine than about the code.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("explore"), derandomize=True, max_examples=50)
settings.load_profile("same")


def pytest_xdist_auto_num_workers() -> int:
    """Return two workers for each core: tests on the wire wait most of their time."""
    return 2 * (os.cpu_count() or 1)


def pytest_configure(config: pytest.Config) -> None:
    """Let the workers share the work of making pytest's own version of the tests; each needs all of it."""
    # Whole bots come and go by the hundred: to look for cycles after every 700 objects took a tenth of the time.
    gc.set_threshold(10_000, 10, 10)
    if hasattr(config, "workerinput"):
        rewrite_share(config, Path(__file__).parent)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "headcount.sqlite3", now_ms=1)
    try:
        yield opened
    finally:
        await opened.close()
