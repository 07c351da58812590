"""Sessions on a real connection: they outlive crashes, stops and broken connections, and nothing is invented."""

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.sandbox.world import activity
from storage.statistics.catalogue import (
    PRESENCE,
    VOICE,
)
from tests.wire.square import Square, square


async def test_a_voice_session_that_a_crash_left_open_ends_at_the_last_heartbeat(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        here.world.enter_voice(here.guild.id, here.ben.id, voice.id)
        ((_user, _channel, began_ms, _ended), _) = await here.shown(VOICE, 2)
        beat_ms = began_ms + 30
        await here.world.until(lambda: here.world.now_ms() > beat_ms + 30)
        await here.crash()
        # As if the process had lived long enough for the beat to be proven.
        with sqlite3.connect(here.path) as connection:
            connection.execute("INSERT OR REPLACE INTO heartbeats VALUES (0, ?)", (beat_ms,))
        connection.close()
        here.world.leave_voice(here.guild.id, here.ben.id)
        started_ms = SystemClock().now_ms()
        await here.start()
        found = await here.shown(VOICE, 3, ended=2)

        assert [ended for *_, ended in found[:2]] == [beat_ms, beat_ms]
        assert found[2][:2] == (here.ada.id, voice.id)
        assert found[2][2] >= started_ms
        ((began_down_ms, ended_down_ms),) = here.downtimes()
        assert began_down_ms == beat_ms
        assert ended_down_ms == found[2][2]
        here.assert_rollups_agree()


async def test_a_clean_stop_ends_sessions_when_it_happens(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        here.world.set_presence(here.guild.id, here.ada.id, "online", [activity(0, "Chess")])
        await here.shown(VOICE, 1)
        await here.shown(PRESENCE, 1)
        before_ms = SystemClock().now_ms()
        await here.stop()
        ((_, _, _, ended_ms),) = await here.shown(VOICE, 1, ended=1)
        assert before_ms <= ended_ms <= SystemClock().now_ms()
        await here.shown(PRESENCE, 1, ended=1)
        await here.start()
        await here.shown(VOICE, 2, ended=1)
        await here.shown(PRESENCE, 2, ended=1)
        here.assert_rollups_agree()


async def test_a_resumed_connection_ends_no_session_and_loses_no_event(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        await here.shown(VOICE, 1)
        here.world.say(here.channel.id, here.ada.id, "before")
        await here.counted(sent=1)
        downtimes = here.downtimes()
        await here.server.gateway.drop_sockets()
        here.world.say(here.channel.id, here.ada.id, "meanwhile")
        assert (await here.counted(sent=2))["sent"] == 2
        await here.shown(VOICE, 1)
        assert here.downtimes() == downtimes


async def refuse_to_resume(here: Square) -> None:
    here.world.switches.refuse_resumes = 1
    await here.server.gateway.drop_sockets()


async def invalidate(here: Square) -> None:
    await here.server.gateway.invalidate()


@pytest.mark.parametrize("interrupt", [refuse_to_resume, invalidate])
async def test_a_new_connection_ends_sessions_at_the_last_proof_and_opens_new_ones(
    tmp_path: Path, interrupt: Callable[[Square], Awaitable[None]]
) -> None:
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        for person in (here.ada, here.ben):
            here.world.enter_voice(here.guild.id, person.id, voice.id)
        ((*_, began_ms, _ended), _) = await here.shown(VOICE, 2)
        await here.world.until(lambda: here.world.now_ms() > began_ms + 20)
        here.world.say(here.channel.id, here.ada.id, "the last sign of life")
        await here.counted(sent=1)
        proven_ms = SystemClock().now_ms()
        await interrupt(here)
        here.world.leave_voice(here.guild.id, here.ben.id)
        found = await here.shown(VOICE, 3, ended=2)

        assert all(began_ms + 20 <= ended_ms <= proven_ms for *_, ended_ms in found[:2])
        assert found[2][:2] == (here.ada.id, voice.id)
        await here.present()
        assert here.downtimes()[-1] == (found[0][3], found[2][2])
        here.assert_rollups_agree()


async def test_an_outage_ends_sessions_and_its_end_opens_new_ones(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        await here.shown(VOICE, 1)
        here.world.begin_outage(here.guild.id)
        ((*_, ended_ms),) = await here.shown(VOICE, 1, ended=1)
        assert not here.recording.is_in_sight(here.guild.id)
        here.world.end_outage(here.guild.id)
        await here.present()
        found = await here.shown(VOICE, 2, ended=1)
        assert here.downtimes()[-1] == (ended_ms, found[1][2])


async def test_the_remains_of_a_server_that_disabled_the_module_are_left_alone(tmp_path: Path) -> None:
    """They are being deleted: an end that is recorded now would bring a session back."""
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        await here.shown(VOICE, 1)
        await here.crash()
        with sqlite3.connect(here.path) as connection:
            connection.execute("DELETE FROM guild_modules")
        connection.close()
        await here.start()
        await here.client.parts.recorder.flush()
        await here.shown(VOICE, 1)
