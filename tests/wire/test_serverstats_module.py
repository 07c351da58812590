"""Turning serverstats off, and stopping the bot, when something fails in the middle."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from bot.config import RecorderConfig
from storage.statistics.catalogue import VOICE
from tests.wire.square import square


async def test_a_disable_that_fails_loses_no_record_and_leaves_no_session_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT_SECONDS", 0)
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        await here.shown(VOICE, 1)
        recorder = here.client.parts.recorder
        await recorder.flush()
        lock = sqlite3.connect(here.path, isolation_level=None, check_same_thread=False)
        # In a thread: the bot may be writing at this moment, and must be able to finish.
        await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")
        for _ in range(5):
            here.world.say(here.channel.id, here.ada.id, "hello")
        await here.world.until(lambda: recorder.status.waiting >= 5)
        with pytest.raises(sqlite3.OperationalError):
            await here.module.disable(here.guild.id)
        lock.rollback()
        lock.close()
        assert here.module.settings_of(here.guild.id) is not None
        await recorder.flush()
        open_sessions = [session for session in here.sessions(VOICE) if session[3] is None]
        assert here.events()["sent"] == 5
        assert len(open_sessions) == 1
        here.world.leave_voice(here.guild.id, here.ada.id)
        # After a failure the recorder waits before it tries again.
        wait_seconds = 2 * RecorderConfig().retry_seconds
        await here.world.until(
            lambda: all(session[3] is not None for session in here.sessions(VOICE)), wait_seconds
        )


@pytest.mark.parametrize("trouble", ["raises", "hangs"])
async def test_a_starboard_that_does_not_end_well_keeps_no_session_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    async def close(_self: object) -> None:
        if trouble == "raises":
            raise RuntimeError("Discord is gone")
        await asyncio.Event().wait()

    async with square(tmp_path) as here:
        monkeypatch.setattr("cogs.serverstats.DISCORD_SECONDS", 0.1)
        monkeypatch.setattr("cogs.serverstats.starboard.service.StarboardService.close", close)
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        await here.shown(VOICE, 1)
        await here.stop()
        ended = here.execute("SELECT ended_at_ms FROM statistics_sessions")
        await here.start()
    assert len(ended) == 1
    assert ended[0][0] is not None
