"""Series, tops and pages say what the raw records say, whatever the filters."""

import asyncio
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.server_days import HOUR_MS, ServerDays, fetch_server_days
from storage.statistics.catalogue import COMMANDS_USED, MEMBERS_TOTAL, MESSAGES_SENT, VOICE
from storage.statistics.changes import Change, EventRecorded, Sampled, SessionClosed, SessionOpened
from storage.statistics.pages import fetch_record_page
from storage.statistics.queries import Query
from storage.statistics.record_ids import RecordIds, first_record_id, time_ms_of
from storage.statistics.recording import insert_changes
from storage.statistics.series import Sum, fetch_days, fetch_hours, fetch_samples
from storage.statistics.tops import Dimension, fetch_distinct, fetch_top

GUILD = 400
START_MS = 1_774_600_000_000
SPAN_MS = 5 * 24 * HOUR_MS
NOW_MS = START_MS + SPAN_MS
TIMEZONE = "Europe/Amsterdam"

moments = st.integers(START_MS, NOW_MS - 1)
users = st.sampled_from([1, 2, 3, None])
channels = st.sampled_from([10, 20])
messages = st.lists(st.tuples(moments, users, channels), max_size=40)
voices = st.lists(
    st.tuples(moments, st.integers(0, 60 * HOUR_MS), st.booleans(), users, channels), max_size=15
)


def never_opted_out(_guild_id: int, _user_id: int) -> bool:
    return False


def changes_of(sent: list[Any], voice: list[Any]) -> list[Change]:
    ids = RecordIds()
    changes: list[Change] = [
        EventRecorded(GUILD, MESSAGES_SENT.number, ids.next(at_ms), user_id, channel_id)
        for at_ms, user_id, channel_id in sent
    ]
    for began_ms, length_ms, is_open, user_id, channel_id in voice:
        session = SessionOpened(GUILD, VOICE.number, ids.next(began_ms), user_id, channel_id)
        changes.append(session)
        if not is_open:
            changes.append(SessionClosed(*session, min(began_ms + length_ms, NOW_MS)))
    return changes


def naive(query: Query, changes: list[Change], days: ServerDays) -> dict[tuple[int, int], Sum]:
    """Return the sums by (day, hour), the plain way."""
    sums: dict[tuple[int, int], Sum] = defaultdict(Sum)
    closed = {change.record_id: change for change in changes if isinstance(change, SessionClosed)}
    for change in changes:
        if not isinstance(change, EventRecorded | SessionOpened) or change.kind != query.kind.number:
            continue
        if query.user_id not in {None, change.user_id} or query.channel_id not in {None, change.channel_id}:
            continue
        began_ms = time_ms_of(change.record_id)
        day = days.day_of(began_ms)
        sums[day, (began_ms - days.start_ms) // HOUR_MS] += Sum(1, 0)
        if isinstance(change, SessionOpened):
            end_ms = closed[change.record_id].ended_at_ms if change.record_id in closed else NOW_MS
            for piece_day, hour, length_ms in days.hours_of(began_ms, end_ms):
                sums[piece_day, hour] += Sum(0, length_ms)
    return {key: total for key, total in sums.items() if query.first_day <= key[0] <= query.last_day}


async def filled(database: Database, changes: list[Change]) -> ServerDays:
    async with database.write() as tx:
        await tx.execute("INSERT INTO guilds (guild_id, timezone) VALUES (?, ?)", (GUILD, TIMEZONE))
        await insert_changes(tx, changes, {}, never_opted_out)
        return await fetch_server_days(tx, GUILD)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    sent=messages,
    voice=voices,
    kind=st.sampled_from([MESSAGES_SENT, VOICE]),
    user_id=st.sampled_from([None, 1, 2]),
    channel_id=st.sampled_from([None, 10]),
    first=st.integers(0, 6),
    length=st.integers(0, 6),
)
def test_series_tops_and_pages_say_what_the_records_say(
    sent: list[Any],
    voice: list[Any],
    kind: Any,
    user_id: int | None,
    channel_id: int | None,
    first: int,
    length: int,
) -> None:
    changes = changes_of(sent, voice)

    async def check() -> None:
        with tempfile.TemporaryDirectory() as folder:
            database = await Database.open(Path(folder) / "headcount.sqlite3", now_ms=1)
            try:
                days = await filled(database, changes)
                first_day = days.day_of(START_MS) - 1 + first
                query = Query(GUILD, kind, first_day, first_day + length, user_id, channel_id)
                await check_query(database, query, days)
            finally:
                await database.close()

    async def check_query(database: Database, query: Query, days: ServerDays) -> None:
        expected = naive(query, changes, days)
        by_day: dict[int, Sum] = defaultdict(Sum)
        for (day, _hour), hour_sum in expected.items():
            by_day[day] += hour_sum
        async with database.read() as rx:
            assert await fetch_hours(rx, query, days, NOW_MS) == expected
            found = await fetch_days(rx, query, days, NOW_MS)
            assert {day: one for day, one in found.items() if one != Sum()} == by_day
            for by in (Dimension.USER, Dimension.CHANNEL):
                top = await fetch_top(rx, query, by, 10, days, NOW_MS)
                await check_top(query, by, top, days)
            records = (await fetch_record_page(rx, query, days, offset=0, limit=1000)).records
        starts = [record for record in records if days.day_of(record.at_ms) >= query.first_day]
        assert len(starts) == sum(one.events for one in expected.values())

    async def check_top(query: Query, by: Dimension, top: list[Any], days: ServerDays) -> None:
        position = 1 if query.is_of_sessions else 0
        numbers = [(ranked.events, ranked.total)[position] for ranked in top]
        assert numbers == sorted(numbers, reverse=True)
        for ranked in top:
            one = {by.value: ranked.id}
            if getattr(query, by.value) not in {None, ranked.id}:
                raise AssertionError("a ranking within a user or channel names only that one")
            narrowed = Query(
                query.guild_id,
                query.kind,
                query.first_day,
                query.last_day,
                one.get("user_id", query.user_id),
                one.get("channel_id", query.channel_id),
            )
            exact = sum(naive(narrowed, changes, days).values(), Sum())
            assert (ranked.events, ranked.total) == (exact.events, exact.total)

    asyncio.run(check())


async def test_names_are_ranked_with_their_text(database: Database) -> None:
    ids = RecordIds()
    uses = ["top", "top", "info", "top"]
    await filled(
        database,
        [EventRecorded(GUILD, COMMANDS_USED.number, ids.next(START_MS), 1, text=name) for name in uses],
    )
    async with database.read() as rx:
        days = await fetch_server_days(rx, GUILD)
        day = days.day_of(START_MS)
        query = Query(GUILD, COMMANDS_USED, day, day)
        top = await fetch_top(rx, query, Dimension.TEXT, 5, days, NOW_MS)
        assert [(ranked.text, ranked.events) for ranked in top] == [("top", 3), ("info", 1)]
        assert await fetch_distinct(rx, query, Dimension.TEXT) == 2
        (record, *_others) = (await fetch_record_page(rx, query, days, offset=0, limit=5)).records
        assert record.text == "top"


async def test_samples_come_in_the_order_of_their_time(database: Database) -> None:
    kind = MEMBERS_TOTAL
    await filled(
        database,
        [
            Sampled(GUILD, kind.number, first_record_id(START_MS + shift), shift)
            for shift in (3000, 1000, 2000)
        ],
    )
    async with database.read() as rx:
        samples = await fetch_samples(rx, GUILD, kind, START_MS, START_MS + 3000)
    assert [sample.first for sample in samples] == [1000, 2000]


async def test_two_samples_of_the_same_moment_are_one(database: Database) -> None:
    sample = Sampled(GUILD, MEMBERS_TOTAL.number, first_record_id(START_MS), 7)
    async with database.write() as tx:
        await insert_changes(tx, [sample, sample], {}, never_opted_out)
        assert await tx.fetch_all("SELECT COUNT(*) FROM statistics_samples") == [(1,)]


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Kathmandu"])
async def test_an_hour_is_an_hour_of_the_servers_day(database: Database, timezone: str) -> None:
    """Kathmandu's hours begin a quarter of an hour after those of UTC."""
    async with database.write() as tx:
        await tx.execute("INSERT INTO guilds (guild_id, timezone) VALUES (?, ?)", (GUILD, timezone))
        days = await fetch_server_days(tx, GUILD)
        day = days.day_of(START_MS)
        at_ms = days.start_of(day) + 5 * HOUR_MS
        event = EventRecorded(GUILD, MESSAGES_SENT.number, first_record_id(at_ms), 1, 10)
        await insert_changes(tx, [event], {}, never_opted_out)
        query = Query(GUILD, MESSAGES_SENT, day, day)
        assert await fetch_hours(tx, query, days, NOW_MS) == {(day, 5): Sum(1, 0)}
