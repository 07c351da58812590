"""A server for the commands to be used in."""

from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest

import bot.client
from tests.cogs.serverstats.counters import wiring
from tests.cogs.serverstats.counters.stage import Stage
from tests.discord_in_process import in_process


@pytest.fixture
async def new_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A server in which the module is not enabled."""
    monkeypatch.setattr(bot.client, "EXTENSIONS", (wiring.NAME,))
    monkeypatch.setattr(bot.client, "INTENTS", wiring.INTENTS)
    async with in_process(tmp_path) as place:
        yield Stage(place)


@pytest.fixture
async def stage(new_stage: Stage) -> Stage:
    """A server in which the module is enabled, and has no counters."""
    await new_stage.module.enable(new_stage.guild.id)
    return new_stage


@pytest.fixture
async def blind_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A server whose statuses the bot is not told."""
    intents = discord.Intents(wiring.INTENTS.value)
    intents.presences = False
    monkeypatch.setattr(bot.client, "EXTENSIONS", (wiring.NAME,))
    monkeypatch.setattr(bot.client, "INTENTS", intents)
    async with in_process(tmp_path) as place:
        stage = Stage(place)
        await stage.module.enable(stage.guild.id)
        yield stage
