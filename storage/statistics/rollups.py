"""The rollups: per day what there was, and of whom, where and by what name; added up in memory, then stored at once."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from storage.database import SqlValue, WriteTransaction
from storage.server_days import HOUR_MS, ServerDays
from storage.statements import insert_rows
from storage.statistics.record_ids import EPOCH_MS, SEQUENCE_BITS
from storage.stretches import Stretch

HALF_HOUR_MS: Final = HOUR_MS // 2
LAST_HALF_HOUR: Final = 62
"""A 64-bit integer has 63 bits to use; the last stands for the rest of a day that a new timezone made longer."""

_SESSIONS_PER_TURN: Final = 500
"""So many are added up at a time: a few milliseconds."""
_SESSIONS_WORTH_A_GUILD: Final = 50
"""What the hours of a guild cost beside, measured in sessions."""

Days = Mapping[int, ServerDays]
"""The days of each guild."""

_ADD = "DO UPDATE SET events = events + excluded.events, total = total + excluded.total"
_INSERT_HOURS = "INSERT INTO statistics_hours (guild_id, kind, day, hour, events, total)"
_ON_CONFLICT_HOURS = f"ON CONFLICT (guild_id, kind, day, hour) {_ADD}"
_INSERT_USERS = "INSERT INTO statistics_user_days (guild_id, kind, day, user_id, events, total, half_hours)"
_ON_CONFLICT_USERS = (
    f"ON CONFLICT (guild_id, kind, day, user_id) {_ADD}, half_hours = half_hours | excluded.half_hours"
)
_INSERT_CHANNELS = "INSERT INTO statistics_channel_days (guild_id, kind, day, channel_id, events, total)"
_ON_CONFLICT_CHANNELS = f"ON CONFLICT (guild_id, kind, day, channel_id) {_ADD}"
_INSERT_TEXTS = "INSERT INTO statistics_text_days (guild_id, kind, day, text_id, events, total)"
_ON_CONFLICT_TEXTS = f"ON CONFLICT (guild_id, kind, day, text_id) {_ADD}"

EventRow = tuple[int, int, int, int | None, int | None, int | None, int | None, int | None]
"""guild_id, kind, record_id, user_id, channel_id, message_id, text_id, duration_us."""
SessionRow = tuple[int, int, int, int | None, int | None, int | None, int | None]
"""guild_id, kind, record_id, user_id, channel_id, text_id, ended_at_ms."""

Key = tuple[int, int, int, int]
"""guild_id, kind, day, and the hour, user, channel or text."""


class Rollups:
    """What a batch adds to the rollups."""

    def __init__(self, days: Days) -> None:
        self._days = days
        self._hours: dict[Key, list[int]] = {}
        self._users: dict[Key, list[int]] = {}
        self._channels: dict[Key, list[int]] = {}
        self._texts: dict[Key, list[int]] = {}
        self._ended: dict[tuple[int, int], list[SessionRow]] = {}

    def add_events(self, rows: Iterable[EventRow]) -> None:
        """Add events: one each, and their durations."""
        hours, users, channels, texts = self._hours, self._users, self._channels, self._texts
        all_days = self._days
        # The hottest loop of the program: names are local, and the day is looked up only when it is another one.
        for guild_id, kind, record_id, user_id, channel_id, _message_id, text_id, duration_us in rows:
            days = all_days[guild_id]
            at_ms = (record_id >> SEQUENCE_BITS) + EPOCH_MS
            if not days.start_ms <= at_ms < days.end_ms:
                days.day_of(at_ms)
            day = days.day
            since_ms = at_ms - days.start_ms
            total = duration_us or 0
            key = (guild_id, kind, day, since_ms // HOUR_MS)
            if (sums := hours.get(key)) is None:
                hours[key] = [1, total]
            else:
                sums[0] += 1
                sums[1] += total
            if user_id is not None:
                half_hour = since_ms // HALF_HOUR_MS
                bit = 1 << (min(LAST_HALF_HOUR, half_hour))
                key = (guild_id, kind, day, user_id)
                if (sums := users.get(key)) is None:
                    users[key] = [1, total, bit]
                else:
                    sums[0] += 1
                    sums[1] += total
                    sums[2] |= bit
            if channel_id is not None:
                key = (guild_id, kind, day, channel_id)
                if (sums := channels.get(key)) is None:
                    channels[key] = [1, total]
                else:
                    sums[0] += 1
                    sums[1] += total
            if text_id is not None:
                _add(texts, (guild_id, kind, day, text_id), 1, total)

    def add_sessions_begun(self, rows: Iterable[SessionRow]) -> None:
        """Count sessions on the hour and day of their beginning."""
        self.add_events(
            (guild_id, kind, record_id, user_id, channel_id, None, text_id, None)
            for guild_id, kind, record_id, user_id, channel_id, text_id, _ended_at_ms in rows
        )

    def add_sessions_ended(self, rows: Iterable[SessionRow]) -> None:
        """Add the time of sessions to every hour and day that they lie on."""
        for row in rows:
            if row[6] is not None:
                self._ended.setdefault(row[:2], []).append(row)

    async def upsert(self, tx: WriteTransaction) -> None:
        """Add everything to what is stored."""
        await self._add_up_sessions()
        for insert, on_conflict, sums_by_key in (
            (_INSERT_HOURS, _ON_CONFLICT_HOURS, self._hours),
            (_INSERT_USERS, _ON_CONFLICT_USERS, self._users),
            (_INSERT_CHANNELS, _ON_CONFLICT_CHANNELS, self._channels),
            (_INSERT_TEXTS, _ON_CONFLICT_TEXTS, self._texts),
        ):
            rows: list[tuple[SqlValue, ...]] = [(*key, *sums) for key, sums in sums_by_key.items()]
            await insert_rows(tx, insert, rows, on_conflict)

    async def _add_up_sessions(self) -> None:
        # After an outage thousands end at once that went on for days: everything else has its turn meanwhile.
        since_break = 0
        for (guild_id, kind), rows in self._ended.items():
            days = self._days[guild_id]
            for part in range(0, len(rows), _SESSIONS_PER_TURN):
                self._add_up(days, guild_id, kind, rows[part : part + _SESSIONS_PER_TURN])
                since_break += min(len(rows) - part, _SESSIONS_PER_TURN) + _SESSIONS_WORTH_A_GUILD
                if since_break >= _SESSIONS_PER_TURN:
                    since_break = 0
                    await asyncio.sleep(0)
        self._ended.clear()

    def _add_up(self, days: ServerDays, guild_id: int, kind: int, rows: Sequence[SessionRow]) -> None:
        stretches: list[Stretch] = []
        for _guild_id, _kind, record_id, user_id, channel_id, text_id, ended_at_ms in rows:
            if ended_at_ms is None:
                continue
            began_at_ms = (record_id >> SEQUENCE_BITS) + EPOCH_MS
            stretches.append((began_at_ms, ended_at_ms))
            for day, length_ms in days.days_of(began_at_ms, ended_at_ms):
                if user_id is not None:
                    sums = self._users.setdefault((guild_id, kind, day, user_id), [0, 0, 0])
                    sums[1] += length_ms
                if channel_id is not None:
                    _add(self._channels, (guild_id, kind, day, channel_id), 0, length_ms)
                if text_id is not None:
                    _add(self._texts, (guild_id, kind, day, text_id), 0, length_ms)
        for (day, hour), length_ms in days.add_up_hours(stretches).items():
            _add(self._hours, (guild_id, kind, day, hour), 0, length_ms)


def half_hour_of(since_ms: int) -> int:
    """Return the bit of a user's day that stands for this many milliseconds after the day began."""
    return min(since_ms // HALF_HOUR_MS, LAST_HALF_HOUR)


def _add(sums_by_key: dict[Key, list[int]], key: Key, events: int, total: int) -> None:
    sums = sums_by_key.setdefault(key, [0, 0])
    sums[0] += events
    sums[1] += total
