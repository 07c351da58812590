"""The stretch of time that is asked about: whole server days including today, cut into buckets. Pure."""

from dataclasses import dataclass
from typing import Final

from storage.server_days import HOUR_MS, ServerDays

HOURLY_DAYS_MOST: Final = 2
"""Up to so many days are shown hour by hour."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A day or an hour; times are UTC epoch milliseconds, `hour` counts from the beginning of the day."""

    day: int
    hour: int | None
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Period:
    """Whole server days up to today, and those before that they are compared with."""

    day_count: int
    first_day: int
    last_day: int
    now_ms: int
    timezone: str
    """IANA name of the timezone of the last day."""
    buckets: tuple[Bucket, ...]
    before_start_ms: int
    """When the period before begins, which has as many days."""
    whole_hours: int
    """How many hours of the last day are over: the same of the period before are compared with them."""

    @property
    def first_day_before(self) -> int:
        """The first day of the period before."""
        return self.first_day - self.day_count

    @property
    def last_day_before(self) -> int:
        """The last day of the period before."""
        return self.first_day - 1

    @property
    def is_hourly(self) -> bool:
        """Whether the buckets are hours."""
        return self.day_count <= HOURLY_DAYS_MOST

    @property
    def start_ms(self) -> int:
        """When it begins, UTC epoch milliseconds."""
        return self.buckets[0].start_ms

    @property
    def end_ms(self) -> int:
        """When its last day ends, UTC epoch milliseconds."""
        return self.buckets[-1].end_ms


def period_of(days: ServerDays, day_count: int, now_ms: int) -> Period:
    """Return the last `day_count` days, of which today is one."""
    last_day = days.day_of(now_ms)
    first_day = last_day - day_count + 1
    buckets: list[Bucket] = []
    for day in range(first_day, last_day + 1):
        start_ms, end_ms = days.start_of(day), days.start_of(day + 1)
        # A move eastwards over the date line can leave a day without any time.
        if start_ms >= end_ms:
            continue
        if day_count > HOURLY_DAYS_MOST:
            buckets.append(Bucket(day, None, start_ms, end_ms))
            continue
        buckets += [
            Bucket(day, hour, hour_ms, min(hour_ms + HOUR_MS, end_ms))
            for hour, hour_ms in enumerate(range(start_ms, end_ms, HOUR_MS))
        ]
    return Period(
        day_count=day_count,
        first_day=first_day,
        last_day=last_day,
        now_ms=now_ms,
        timezone=days.timezone,
        buckets=tuple(buckets),
        before_start_ms=days.start_of(first_day - day_count),
        whole_hours=(now_ms - days.start_of(last_day)) // HOUR_MS,
    )
