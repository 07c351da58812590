"""The HTTP API of a bot in whose server serverstats is enabled."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cogs.serverstats.routes.outside import Outside
from tests.web.api import api_in_process


@pytest.fixture
async def new_outside(tmp_path: Path) -> AsyncIterator[Outside]:
    """A program with a key of a server in which serverstats is not enabled."""
    async with api_in_process(tmp_path) as api:
        yield Outside(api)


@pytest.fixture
async def outside(new_outside: Outside) -> Outside:
    """A program with a key of a server in which serverstats is enabled."""
    await new_outside.module.enable(new_outside.guild_id)
    await new_outside.place.env.settle()
    return new_outside
