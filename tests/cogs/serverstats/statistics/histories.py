"""Random histories of statistics, and what they must come to by the raw records alone."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from bot.config import RecorderConfig
from bot.recorder import Recorder
from cogs.serverstats.statistics.erasing import StatisticsEraser
from cogs.serverstats.statistics.retention import RETENTION_DAYS, StatisticsRetention
from storage.database import Database, ReadTransaction
from storage.server_days import HOUR_MS, ServerDays, fetch_server_days
from storage.statistics.catalogue import (
    COMMANDS_USED,
    MEMBERS_JOINED,
    MESSAGES_SENT,
    PRESENCE,
    VOICE,
    WELCOME_CHECK_TIME,
    Group,
)
from storage.statistics.changes import EventRecorded, MessageDeleted, SessionClosed, SessionOpened
from storage.statistics.record_ids import time_ms_of
from storage.statistics.rollups import half_hour_of

GUILD = 4_000
START_MS = 1_774_600_000_000  # two days before summer time begins in Europe
DAY_MS = 24 * HOUR_MS
ZONES = ("UTC", "Europe/Amsterdam", "America/Los_Angeles", "Pacific/Kiritimati")
USERS = (1, 2, 3)
CHANNELS = (10, 20)
NAMES = ("play", "Chess")

who = st.sampled_from(USERS)
where = st.sampled_from(CHANNELS)
waits = st.one_of(st.integers(0, 5 * 60_000), st.integers(0, 3 * DAY_MS), st.just(20 * DAY_MS))

messages = st.tuples(st.just("message"), who, where)
begins = st.tuples(st.just("open"), who, where)
ends = st.tuples(st.just("close"), st.integers(0, 20))
pauses = st.tuples(st.just("wait"), waits)
steps = st.one_of(
    *(messages, messages, begins, begins, ends, ends, pauses, pauses, pauses),
    st.tuples(st.just("delete"), st.integers(0, 20), st.booleans()),
    st.tuples(st.just("repeat"), st.integers(0, 20)),
    st.tuples(st.just("join"), who),
    st.tuples(st.just("command"), who, st.sampled_from(NAMES)),
    st.tuples(st.just("duration"), st.integers(0, 10_000_000)),
    st.tuples(st.just("play"), who, st.sampled_from(NAMES)),
    st.tuples(st.just("flush")),
    st.tuples(st.just("restart")),
    st.tuples(st.just("retain")),
    st.tuples(st.just("opt out"), who),
    st.tuples(st.just("erase"), who),
    st.tuples(st.just("move"), st.sampled_from(ZONES)),
)
histories = st.lists(steps, min_size=10, max_size=80)


class StoryClock:
    """Shows the time of the story."""

    def __init__(self) -> None:
        self.at_ms = START_MS

    def now_ms(self) -> int:
        """Return the time of the story."""
        return self.at_ms

    def monotonic(self) -> float:
        """Return it in seconds."""
        return self.at_ms / 1000

    async def sleep(self, seconds: float) -> None:
        """Let no time pass."""

    async def wait_for(self, event: Any, seconds: float) -> bool:
        """Wait for the event however long it takes."""
        return bool(await event.wait())


@dataclass
class Story:
    """A recorder that lives through a history."""

    folder: Path
    database: Database
    clock: StoryClock = field(default_factory=StoryClock)
    sent: list[EventRecorded] = field(default_factory=list)
    open: list[SessionOpened] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin a new life of the recorder."""
        self.recorder = Recorder(self.database, self.clock, RecorderConfig())
        self.recorder.want(GUILD, frozenset(Group))
        self.retention = StatisticsRetention(self.database, self.clock, self.recorder)

    async def live(self, step: tuple[Any, ...]) -> None:
        """Take one step."""
        recorder, now_ms = self.recorder, self.clock.at_ms
        match step:
            case ("message", user_id, channel_id):
                event = EventRecorded(
                    GUILD, MESSAGES_SENT.number, recorder.next_id(now_ms), self.seen(user_id), channel_id
                )
                self.sent.append(event)
                recorder.take(event)
            case ("repeat", number) if self.sent:
                # Discord told of it twice; retention has not come by in between.
                event = self.sent[number % len(self.sent)]
                if time_ms_of(event.record_id) > now_ms - DAY_MS:
                    recorder.take(event)
            case ("delete", number, is_dropped) if self.sent:
                message_id = self.sent[number % len(self.sent)].record_id
                recorder.take(MessageDeleted(GUILD, recorder.next_id(now_ms), 10, message_id, is_dropped))
            case ("join", user_id):
                recorder.take(
                    EventRecorded(GUILD, MEMBERS_JOINED.number, recorder.next_id(now_ms), self.seen(user_id))
                )
            case ("command", user_id, name):
                assert recorder.record(COMMANDS_USED.key, GUILD, user_id=user_id, text=name)
            case ("duration", microseconds):
                seconds = microseconds / 1_000_000
                assert recorder.record(WELCOME_CHECK_TIME.key, GUILD, duration_seconds=seconds)
            case ("open", user_id, channel_id):
                self.begin(VOICE.number, self.seen(user_id), channel_id, None)
            case ("play", user_id, name):
                self.begin(PRESENCE.number, self.seen(user_id), None, name)
            case ("close", number) if self.open:
                self.end(self.open.pop(number % len(self.open)))
            case ("wait", wait_ms):
                self.clock.at_ms += wait_ms
            case ("flush",):
                await recorder.flush()
            case ("restart",):
                await recorder.close()
                self.start()
                await self.recorder.open()
                await self.recorder.close()
            case ("retain",):
                await self.retention.retain(GUILD)
            case ("opt out", user_id):
                await recorder.opt_out(GUILD, user_id)
                # What goes on is known as theirs up to here, and as nobody's from here on.
                for session in [session for session in self.open if session.user_id == user_id]:
                    self.open.remove(session)
                    self.end(session)
                    self.begin(session.kind, None, session.channel_id, session.text)
            case ("erase", user_id):
                eraser = StatisticsEraser(self.database, self.clock, recorder)
                await eraser.erase(GUILD, user_id, lambda: self.forget(user_id))
                await self.assert_forgotten(user_id)
            case ("move", timezone):
                await recorder.change_timezone(GUILD, timezone)

    def seen(self, user_id: int) -> int | None:
        """Return the id under which the person is recorded."""
        return None if self.recorder.is_opted_out(GUILD, user_id) else user_id

    def begin(self, kind: int, user_id: int | None, channel_id: int | None, text: str | None) -> None:
        """Let a session begin."""
        session = SessionOpened(
            GUILD,
            kind,
            self.recorder.next_id(self.clock.at_ms),
            user_id,
            channel_id,
            text,
            -1 if text is None else 0,
        )
        if self.recorder.take(session):
            self.open.append(session)

    def end(self, session: SessionOpened) -> None:
        """Let a session end."""
        self.recorder.take(SessionClosed(*session, self.clock.at_ms))

    async def assert_forgotten(self, user_id: int) -> None:
        """Check that no row holds the person's id."""
        async with self.database.read() as rx:
            for table in ("statistics_events", "statistics_sessions", "statistics_user_days"):
                rows = await rx.fetch_all(f"SELECT * FROM {table} WHERE user_id = ?", (user_id,))
                assert rows == [], table

    def forget(self, user_id: int) -> None:
        """Take the person's id off the sessions that go on."""
        self.open = [
            session._replace(user_id=None) if session.user_id == user_id else session for session in self.open
        ]


Rollup = Counter[tuple[str, int, int, int, str]]
"""Table, kind, day, key and column, with the sum."""


async def stored_rollups(
    rx: ReadTransaction, guild_id: int = GUILD
) -> tuple[Rollup, dict[tuple[int, int, int], int]]:
    """Return all sums on record, and the half hours of each (kind, day, user)."""
    sums: Rollup = Counter()
    for table, key in TABLES.items():
        sql = f"SELECT kind, day, {key}, events, total FROM {table} WHERE guild_id = ?"
        for kind, day, number, events, total in await rx.fetch_all(sql, (guild_id,)):
            sums[table, kind, day, number, "events"] += events
            sums[table, kind, day, number, "total"] += total
    masks = await rx.fetch_all("SELECT kind, day, user_id, half_hours FROM statistics_user_days")
    return sums, {(kind, day, user): half_hours for kind, day, user, half_hours in masks}


TABLES = {
    "statistics_hours": "hour",
    "statistics_user_days": "user_id",
    "statistics_channel_days": "channel_id",
    "statistics_text_days": "text_id",
}


async def rollups_by_the_records(
    rx: ReadTransaction, now_ms: int, guild_id: int = GUILD
) -> tuple[Rollup, dict[tuple[int, int, int], int]]:
    """Add up what the raw records come to on the days that are kept, minute by minute in a plain way."""
    days = await fetch_server_days(rx, guild_id)
    sums: Rollup = Counter()
    masks: dict[tuple[int, int, int], int] = {}

    def add(kind: int, day: int, hour: int, keys: tuple[int | None, ...], events: int, total: int) -> None:
        for table, number in zip(TABLES, (hour, *keys), strict=True):
            if number is not None:
                sums[table, kind, day, number, "events"] += events
                sums[table, kind, day, number, "total"] += total

    def begin(kind: int, record_id: int, keys: tuple[int | None, ...], total: int) -> None:
        at_ms = time_ms_of(record_id)
        day = ServerDays.day_of(days, at_ms)
        since_ms = at_ms - days.start_of(day)
        add(kind, day, since_ms // HOUR_MS, keys, 1, total)
        if keys[0] is not None:
            masks[kind, day, keys[0]] = masks.get((kind, day, keys[0]), 0) | 1 << half_hour_of(since_ms)

    for kind, record_id, *keys, duration_us in await rx.fetch_all(
        "SELECT kind, record_id, user_id, channel_id, text_id, duration_us FROM statistics_events"
    ):
        begin(kind, record_id, tuple(keys), duration_us or 0)
    for kind, record_id, *keys, ended_at_ms in await rx.fetch_all(
        "SELECT kind, record_id, user_id, channel_id, text_id, ended_at_ms FROM statistics_sessions"
    ):
        begin(kind, record_id, tuple(keys), 0)
        at_ms = time_ms_of(record_id)
        while ended_at_ms is not None and at_ms < ended_at_ms:
            day = days.day_of(at_ms)
            hour = (at_ms - days.start_of(day)) // HOUR_MS
            until_ms = min(ended_at_ms, days.start_of(day) + (hour + 1) * HOUR_MS, days.start_of(day + 1))
            add(kind, day, hour, tuple(keys), 0, until_ms - at_ms)
            at_ms = until_ms
    first_day = days.day_of(now_ms) - RETENTION_DAYS
    kept = Counter({key: number for key, number in sums.items() if key[2] >= first_day and number})
    return kept, {key: mask for key, mask in masks.items() if key[1] >= first_day}
