"""The small writes: polls and downtimes are stored soon, and once more if they could not be."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.clock import SystemClock
from bot.config import Config, RecorderConfig
from bot.parts import Parts
from cogs.serverstats.statistics.bookkeeping import Bookkeeping
from cogs.serverstats.statistics.polls import PollBook
from storage.database import Database
from storage.polls import Poll, fetch_polls
from storage.statistics.catalogue import VOICE
from storage.statistics.changes import SessionClosed
from storage.statistics.downtimes import Downtime, Reason, fetch_downtimes
from storage.statistics.record_ids import first_record_id
from tests.cogs.serverstats.statistics.scenery import CHANNEL, GUILD, NOW_MS, PERSON
from tests.wire.town import eventually

AWAY = Downtime(NOW_MS, NOW_MS + 5_000, Reason.AWAY)
POLL = Poll(GUILD, first_record_id(NOW_MS), CHANNEL, PERSON, NOW_MS + 9_000)


class Desk:
    """Bookkeeping on a database, with a recorder that stores nothing by itself."""

    def __init__(self, database: Database) -> None:
        self.database = database
        config = Config(recorder=RecorderConfig(flush_interval_ms=10, retry_seconds=0.05))
        self.parts = Parts.assemble(config, database, SystemClock())
        self.polls = PollBook()
        self.bookkeeping = Bookkeeping(self.parts, self.polls)

    async def downtimes(self) -> tuple[Downtime, ...]:
        async with self.database.read() as rx:
            return await fetch_downtimes(rx, GUILD, 0, NOW_MS * 2)

    async def stored_polls(self) -> list[Poll]:
        async with self.database.read() as rx:
            return await fetch_polls(rx)


@asynccontextmanager
async def desk(database: Database) -> AsyncIterator[Desk]:
    here = Desk(database)
    here.bookkeeping.open()
    try:
        yield here
    finally:
        await here.bookkeeping.close()


async def test_a_guild_is_done_once_its_downtime_and_all_that_went_before_are_stored(
    database: Database,
) -> None:
    async with desk(database) as here:
        here.parts.recorder.take(
            SessionClosed(GUILD, VOICE.number, first_record_id(NOW_MS), PERSON, CHANNEL, None, -1, NOW_MS + 1)
        )
        here.bookkeeping.note_downtime(GUILD, AWAY)
        assert not here.bookkeeping.is_done(GUILD)
        assert here.bookkeeping.is_done(GUILD + 1)

        async def is_done() -> bool:
            return here.bookkeeping.is_done(GUILD)

        await eventually(is_done, "the downtime is stored")
        assert await here.downtimes() == (AWAY,)
        assert here.parts.recorder.status.waiting == 0


async def test_an_absence_that_goes_on_is_one_downtime_and_stored_until_its_last_note(
    database: Database,
) -> None:
    async with desk(database) as here:
        assert here.bookkeeping.stored_until_ms(GUILD) == 0
        for length_ms in (1_000, 2_000, 5_000):
            here.bookkeeping.note_downtime(
                GUILD, Downtime(AWAY.began_at_ms, AWAY.began_at_ms + length_ms, Reason.AWAY)
            )
        assert len(here.bookkeeping._downtimes) == 1

        async def is_stored() -> bool:
            return here.bookkeeping.stored_until_ms(GUILD) == AWAY.ended_at_ms

        await eventually(is_stored, "the downtime is stored")
        assert await here.downtimes() == (AWAY,)
        assert here.bookkeeping.stored_until_ms(GUILD + 1) == 0


async def test_polls_are_stored_and_deleted_as_they_change(database: Database) -> None:
    async with desk(database) as here:
        here.polls.add(POLL)
        here.bookkeeping.note_polls()

        async def is_stored() -> bool:
            return await here.stored_polls() == [POLL]

        await eventually(is_stored, "the poll is stored")
        here.polls.delete(GUILD, POLL.message_id)
        here.bookkeeping.note_polls()

        async def is_deleted() -> bool:
            return await here.stored_polls() == []

        await eventually(is_deleted, "the poll is deleted")


async def test_a_clean_stop_stores_what_waits(database: Database) -> None:
    async with desk(database) as here:
        here.polls.add(POLL)
        here.bookkeeping.note_downtime(GUILD, AWAY)
    assert await here.stored_polls() == [POLL]
    assert await here.downtimes() == (AWAY,)


async def test_what_could_not_be_stored_is_stored_later(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.write() as tx:
        await tx.execute("ALTER TABLE downtimes RENAME TO hidden")
    async with desk(database) as here:
        here.polls.add(POLL)
        here.bookkeeping.note_downtime(GUILD, AWAY)

        async def has_failed() -> bool:
            return "could not be stored yet" in caplog.text

        await eventually(has_failed, "a try that fails")
        assert not here.bookkeeping.is_done(GUILD)
        async with database.write() as tx:
            await tx.execute("ALTER TABLE hidden RENAME TO downtimes")

        async def is_done() -> bool:
            return here.bookkeeping.is_done(GUILD)

        await eventually(is_done, "the downtime is stored")
        assert await here.stored_polls() == [POLL]


async def test_nothing_of_a_forgotten_guild_is_stored_any_more(database: Database) -> None:
    async with desk(database) as here:
        here.polls.add(POLL)
        here.bookkeeping.note_downtime(GUILD, AWAY)
        await here.bookkeeping.forget(GUILD)
        assert here.bookkeeping.is_done(GUILD)
    assert await here.stored_polls() == []
    assert await here.downtimes() == ()
