"""When a leaderboard is due, which days it is about, and what is to be done about it now. Pure.

Days and hours are those of the server's timezone. A leaderboard is known by the day on which it is due: whatever becomes of
the hour or the timezone, a day has one.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, StrEnum, auto
from typing import Final
from zoneinfo import ZoneInfo

from bot.text.language import N_
from storage.leaderboards import LeaderboardRecord, Posting

LATE_MOST_MS: Final = 24 * 3_600_000
"""Older news is no news: a leaderboard that could not be posted for so long is left out."""
HOUR_MOST: Final = 23
_MINUTE_MS: Final = 60_000
_PAUSE_MINUTES_MOST: Final = 60
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Schedule(StrEnum):
    """When leaderboards come."""

    OFF = "off"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    MONTHLY = "monthly"


SCHEDULE_NAMES: Final = {
    Schedule.OFF: N_("never"),
    Schedule.MONDAY: N_("every Monday"),
    Schedule.TUESDAY: N_("every Tuesday"),
    Schedule.WEDNESDAY: N_("every Wednesday"),
    Schedule.THURSDAY: N_("every Thursday"),
    Schedule.FRIDAY: N_("every Friday"),
    Schedule.SATURDAY: N_("every Saturday"),
    Schedule.SUNDAY: N_("every Sunday"),
    Schedule.MONTHLY: N_("the 1st of every month"),
}
"""What people read of them, marked with N_."""

_WEEKDAYS: Final = tuple(Schedule)[1:8]
"""Monday first, as Python counts them."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One leaderboard: the day that names it (as by `date.toordinal`), when it is due, and the time that it is about."""

    day: int
    due_at_ms: int
    start_ms: int
    end_ms: int
    """Exclusive: the midnight with which the day of the leaderboard begins."""


def edition_on(schedule: Schedule, hour: int, zone: ZoneInfo, day: int) -> Edition:
    """Return the leaderboard of a day: about the seven days before it, or the month before it."""
    due = date.fromordinal(day)
    is_monthly = schedule is Schedule.MONTHLY
    first = (due - timedelta(days=1)).replace(day=1) if is_monthly else due - timedelta(days=7)
    return Edition(day, _moment(due, hour, zone), _moment(first, 0, zone), _moment(due, 0, zone))


def last_edition(schedule: Schedule, hour: int, zone: ZoneInfo, now_ms: int) -> Edition:
    """Return the latest leaderboard that is due; `schedule` is not OFF."""
    # A clock that is turned back may put the hour of a day behind the midnight after it.
    day = _local_date(now_ms, zone) + timedelta(days=1)
    while True:
        if _is_day_of(schedule, day):
            edition = edition_on(schedule, hour, zone, day.toordinal())
            if edition.due_at_ms <= now_ms:
                return edition
        day -= timedelta(days=1)


def next_edition(schedule: Schedule, hour: int, zone: ZoneInfo, now_ms: int) -> Edition:
    """Return the first leaderboard that is due later than now; `schedule` is not OFF."""
    day = _local_date(now_ms, zone) - timedelta(days=1)
    while True:
        if _is_day_of(schedule, day):
            edition = edition_on(schedule, hour, zone, day.toordinal())
            if edition.due_at_ms > now_ms:
                return edition
        day += timedelta(days=1)


class Step(Enum):
    """What is to be done about the latest leaderboard that is due."""

    REST = auto()
    LEAVE_OUT = auto()
    POST = auto()


def next_step(record: LeaderboardRecord, edition: Edition, now_ms: int) -> Step:
    """Return what is to be done while none is under way."""
    if edition.day <= record.settled_day or edition.due_at_ms <= record.since_ms:
        return Step.REST
    return Step.LEAVE_OUT if is_too_late(edition.due_at_ms, now_ms) else Step.POST


def is_too_late(due_at_ms: int, now_ms: int) -> bool:
    """Whether a leaderboard that was due then is no news any more."""
    return now_ms - due_at_ms > LATE_MOST_MS


def may_try_again(posting: Posting, now_ms: int) -> bool:
    """Whether enough time has passed since the last try; the pauses double, from a minute to an hour."""
    pause_minutes = min(1 << (posting.tries - 1), _PAUSE_MINUTES_MOST)
    return now_ms - posting.tried_at_ms >= pause_minutes * _MINUTE_MS


def counted_since_ms(edition: Edition, now_ms: int, kept_ms: int) -> int:
    """Return from when on joins count: the beginning of the time it is about, or what is still kept of it.

    A month of 31 days ends hours before its leaderboard is due, so its first hours may be gone by then.
    """
    return max(edition.start_ms, now_ms - kept_ms)


def nonce_of(guild_id: int, day: int) -> str:
    """Return the nonce of a leaderboard, the same for every try.

    It has at most 25 characters (Discord documentation, Message Resource, Create Message).
    """
    return f"lb{guild_id:x}.{day:x}"


def _is_day_of(schedule: Schedule, day: date) -> bool:
    if schedule is Schedule.MONTHLY:
        return day.day == 1
    return schedule is _WEEKDAYS[day.weekday()]


def _local_date(at_ms: int, zone: ZoneInfo) -> date:
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone).date()


def _moment(day: date, hour: int, zone: ZoneInfo) -> int:
    """Return the hour of a day; one that summer time leaves out is the one after it, of one that comes twice the first."""
    moment = datetime.combine(day, time(hour), tzinfo=zone)
    return int(moment.timestamp()) * 1000
