"""An installation for the doctor to examine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config_source import fields_by_name, variable_for
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import World
from tests.wire.patient import Patient


@pytest.fixture
async def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Patient]:
    """Everything of it is in order; nothing is enabled yet."""
    monkeypatch.delenv("HEADCOUNT_CONFIG", raising=False)
    for name in fields_by_name():
        monkeypatch.delenv(variable_for(name), raising=False)
    async with SandboxServer(World()) as server:
        yield Patient(tmp_path, server)
