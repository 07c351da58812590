"""The HTTP API of a bot in whose server everything is recorded."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.statistics.catalogue import Group
from tests.cogs.serverstats.statistics.routes.program import Program
from tests.web.api import api_in_process

NOON_MS = 12 * 3_600_000
"""The world begins at midnight: later, a minute ago was today."""


@pytest.fixture
async def stranger(tmp_path: Path) -> AsyncIterator[Program]:
    """A program with a key of a server in which serverstats is not enabled."""
    async with api_in_process(tmp_path) as api:
        clock = api.place.clock
        clock.skip_to(clock.now_ms() + NOON_MS)
        yield Program(api)


@pytest.fixture
async def program(stranger: Program) -> Program:
    """A program with a key of a server in which everything is recorded."""
    await stranger.module.enable(stranger.guild_id)
    await stranger.switch_on(*Group)
    return stranger
