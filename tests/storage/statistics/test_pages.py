"""Pages say what a straight count over all records says, wherever they begin and whoever is asked for."""

import asyncio
import math
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.schema import prepare_database
from storage.server_days import HOUR_MS, ServerDays, fetch_server_days, update_timezone
from storage.statistics import pages
from storage.statistics.catalogue import MEMBERS_TOTAL, MESSAGES_SENT, PRESENCE, VOICE, Kind
from storage.statistics.changes import Change, EventRecorded, Sampled, SessionClosed, SessionOpened
from storage.statistics.pages import LONG_SESSION_MS, Record, fetch_record_page
from storage.statistics.queries import Query
from storage.statistics.record_ids import RecordIds, first_record_id, time_ms_of
from storage.statistics.recording import insert_changes

GUILD, ELSEWHERE = 400, 401
DAY_MS = 24 * HOUR_MS
START_MS = 1_774_600_000_000
"""Two days before Amsterdam's clocks go forward."""
SPAN_MS = 6 * DAY_MS
NOW_MS = START_MS + SPAN_MS
TIMEZONES = ("Europe/Amsterdam", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago")

moments = st.integers(START_MS, NOW_MS - 1)
users = st.sampled_from([1, 2, None])
channels = st.sampled_from([10, 20])
messages = st.lists(st.tuples(moments, users, channels), max_size=40)
lengths = st.one_of(
    st.integers(0, LONG_SESSION_MS + 1),
    st.integers(LONG_SESSION_MS - 1, LONG_SESSION_MS + 1),
    st.integers(0, 5 * DAY_MS),
)
voices = st.lists(st.tuples(moments, lengths, st.booleans(), users, channels), max_size=25)


def never_opted_out(_guild_id: int, _user_id: int) -> bool:
    return False


@dataclass(frozen=True)
class History:
    """What happened in the guild, and when it moved to another timezone."""

    changes: Sequence[Change]
    timezone: str
    moved_at_ms: int

    def by_time(self) -> tuple[list[Change], list[Change]]:
        """Return what was recorded before the move, and what after it."""
        at_ms = {id(change): _stored_at_ms(change) for change in self.changes}
        before = [change for change in self.changes if at_ms[id(change)] < self.moved_at_ms]
        return before, [change for change in self.changes if at_ms[id(change)] >= self.moved_at_ms]


def _stored_at_ms(change: Change) -> int:
    if isinstance(change, SessionClosed):
        return change.ended_at_ms
    return time_ms_of(change.record_id)


def changes_of(sent: list[Any], voice: list[Any]) -> list[Change]:
    ids = RecordIds()
    changes: list[Change] = []
    for at_ms, user_id, channel_id in sent:
        record_id = ids.next(at_ms)
        changes.append(EventRecorded(GUILD, MESSAGES_SENT.number, record_id, user_id, channel_id))
        changes.append(EventRecorded(ELSEWHERE, MESSAGES_SENT.number, record_id, user_id, channel_id))
    for began_ms, length_ms, is_open, user_id, channel_id in voice:
        session = SessionOpened(GUILD, VOICE.number, ids.next(began_ms), user_id, channel_id)
        changes.append(session)
        changes.append(session._replace(kind=PRESENCE.number))
        if not is_open and began_ms + length_ms < NOW_MS:
            changes.append(SessionClosed(*session, began_ms + length_ms))
    return changes


def expected_ids(query: Query, changes: Sequence[Change], days: ServerDays) -> list[int]:
    """Return the ids of the query's records, the latest first, the plain way."""
    ends = {
        change.record_id: change.ended_at_ms
        for change in changes
        if isinstance(change, SessionClosed) and change.kind == query.kind.number
    }
    since_ms = days.start_of(query.first_day)
    found = set()
    for change in changes:
        if not isinstance(change, EventRecorded | SessionOpened):
            continue
        if (change.guild_id, change.kind) != (query.guild_id, query.kind.number):
            continue
        if query.user_id not in {None, change.user_id} or query.channel_id not in {None, change.channel_id}:
            continue
        day = days.day_of(time_ms_of(change.record_id))
        is_reaching = query.is_of_sessions and ends.get(change.record_id, math.inf) > since_ms
        if day <= query.last_day and (day >= query.first_day or is_reaching):
            found.add(change.record_id)
    return sorted(found, reverse=True)


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with all migrations, to be copied: that is much faster than to migrate one."""
    path = tmp_path_factory.mktemp("empty") / "headcount.sqlite3"
    prepare_database(path, 1)
    return path


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    sent=messages,
    voice=voices,
    kind=st.sampled_from([MESSAGES_SENT, VOICE, PRESENCE]),
    user_id=st.sampled_from([None, None, 1]),
    channel_id=st.sampled_from([None, None, 10]),
    first=st.integers(0, 7),
    length=st.integers(0, 7),
    timezones=st.tuples(st.sampled_from(TIMEZONES), st.sampled_from(TIMEZONES)),
    moved_at_ms=moments,
    page_size=st.integers(1, 12),
    ranges_at_once=st.sampled_from([2, 3, 64]),
)
def test_total_and_pages_are_those_of_a_straight_count(
    sent: list[Any],
    voice: list[Any],
    kind: Kind,
    user_id: int | None,
    channel_id: int | None,
    first: int,
    length: int,
    timezones: tuple[str, str],
    moved_at_ms: int,
    page_size: int,
    ranges_at_once: int,
    empty_database: Path,
) -> None:
    """Whatever lies between: a move to another timezone, midnights, people who opted out, sessions that go on."""
    history = History(changes_of(sent, voice), timezones[0], moved_at_ms)

    async def check() -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(shutil.copy(empty_database, folder))
            database = await Database.open(path, now_ms=1, readers=1)
            try:
                days = await filled(database, history, timezones[1])
                first_day = days.day_of(START_MS) - 1 + first
                query = Query(GUILD, kind, first_day, first_day + length, user_id, channel_id)
                await check_pages(database, query, days, history.changes, page_size)
            finally:
                await database.close()

    before, pages.RANGES_AT_ONCE = pages.RANGES_AT_ONCE, ranges_at_once  # type: ignore[misc]
    try:
        asyncio.run(check())
    finally:
        pages.RANGES_AT_ONCE = before  # type: ignore[misc]


async def check_pages(
    database: Database, query: Query, days: ServerDays, changes: Sequence[Change], page_size: int
) -> None:
    """Compare total and pages, also those past the end, with a straight count."""
    expected = expected_ids(query, changes, days)
    async with database.read() as rx:
        for offset in range(0, len(expected) + 2 * page_size, page_size):
            page = await fetch_record_page(rx, query, days, offset=offset, limit=page_size)
            assert page.total == len(expected)
            assert [row[0] for row in page.rows] == expected[offset : offset + page_size]


def busy_history(chance: Random) -> History:
    """Return much in little time: for days on end, in a few hours of each, near midnight, around six hours long."""
    spots = [chance.randrange(START_MS, NOW_MS) for _ in range(12)]

    def moment() -> int:
        return min(NOW_MS - 1, chance.choice(spots) + chance.randrange(HOUR_MS))

    def length() -> int:
        return chance.choice(
            (chance.randrange(HOUR_MS), LONG_SESSION_MS + chance.randrange(-1, 2), 30 * HOUR_MS)
        )

    sent = [(moment(), chance.choice((1, 1, 2, None)), chance.choice((10, 20))) for _ in range(120)]
    voice = [
        (moment(), length(), chance.random() < 0.1, chance.choice((1, 1, 2, None)), chance.choice((10, 20)))
        for _ in range(60)
    ]
    return History(changes_of(sent, voice), chance.choice(TIMEZONES), moment())


@pytest.mark.parametrize("seed", range(6))
async def test_in_a_busy_guild_pages_are_those_of_a_straight_count_whatever_is_asked(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(seed)
    history = busy_history(chance)
    days = await filled(database, history, chance.choice(TIMEZONES))
    last_day = days.day_of(NOW_MS)
    for kind, user_id, channel_id, length in product(
        (MESSAGES_SENT, VOICE), (None, 1), (None, 10), (0, 1, 3, 7)
    ):
        monkeypatch.setattr(pages, "RANGES_AT_ONCE", chance.choice((1, 2, 5, 64)))
        last = last_day - chance.choice((0, 0, 2))
        query = Query(GUILD, kind, last - length, last, user_id, channel_id)
        await check_pages(database, query, days, history.changes, chance.choice((7, 16, 50)))


async def filled(database: Database, history: History, timezone: str) -> ServerDays:
    before, after = history.by_time()
    async with database.write() as tx:
        for guild_id in (GUILD, ELSEWHERE):
            await tx.execute(
                "INSERT INTO guilds (guild_id, timezone) VALUES (?, ?)", (guild_id, history.timezone)
            )
        await insert_changes(tx, before, {}, never_opted_out)
        await update_timezone(tx, GUILD, timezone, history.moved_at_ms)
        await insert_changes(tx, after, {}, never_opted_out)
        return await fetch_server_days(tx, GUILD)


async def test_a_page_names_all_parts_of_its_records(database: Database) -> None:
    opened = SessionOpened(GUILD, PRESENCE.number, first_record_id(START_MS), 1, None, "Chess", 5)
    async with database.write() as tx:
        await insert_changes(tx, [opened, SessionClosed(*opened, START_MS + 9)], {}, never_opted_out)
        days = await fetch_server_days(tx, GUILD)
        day = days.day_of(START_MS)
        page = await fetch_record_page(tx, Query(GUILD, PRESENCE, day, day), days, offset=0, limit=5)
    assert page.records == [
        Record(opened.record_id, 1, None, None, "Chess", 5, None, START_MS + 9, None, None, None)
    ]
    assert page.records[0].at_ms == START_MS


async def test_samples_are_paged_too(database: Database) -> None:
    samples = [
        Sampled(GUILD, MEMBERS_TOTAL.number, first_record_id(START_MS + minute * 60_000), minute)
        for minute in range(5)
    ]
    async with database.write() as tx:
        await insert_changes(tx, samples, {}, never_opted_out)
        days = await fetch_server_days(tx, GUILD)
        day = days.day_of(START_MS)
        page = await fetch_record_page(tx, Query(GUILD, MEMBERS_TOTAL, day, day), days, offset=1, limit=2)
        nothing = await fetch_record_page(
            tx, Query(GUILD, MEMBERS_TOTAL, day + 1, day + 1), days, offset=0, limit=2
        )
    assert ([record.first for record in page.records], page.total) == ([3, 2], 5)
    assert (nothing.rows, nothing.total) == ([], 0)


async def test_sessions_from_before_are_found_by_their_indexes(database: Database) -> None:
    """Without a look at all that ever ended."""
    parameters = pages._reaching_parameters(Query(GUILD, VOICE, 739_700, 739_700), ServerDays("UTC"))
    async with database.read() as rx:
        plan = await rx.fetch_all(f"EXPLAIN QUERY PLAN {pages._COUNT_REACHING}", parameters)
    steps = " ".join(str(step[-1]) for step in plan)
    assert "statistics_sessions_long" in steps
    assert "statistics_sessions_open" in steps
    assert steps.count("SEARCH") == 3
