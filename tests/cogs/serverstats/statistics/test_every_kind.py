"""What holds for every kind of the catalogue: where it comes from, how long it is kept, how a person is erased from it."""

import pytest

from bot.config import RecorderConfig
from bot.recorder import Recorder
from cogs.serverstats.statistics.erasing import StatisticsEraser
from cogs.serverstats.statistics.readers import READERS
from cogs.serverstats.statistics.retention import RETENTION_DAYS, StatisticsRetention
from cogs.serverstats.statistics.sampling import SAMPLED
from storage.database import Database
from storage.statistics.catalogue import CATALOGUE, Aggregate, Group, Kind, Part, Source
from storage.statistics.changes import Change, EventRecorded, Sampled, SessionClosed, SessionOpened
from storage.statistics.pages import Record, fetch_record_page
from storage.statistics.queries import Query
from storage.statistics.record_ids import RecordIds
from storage.statistics.retention import RAW_TABLES, ROLLUP_KEYS
from tests.cogs.serverstats.statistics.histories import DAY_MS, StoryClock

GUILD, USER, CHANNEL = 400, 7, 70

every_kind = pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.key)
ids = RecordIds()


@pytest.fixture
def clock() -> StoryClock:
    """A clock that stands still."""
    return StoryClock()


@pytest.fixture
def recorder(database: Database, clock: StoryClock) -> Recorder:
    """A recorder that stores when it is told to."""
    made = Recorder(database, clock, RecorderConfig())
    made.want(GUILD, frozenset(Group))
    return made


def shows(kind: Kind, part: Part) -> bool:
    """Whether the kind's record has this part."""
    return any(shown is part for _name, shown in kind.shape)


def changes_of(kind: Kind, at_ms: int) -> list[Change]:
    """Return one record of the kind, with everything that it can have."""
    record_id = ids.next(at_ms)
    user_id = USER if shows(kind, Part.USER_ID) else None
    channel_id = CHANNEL if shows(kind, Part.CHANNEL_ID) else None
    text = "a name" if shows(kind, Part.TEXT) else None
    match kind.aggregate:
        case Aggregate.LAST:
            return [Sampled(GUILD, kind.number, record_id, 5, 4, 3)]
        case Aggregate.SECONDS:
            activity_type = 0 if shows(kind, Part.ACTIVITY_TYPE) else -1
            opened = SessionOpened(GUILD, kind.number, record_id, user_id, channel_id, text, activity_type)
            return [opened, SessionClosed(*opened, at_ms + 1000)]
        case Aggregate.COUNT | Aggregate.MEAN:
            duration_us = 250_000 if kind.aggregate is Aggregate.MEAN else None
            return [
                EventRecorded(
                    GUILD,
                    kind.number,
                    record_id,
                    user_id,
                    channel_id,
                    1 if shows(kind, Part.MESSAGE_ID) else None,
                    text,
                    duration_us,
                )
            ]


async def record(recorder: Recorder, kind: Kind, at_ms: int) -> None:
    """Store one record of the kind."""
    for change in changes_of(kind, at_ms):
        assert recorder.take(change)
    await recorder.flush()


async def records_of(database: Database, recorder: Recorder, kind: Kind, clock: StoryClock) -> list[Record]:
    """Return all records of the kind."""
    days = await recorder.fetch_days(GUILD)
    today = days.day_of(clock.at_ms)
    async with database.read() as rx:
        query = Query(GUILD, kind, today - 60, today)
        return (await fetch_record_page(rx, query, days, offset=0, limit=100)).records


async def rows_by_table(database: Database, kind: Kind) -> dict[str, int]:
    """Return how many rows each table has of the kind."""
    async with database.read() as rx:
        return {
            table: (await rx.fetch_all(f"SELECT COUNT(*) FROM {table} WHERE kind = ?", (kind.number,)))[0][0]
            for table in (*RAW_TABLES, *ROLLUP_KEYS)
        }


@every_kind
async def test_a_record_can_be_read_back_with_all_parts_of_its_shape(
    database: Database, recorder: Recorder, clock: StoryClock, kind: Kind
) -> None:
    await record(recorder, kind, clock.at_ms)
    (found,) = await records_of(database, recorder, kind, clock)
    parts = {
        Part.USER_ID: found.user_id,
        Part.CHANNEL_ID: found.channel_id,
        Part.TEXT: found.text,
        Part.ACTIVITY_TYPE: found.activity_type if kind.aggregate is Aggregate.SECONDS else None,
        Part.DURATION: found.duration_us,
        Part.ENDED_AT: found.ended_at_ms,
        Part.FIRST: found.first,
    }
    assert {part for part, value in parts.items() if value is not None} == {
        part for part in parts if shows(kind, part)
    }
    assert found.at_ms == clock.at_ms


@every_kind
async def test_records_are_kept_for_thirty_one_days_and_no_longer(
    database: Database, recorder: Recorder, clock: StoryClock, kind: Kind
) -> None:
    retention = StatisticsRetention(database, clock, recorder)
    await record(recorder, kind, clock.at_ms)
    before = await rows_by_table(database, kind)
    clock.at_ms += RETENTION_DAYS * DAY_MS
    await retention.retain(GUILD)
    assert await rows_by_table(database, kind) == before
    clock.at_ms += DAY_MS
    await retention.retain(GUILD)
    assert set((await rows_by_table(database, kind)).values()) == {0}


@every_kind
async def test_an_erased_person_is_in_no_record_and_everything_still_counts(
    database: Database, recorder: Recorder, clock: StoryClock, kind: Kind
) -> None:
    await record(recorder, kind, clock.at_ms)
    erased = await StatisticsEraser(database, clock, recorder).erase(GUILD, USER, lambda: None)
    assert erased == shows(kind, Part.USER_ID)
    (found,) = await records_of(database, recorder, kind, clock)
    assert found.user_id is None
    rows = await rows_by_table(database, kind)
    assert rows["statistics_user_days"] == 0
    assert rows["statistics_hours"] == (kind.aggregate is not Aggregate.LAST)


def test_discords_events_feed_exactly_the_kinds_that_come_from_them() -> None:
    fed = {kind.key for reader in READERS for kind in reader.feeds} | {kind.key for kind in SAMPLED}
    from_discord = {kind.key for kind in CATALOGUE if kind.source is Source.GATEWAY}
    # Commands are ours, and are read off Discord's event all the same.
    assert fed - {"commands/used"} == from_discord
