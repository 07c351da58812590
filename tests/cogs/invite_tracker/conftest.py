"""A server for the commands to be used in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cogs.invite_tracker.commands.stage import Stage, set_stage


@pytest.fixture
async def new_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A server in which the invite tracker is not enabled."""
    async with set_stage(tmp_path) as stage:
        yield stage


@pytest.fixture
async def stage(new_stage: Stage) -> Stage:
    """A server in which the invite tracker is enabled and has caught up."""
    await new_stage.use(new_stage.admin, "enable")
    return new_stage
