"""A server for the settings screen to be opened in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cogs.settings.stage import Stage, set_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A server in which no module is enabled."""
    async with set_stage(tmp_path) as stage:
        yield stage
