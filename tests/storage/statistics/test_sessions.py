"""Sessions that are open on record."""

from storage.database import Database
from storage.statistics import sessions
from storage.statistics.catalogue import COMMANDS_USED, MEMBERS_TOTAL, MESSAGES_SENT, PRESENCE, VOICE
from storage.statistics.changes import (
    NO_ACTIVITY,
    Change,
    EventRecorded,
    Sampled,
    SessionClosed,
    SessionOpened,
)
from storage.statistics.record_ids import first_record_id
from storage.statistics.recording import insert_changes
from storage.statistics.sessions import fetch_last_told_ms, fetch_open_sessions
from tests.storage.rows import ELSEWHERE, GUILD

BEGAN_MS = 1_790_000_000_000
VOICE_SESSION = SessionOpened(GUILD, VOICE.number, first_record_id(BEGAN_MS), 7, 50)
CHESS = SessionOpened(GUILD, PRESENCE.number, first_record_id(BEGAN_MS), None, None, "Chess", 0)
ABROAD = SessionOpened(ELSEWHERE, PRESENCE.number, first_record_id(BEGAN_MS), 7, None, "Chess", 3)


async def store(database: Database, *changes: Change) -> None:
    async with database.write() as tx:
        await insert_changes(tx, changes, {}, lambda _guild_id, _user_id: False)


async def test_open_sessions_come_back_as_they_were_opened(database: Database) -> None:
    await store(database, VOICE_SESSION, CHESS, ABROAD)
    async with database.read() as rx:
        assert await fetch_open_sessions(rx) == [VOICE_SESSION, CHESS, ABROAD]


async def test_sessions_that_ended_are_not_among_them(database: Database) -> None:
    await store(database, VOICE_SESSION, CHESS)
    await store(database, SessionClosed(*VOICE_SESSION, BEGAN_MS + 5))
    async with database.read() as rx:
        assert await fetch_open_sessions(rx) == [CHESS]


async def test_they_are_found_without_a_look_at_those_that_ended(database: Database) -> None:
    async with database.read() as rx:
        plan = await rx.fetch_all(f"EXPLAIN QUERY PLAN {sessions._FETCH_OPEN}", (NO_ACTIVITY,))
    assert any("statistics_sessions_open" in str(step) for step in plan)


async def test_the_latest_event_that_discord_told_of_is_known_per_guild(database: Database) -> None:
    """Commands are ours, samples are taken also while nothing is told: neither proves a connection."""
    at_ms = 1_774_600_000_000
    changes: list[Change] = [
        EventRecorded(GUILD, MESSAGES_SENT.number, first_record_id(at_ms), 1, 10),
        SessionOpened(GUILD, VOICE.number, first_record_id(at_ms + 1000), 1, 10),
        EventRecorded(GUILD, COMMANDS_USED.number, first_record_id(at_ms + 2000), 1, text="top"),
        Sampled(GUILD, MEMBERS_TOTAL.number, first_record_id(at_ms + 3000), 7),
        EventRecorded(GUILD + 1, MESSAGES_SENT.number, first_record_id(at_ms + 4000), 1, 10),
    ]
    async with database.write() as tx:
        await insert_changes(tx, changes, {}, lambda _guild_id, _user_id: False)
        assert await fetch_last_told_ms(tx, GUILD) == at_ms + 1000
        assert await fetch_last_told_ms(tx, GUILD + 1) == at_ms + 4000
        assert await fetch_last_told_ms(tx, GUILD + 2) is None
