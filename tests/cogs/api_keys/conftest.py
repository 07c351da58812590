"""A server whose administrator looks after its API keys."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import Config, DiscordConfig, HttpConfig
from tests.cogs.api_keys.stage import Stage
from tests.discord_in_process import in_process


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    config = Config(discord=DiscordConfig(shard_count=1), http=HttpConfig(enabled=True, port=0))
    async with in_process(tmp_path, config=config) as place:
        yield Stage(place)
