"""The days of a guild: from midnight to midnight in its timezone, also when the timezone changes.

Days are numbered as Python's `date.toordinal` does. A change of the timezone holds from its time on, and no day comes back:
who moves westwards stays on the same day until the new local date has caught up. So each day is one stretch of time, and
what is removed or added up by days is the same however one looks at it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage.database import ReadTransaction, WriteTransaction
from storage.guilds import fetch_guild_timezone, upsert_guild_timezone
from storage.stretches import Stretch, Together

HOUR_MS = 3_600_000
_BEGINNING_MS = -(1 << 62)
_END_MS = 1 << 62

_FETCH_CHANGES = """
SELECT changed_at_ms, timezone_before FROM timezone_changes WHERE guild_id = ? ORDER BY changed_at_ms
"""
_FETCH_LAST_CHANGE = "SELECT MAX(changed_at_ms) FROM timezone_changes WHERE guild_id = ?"
_INSERT_CHANGE = """
INSERT INTO timezone_changes (guild_id, changed_at_ms, timezone_before) VALUES (?, ?, ?)
ON CONFLICT (guild_id, changed_at_ms) DO NOTHING
"""
_DELETE_CHANGES = "DELETE FROM timezone_changes WHERE guild_id = ? AND changed_at_ms < ?"


class ServerDays:
    """Tells the day of a time; remembers the last one, as times mostly lie on the same."""

    __slots__ = ("_since_ms", "_spans", "_starts_ms", "day", "end_ms", "start_ms", "timezone")

    def __init__(self, timezone: str, changes: Sequence[tuple[int, str]] = ()) -> None:
        """`timezone` is the present one, `changes` are (time, timezone until then), the earliest first."""
        self.timezone = timezone
        names = [before for _at_ms, before in changes] + [timezone]
        self._since_ms = [_BEGINNING_MS, *(at_ms for at_ms, _before in changes)]
        # Per span: its zone, and the day that it cannot fall behind.
        self._spans: list[tuple[ZoneInfo, int]] = []
        least_day = 0
        for since_ms, name in zip(self._since_ms, names, strict=True):
            if self._spans:
                zone, earlier_least = self._spans[-1]
                least_day = max(earlier_least, _local_day(since_ms - 1, zone))
            self._spans.append((_zone(name), least_day))
        self._starts_ms: dict[int, int] = {}
        self.day, self.start_ms, self.end_ms = 0, 0, 0

    def day_of(self, at_ms: int) -> int:
        """Return the day of this time; `day`, `start_ms` and `end_ms` then are that day's."""
        if not self.start_ms <= at_ms < self.end_ms:
            zone, least_day = self._spans[bisect_right(self._since_ms, at_ms) - 1]
            self.day = max(_local_day(at_ms, zone), least_day)
            self.start_ms = self.start_of(self.day)
            self.end_ms = self.start_of(self.day + 1)
        return self.day

    def start_of(self, day: int) -> int:
        """Return when the day begins, UTC epoch milliseconds; the end of a day is the beginning of the next."""
        start_ms = self._starts_ms.get(day)
        if start_ms is None:
            start_ms = self._starts_ms[day] = self._work_out_start(day)
        return start_ms

    def zone_at(self, at_ms: int) -> ZoneInfo:
        """Return the timezone that is in force at this time."""
        return self._spans[bisect_right(self._since_ms, at_ms) - 1][0]

    def hours_of(self, began_at_ms: int, ended_at_ms: int) -> list[tuple[int, int, int]]:
        """Return (day, hour of the day, milliseconds) for each hour that a stretch of time touches."""
        pieces = []
        at_ms = began_at_ms
        while at_ms < ended_at_ms:
            day = self.day_of(at_ms)
            hour = (at_ms - self.start_ms) // HOUR_MS
            until_ms = min(self.start_ms + (hour + 1) * HOUR_MS, self.end_ms, ended_at_ms)
            pieces.append((day, hour, until_ms - at_ms))
            at_ms = until_ms
        return pieces

    def days_of(self, began_at_ms: int, ended_at_ms: int) -> list[tuple[int, int]]:
        """Return (day, milliseconds) for each day that a stretch of time touches."""
        pieces = []
        at_ms = began_at_ms
        while at_ms < ended_at_ms:
            day = self.day_of(at_ms)
            until_ms = min(self.end_ms, ended_at_ms)
            pieces.append((day, until_ms - at_ms))
            at_ms = until_ms
        return pieces

    def add_up_hours(self, stretches: Iterable[Stretch]) -> dict[tuple[int, int], int]:
        """Return what stretches of time last together by (day, hour of the day), in milliseconds; empty hours are missing."""
        together = Together(stretches)
        pieces = self.hours_of(together.began_at_ms, together.ended_at_ms)
        lengths_ms = together.cut([piece[2] for piece in pieces])
        return {
            piece[:2]: length_ms for piece, length_ms in zip(pieces, lengths_ms, strict=True) if length_ms
        }

    def add_up_days(self, stretches: Iterable[Stretch]) -> dict[int, int]:
        """Return what stretches of time last together by day, in milliseconds; empty days are missing."""
        together = Together(stretches)
        pieces = self.days_of(together.began_at_ms, together.ended_at_ms)
        lengths_ms = together.cut([piece[1] for piece in pieces])
        return {piece[0]: length_ms for piece, length_ms in zip(pieces, lengths_ms, strict=True) if length_ms}

    def _work_out_start(self, day: int) -> int:
        local = date.fromordinal(day)
        for (since_ms, (zone, least_day)), until_ms in zip(
            zip(self._since_ms, self._spans, strict=True), [*self._since_ms[1:], _END_MS], strict=True
        ):
            begins_ms = since_ms
            if least_day < day:
                midnight = datetime(local.year, local.month, local.day, tzinfo=zone)
                begins_ms = max(since_ms, round(midnight.timestamp() * 1000))
            if begins_ms < until_ms:
                return begins_ms
        raise AssertionError("the last span has no end")


def _zone(name: str) -> ZoneInfo:
    """Return the timezone; UTC for one that the machine's data does not know any more: nobody's records wait for that."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _local_day(at_ms: int, zone: ZoneInfo) -> int:
    return datetime.fromtimestamp(at_ms / 1000, zone).toordinal()


async def fetch_server_days(rx: ReadTransaction, guild_id: int) -> ServerDays:
    """Return the days of a guild."""
    changes = await rx.fetch_all(_FETCH_CHANGES, (guild_id,))
    return ServerDays(await fetch_guild_timezone(rx, guild_id), changes)


async def update_timezone(tx: WriteTransaction, guild_id: int, timezone: str, changed_at_ms: int) -> None:
    """Let another timezone, an IANA name, hold from this time on."""
    before = await fetch_guild_timezone(tx, guild_id)
    if before != timezone:
        # Changes stay in their order although the clock may have gone back between them.
        last = await tx.fetch_one(_FETCH_LAST_CHANGE, (guild_id,))
        if last is not None and last[0] is not None:
            changed_at_ms = max(changed_at_ms, last[0] + 1)
        await tx.execute(_INSERT_CHANGE, (guild_id, changed_at_ms, before))
        await upsert_guild_timezone(tx, guild_id, timezone)


async def delete_timezone_changes_before(tx: WriteTransaction, guild_id: int, cutoff_ms: int) -> int:
    """Forget changes that lie before everything that is on record."""
    return await tx.execute(_DELETE_CHANGES, (guild_id, cutoff_ms))
