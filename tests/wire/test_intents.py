"""The bot starts with whatever privileged intents its application has, and says what it lacks."""

import logging
from pathlib import Path

import pytest

from bot.client import NO_CONTENT_INTENT, NO_PRESENCE_INTENT
from bot.clock import SystemClock
from bot.parts import Parts
from bot.sandbox.connect import running
from bot.sandbox.server import SandboxServer
from bot.sandbox.world import World
from storage.database import Database
from tests.wire.town import WiredBot, quick_config


@pytest.mark.parametrize("is_reviewed", [False, True], ids=["limited", "reviewed"])
@pytest.mark.parametrize(
    ("lacking", "warnings"),
    [
        ((), []),
        (("presences",), [NO_PRESENCE_INTENT]),
        (("message_content",), [NO_CONTENT_INTENT]),
        (("presences", "message_content"), [NO_PRESENCE_INTENT, NO_CONTENT_INTENT]),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
async def test_an_intent_that_the_application_lacks_is_given_up_with_a_warning(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    lacking: tuple[str, ...],
    warnings: list[str],
    is_reviewed: bool,
) -> None:
    world = World()
    world.make_guild("Harbour")
    world.intents_reviewed = is_reviewed
    world.approved_intents -= set(lacking)
    database = await Database.open(tmp_path / "headcount.sqlite3", now_ms=1)
    try:
        async with SandboxServer(world) as server:
            bot = WiredBot(Parts.assemble(quick_config(), database, SystemClock()))
            async with running(bot, server):
                intents = bot.intents
    finally:
        await database.close()
    assert intents.presences == ("presences" not in lacking)
    assert intents.message_content == ("message_content" not in lacking)
    assert intents.members
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert told == warnings
