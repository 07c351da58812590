"""Which moments of a time axis get a label: hours or days of the server's timezone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from bot.text.dates import day_and_month

HOURS_UP_TO_MS: Final = 50 * 3_600_000
"""Two days, of which one may have 25 hours, are still told in hours; a little more is no reason to change."""
LABELS_MOST: Final = 7

_DAY_BUCKET_FROM_MS: Final = 20 * 3_600_000
_HOUR_STEPS: Final = (1, 2, 3, 4, 6, 8, 12, 24)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TimeLabel:
    """A moment (UTC epoch milliseconds) on the axis and what is written below it."""

    at_ms: float
    text: str


def time_labels(starts_ms: tuple[int, ...], end_ms: int, timezone: ZoneInfo) -> tuple[TimeLabel, ...]:
    """Return at most `LABELS_MOST` labels of evenly chosen local hours or days, the last day among them.

    A bucket of a day has its label in the middle, any other moment where it is.
    """
    longest_ms = max(later - earlier for earlier, later in pairwise((*starts_ms, end_ms)))
    if longest_ms >= _DAY_BUCKET_FROM_MS:
        middles = [
            TimeLabel((start_ms + stop_ms) / 2, day_and_month(local_time(start_ms, timezone)))
            for start_ms, stop_ms in pairwise((*starts_ms, end_ms))
        ]
        return _thinned(middles)
    if end_ms - starts_ms[0] > HOURS_UP_TO_MS:
        return _thinned(_midnights(starts_ms, timezone))
    return _hours(starts_ms, timezone)


def local_time(at_ms: int, timezone: ZoneInfo) -> datetime:
    """Return the wall clock's time of this moment in the timezone."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(timezone)


def _thinned(labels: list[TimeLabel]) -> tuple[TimeLabel, ...]:
    """Keep every n-th label, counted back from the last, which is the day that people look for first."""
    every = -(-len(labels) // LABELS_MOST)
    return tuple(labels[::-1][:: max(every, 1)][::-1])


def _midnights(starts_ms: tuple[int, ...], timezone: ZoneInfo) -> list[TimeLabel]:
    """Return the first bucket of each local day; a day that has begun before the axis has none."""
    labels = []
    for earlier_ms, start_ms in pairwise((starts_ms[0] - 1, *starts_ms)):
        day = local_time(start_ms, timezone)
        if day.date() != local_time(earlier_ms, timezone).date():
            labels.append(TimeLabel(start_ms, day_and_month(day)))
    return labels


def _hours(starts_ms: tuple[int, ...], timezone: ZoneInfo) -> tuple[TimeLabel, ...]:
    """Return the first bucket of every n-th hour of the wall clock; the first of a day is named by the day."""
    clocks = [
        (start_ms, clock)
        for earlier_ms, start_ms in pairwise((starts_ms[0] - 1, *starts_ms))
        # So the hour that summer time repeats is written once.
        if (clock := local_time(start_ms, timezone)).hour != local_time(earlier_ms, timezone).hour
    ] or [(starts_ms[0], local_time(starts_ms[0], timezone))]
    chosen = clocks
    for step in _HOUR_STEPS:
        if len(chosen) <= LABELS_MOST:
            break
        chosen = [(start_ms, clock) for start_ms, clock in clocks if clock.hour % step == 0]
    return tuple(
        TimeLabel(start_ms, f"{clock:%H:%M}" if clock.hour else day_and_month(clock))
        for start_ms, clock in chosen
    )
