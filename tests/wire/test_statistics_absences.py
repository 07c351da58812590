"""Absences on a real connection: what is missing is on record, no less and hardly more."""

import sqlite3
from itertools import pairwise
from pathlib import Path
from typing import Any

from bot.clock import SystemClock
from bot.sandbox.world import activity
from storage.statistics.catalogue import PRESENCE, VOICE, Group
from storage.statistics.record_ids import first_record_id
from tests.wire.square import Square, square
from tests.wire.town import eventually


def write(here: Square, sql: str, *parameters: Any) -> None:
    """Change the database of a bot that is not running."""
    with sqlite3.connect(here.path) as connection:
        connection.execute(sql, parameters)
    connection.close()


async def test_a_guild_is_proven_by_the_heartbeat_of_its_own_shard(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        await here.crash()
        now_ms = SystemClock().now_ms()
        own = (here.guild.id >> 22) % 2
        for table in ("heartbeats", "downtimes"):
            write(here, f"DELETE FROM {table}")
        write(here, "UPDATE guild_modules SET enabled_at_ms = ?", now_ms - 86_400_000)
        write(here, "INSERT INTO heartbeats VALUES (?, ?)", own, now_ms - 10_000)
        write(here, "INSERT INTO heartbeats VALUES (?, ?)", 1 - own, now_ms - 3 * 3_600_000)
        write(
            here,
            "INSERT INTO statistics_sessions VALUES (?, ?, ?, ?, 70, NULL, NULL)",
            *(here.guild.id, VOICE.number, first_record_id(now_ms - 7_200_000), here.ada.id),
        )
        await here.start()
        ((*_, ended_ms),) = await here.shown(VOICE, 1, ended=1)
        assert ended_ms == now_ms - 10_000
        ((began_ms, _),) = here.downtimes()
        assert began_ms == now_ms - 10_000


async def test_after_a_clean_stop_nothing_is_missing_but_the_time_after_it(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        await here.shown(VOICE, 1)
        before = here.downtimes()
        await here.stop()
        ((*_, ended_ms),) = await here.shown(VOICE, 1, ended=1)
        await here.start()
        (_, (*_, seen_ms, _)) = await here.shown(VOICE, 2, ended=1)
        assert here.downtimes() == [*before, (ended_ms, seen_ms)]


async def test_a_guild_in_an_outage_does_not_hold_its_shard_back_and_its_absence_survives_a_crash(
    tmp_path: Path,
) -> None:
    async with square(tmp_path) as here:
        voice = here.world.voice_channel(here.guild.id, "Lounge")
        here.world.enter_voice(here.guild.id, here.ada.id, voice.id)
        await here.shown(VOICE, 1)
        here.world.begin_outage(here.guild.id)
        ((*_, lost_ms),) = await here.shown(VOICE, 1, ended=1)

        async def is_noted() -> bool:
            return here.recording.is_caught_up(here.guild.id)

        await eventually(is_noted, "the outage is on record")
        assert not here.recording.is_in_sight(here.guild.id)
        ((began_ms, until_ms),) = [one for one in here.downtimes() if one[0] >= lost_ms]
        assert began_ms == lost_ms

        await here.crash()
        # As if the process had lived long enough for a beat during the outage to be proven.
        beat_ms = until_ms
        write(here, "INSERT OR REPLACE INTO heartbeats VALUES (0, ?)", beat_ms)
        here.world.end_outage(here.guild.id)
        await here.start()
        (_, (*_, seen_ms, _)) = await here.shown(VOICE, 2, ended=1)
        missing = [one for one in here.downtimes() if one[0] >= lost_ms]
        assert missing[0][0] == lost_ms
        assert missing[-1][1] == seen_ms
        # Without a gap between them.
        assert all(after[0] <= before[1] for before, after in pairwise(missing))


async def test_an_outage_whose_beginning_cannot_be_stored_holds_the_shard_back(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        async with here.client.parts.database.write() as tx:
            await tx.execute("ALTER TABLE downtimes RENAME TO hidden")
        here.world.begin_outage(here.guild.id)
        await here.world.until(lambda: not here.recording.is_in_sight(here.guild.id))
        before_ms = here.execute("SELECT MAX(beat_at_ms) FROM heartbeats")
        for _ in range(5):
            await here.client.lifecycle.beat()
            assert not here.recording.is_caught_up(here.guild.id)
        assert here.execute("SELECT MAX(beat_at_ms) FROM heartbeats") == before_ms
        async with here.client.parts.database.write() as tx:
            await tx.execute("ALTER TABLE hidden RENAME TO downtimes")

        async def is_noted() -> bool:
            return here.recording.is_caught_up(here.guild.id)

        await eventually(is_noted, "the outage is on record")


async def test_nothing_is_sampled_while_the_connection_is_down(tmp_path: Path) -> None:
    async with square(tmp_path) as here:
        recorder = here.client.parts.recorder
        await recorder.flush()
        before = here.execute("SELECT COUNT(*) FROM statistics_samples")
        here.client.parts.intake.note_dispatch("shard_disconnect", 0)
        here.recording.sample_now()
        await recorder.flush()
        assert here.execute("SELECT COUNT(*) FROM statistics_samples") == before
        here.client.parts.intake.note_dispatch("shard_resumed", 0)
        here.recording.sample_now()
        await recorder.flush()
        assert here.execute("SELECT COUNT(*) FROM statistics_samples") > before


async def test_ten_thousand_members_and_what_they_do_are_taken_at_once(tmp_path: Path) -> None:
    def prepare(here: Square) -> None:
        crowd = here.world.add_crowd(here.guild.id, 10_000, online=5_000)
        for number, user_id in enumerate(crowd[:2_000]):
            games = [activity(0, f"Game {number % 50}")]
            here.world.set_presence(here.guild.id, user_id, "dnd" if number < 500 else "idle", games)

    async with square(tmp_path, groups=[Group.ACTIVITIES], prepare=prepare) as here:
        statuses, guild_id = here.recording.statuses, here.guild.id
        assert (statuses.online_count(guild_id), statuses.dnd_count(guild_id)) == (4_500, 500)
        await here.client.parts.recorder.flush()
        assert len(await here.shown(PRESENCE, 2_000)) == 2_000
        here.recording.sample_now()
        await here.client.parts.recorder.flush()
        members = len(here.guild.members)
        samples = here.execute("SELECT first_value, second_value, third_value FROM statistics_samples")
        assert samples[-1] == (4_500, members - 5_000, 500)
        await here.stop()
        await here.shown(PRESENCE, 2_000, ended=2_000)
        here.assert_rollups_agree()
