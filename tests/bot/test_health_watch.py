"""What is logged of the bot's health, and what servers with a log channel are told."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.health import FAILING_SECONDS, SPARE_BYTES, HealthState, health_lines, state_of, troubles_of
from bot.heartbeat_claims import PROOF_SECONDS
from bot.settings.guild_settings import GuildSettings
from bot.text.language import Language, _, speaking
from storage.statistics.catalogue import MESSAGES_SENT
from storage.statistics.changes import EventRecorded
from tests.discord_in_process import Place, in_process

LOOK = "health"
LOGGER = "bot.health_watch"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Place]:
    async with in_process(tmp_path) as place:
        # Jobs do not fire here. The second beat proves what the first one claimed.
        await place.client.parts.scheduler.run_now("heartbeat")
        await place.env.advance_time(PROOF_SECONDS + 1)
        yield place


async def choose_log_channel(here: Place, *, language: Any = None) -> None:
    settings = GuildSettings(log_channel_id=here.channel.id, language=language)
    book = here.client.parts.guild_settings
    await book.save(here.guild.id, settings, book.version_of(here.guild.id))


async def look(here: Place) -> None:
    await here.client.parts.scheduler.run_now("heartbeat")
    await here.client.parts.scheduler.run_now(LOOK)
    await here.env.settle()


class FullDisk:
    """Leaves the database no room, as a full disk does; a record that needs more waits."""

    def __init__(self, here: Place) -> None:
        self._here = here

    async def begin(self) -> None:
        here = self._here
        await self._limit(await self._pages())
        recorder = here.client.parts.recorder
        now_ms = here.clock.now_ms()
        for _record in range(2000):
            recorder.take(
                EventRecorded(
                    here.guild.id, MESSAGES_SENT.number, recorder.next_id(now_ms), 1, here.channel.id
                )
            )
        await here.env.advance_time(1)
        assert recorder.status.failing_since_ms is not None

    async def end(self) -> None:
        here = self._here
        await self._limit(await self._pages() + 10_000)
        await here.env.advance_time(here.client.parts.config.recorder.retry_seconds + 1)
        assert here.client.parts.recorder.status.failing_since_ms is None

    async def _pages(self) -> int:
        async with self._here.client.parts.database.read() as rx:
            return int((await rx.fetch_all("PRAGMA page_count"))[0][0])

    async def _limit(self, pages: int) -> None:
        async with self._here.client.parts.database.write() as tx:
            await tx.fetch_all(f"PRAGMA max_page_count = {pages}")


def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == LOGGER]


def told(here: Place) -> list[str]:
    """Return the titles of what stands in the log channel."""
    return [message.embeds[0].title or "" for message in here.channel.history() if message.embeds]


async def test_a_bot_that_works_says_nothing(here: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    await choose_log_channel(here)
    for _look in range(3):
        await look(here)
    assert lines(caplog) == []
    assert told(here) == []


async def test_the_snapshot_knows_recorder_shard_jobs_and_database(here: Place) -> None:
    await look(here)
    health = here.client.health.snapshot()
    assert state_of(troubles_of(health)) is HealthState.OK
    assert [shard.shard_id for shard in health.shards] == [0]
    assert health.shards[0].steady_since_ms is not None
    assert {LOOK, "heartbeat"} <= {job.name for job in health.jobs}
    assert health.database_bytes is not None
    assert health.database_bytes >= 4096
    assert health.free_bytes is not None
    assert any(line.startswith("Database: ") for line in health_lines(health, 0))


async def test_each_change_is_one_line_with_its_reason(here: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    disk = FullDisk(here)
    await disk.begin()
    for _look in range(3):
        await look(here)
    await here.env.advance_time(FAILING_SECONDS)
    for _look in range(3):
        await look(here)
    await disk.end()
    for _look in range(3):
        await look(here)
    seen = [(record.levelname, vars(record)["was"], vars(record)["state"]) for record in lines(caplog)]
    assert seen == [
        ("WARNING", "ok", "degraded"),
        ("ERROR", "degraded", "failing"),
        ("INFO", "failing", "ok"),
    ]
    first, second, last = [record.getMessage() for record in lines(caplog)]
    assert first.startswith(
        "Health is degraded (was ok): The database could not be written since 2026-01-02 "
    )
    assert "2,000 records wait" in second
    assert last == "Health is ok (was failing): everything works."
    assert [vars(record)["troubles"] for record in lines(caplog)] == ["database", "database", ""]


async def test_a_disk_that_is_just_about_full_is_one_line(
    here: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup that comes and goes must not fill the log."""
    caplog.set_level(logging.INFO, LOGGER)
    for free in (SPARE_BYTES + 1, SPARE_BYTES - 1, SPARE_BYTES + 1, SPARE_BYTES - 1, 2 * SPARE_BYTES):
        monkeypatch.setattr("bot.health_watch._measure", lambda _path, free=free: (4096, free))
        await look(here)
    assert [vars(record)["state"] for record in lines(caplog)] == ["degraded", "ok"]


async def test_a_server_with_a_log_channel_is_told_once_that_recording_fails_and_once_that_it_works(
    here: Place,
) -> None:
    await choose_log_channel(here)
    disk = FullDisk(here)
    await disk.begin()
    await look(here)
    assert told(here) == []
    await here.env.advance_time(FAILING_SECONDS)
    for _look in range(3):
        await look(here)
    assert told(here) == ["Recording fails"]
    await disk.end()
    await look(here)
    assert told(here) == ["Recording fails"]
    await here.env.advance_time(FAILING_SECONDS)
    for _look in range(3):
        await look(here)
    assert told(here) == ["Recording fails", "Recording works again"]
    assert "nothing was lost" in (here.channel.history()[-1].embeds[0].description or "")


async def test_what_had_to_be_given_up_meanwhile_is_told(here: Place) -> None:
    await choose_log_channel(here)
    recorder = here.client.parts.recorder
    disk = FullDisk(here)
    await disk.begin()
    await here.env.advance_time(FAILING_SECONDS)
    await look(here)
    recorder._give_up(EventRecorded(here.guild.id, MESSAGES_SENT.number, 1, 1))
    await disk.end()
    await look(here)
    await here.env.advance_time(FAILING_SECONDS)
    await look(here)
    assert "/serverstats info" in (here.channel.history()[-1].embeds[0].description or "")


async def test_what_was_given_up_in_the_minute_before_anybody_was_told_counts_as_lost(here: Place) -> None:
    await choose_log_channel(here)
    await look(here)
    disk = FullDisk(here)
    await disk.begin()
    here.client.parts.recorder._give_up(EventRecorded(here.guild.id, MESSAGES_SENT.number, 1, 1))
    await look(here)
    await here.env.advance_time(FAILING_SECONDS)
    await look(here)
    await disk.end()
    await look(here)
    await here.env.advance_time(FAILING_SECONDS)
    await look(here)
    assert told(here) == ["Recording fails", "Recording works again"]
    assert "/serverstats info" in (here.channel.history()[-1].embeds[0].description or "")


async def test_it_is_told_in_the_language_of_the_server(here: Place) -> None:
    await choose_log_channel(here, language="de")
    await FullDisk(here).begin()
    await here.env.advance_time(FAILING_SECONDS)
    await look(here)
    with speaking(Language.GERMAN):
        expected = _("Recording fails")
    assert told(here) == [expected]


async def test_a_server_without_a_log_channel_is_told_nothing(here: Place) -> None:
    await FullDisk(here).begin()
    await here.env.advance_time(FAILING_SECONDS)
    await look(here)
    assert told(here) == []


async def test_a_log_channel_that_is_closed_to_the_bot_is_one_line(
    here: Place, caplog: pytest.LogCaptureFixture
) -> None:
    await choose_log_channel(here)
    here.deny_bot(here.channel, send_messages=False)
    await FullDisk(here).begin()
    await here.env.advance_time(FAILING_SECONDS)
    await look(here)
    failed = [record for record in caplog.records if vars(record).get("event") == "log_channel_failed"]
    assert [vars(record)["guild_id"] for record in failed] == [here.guild.id]


async def test_a_log_channel_that_is_gone_keeps_nobody_from_being_told(here: Place) -> None:
    await choose_log_channel(here)
    here.world.delete_channel(here.channel.id)
    elsewhere = here.env.create_guild("Elsewhere")
    channel = elsewhere.create_text_channel("log")
    await here.env.settle()
    await here.client.parts.guild_settings.save(elsewhere.id, GuildSettings(log_channel_id=channel.id), 0)
    await FullDisk(here).begin()
    await here.env.advance_time(FAILING_SECONDS)
    await look(here)
    assert len(channel.history()) == 1
    (job,) = [job for job in here.client.parts.scheduler.jobs if job.name == LOOK]
    assert job.last_error is None
