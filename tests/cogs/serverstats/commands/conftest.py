"""A server for the commands to be used in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.statistics.catalogue import Group
from tests.cogs.serverstats.commands.stage import DAY_MS, Stage, set_stage


@pytest.fixture
async def new_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A server in which serverstats is not enabled."""
    async with set_stage(tmp_path) as stage:
        yield stage


@pytest.fixture
async def bare_stage(new_stage: Stage) -> Stage:
    """A server in which serverstats is enabled and every group is off."""
    await new_stage.module.enable(new_stage.guild.id)
    return new_stage


@pytest.fixture
async def stage(bare_stage: Stage) -> Stage:
    """A server in which everything is recorded; it is noon."""
    await bare_stage.switch_on(*Group)
    bare_stage.place.clock.skip_to(bare_stage.now_ms // DAY_MS * DAY_MS + DAY_MS // 2)
    return bare_stage
