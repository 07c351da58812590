"""The HTTP API of a bot in whose server the invite tracker is enabled."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cogs.invite_tracker.routes.outside import Outside
from tests.web.api import api_in_process


@pytest.fixture
async def new_outside(tmp_path: Path) -> AsyncIterator[Outside]:
    """A program with a key of a server in which the invite tracker is not enabled."""
    async with api_in_process(tmp_path) as api:
        yield Outside(api)


@pytest.fixture
async def outside(new_outside: Outside) -> Outside:
    """A program with a key of a server in which the invite tracker is enabled."""
    await new_outside.stage.use(new_outside.stage.admin, "enable")
    return new_outside
