"""How figures read, in short sentences; days and hours are those of the server's timezone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.charts.wording import format_seconds
from bot.text.dates import format_date
from bot.text.escape import escape_markdown, tame_name
from bot.text.numbers import format_number, format_percent, with_unit
from cogs.serverstats.statistics.views.figures import Figures, Gap, Peak
from cogs.serverstats.statistics.views.periods import Period
from storage.statistics.catalogue import Aggregate, Kind

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ACTIVITY_WORDS: Final = {1: "streaming", 2: "listening", 3: "watching", 5: "competing"}
"""Discord documentation, Gateway Events, Activity Types; to play needs no word."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose and where, by the names that may be shown; both None for the whole server."""

    user: str | None = None
    channel: str | None = None

    def title(self, words: str) -> str:
        """Return the title with the names as they are, for pictures."""
        return " · ".join([words, *self._names()])

    def escaped_title(self, words: str) -> str:
        """Return the title for an embed: the names have no effect there."""
        return " · ".join([words, *(escape_markdown(tame_name(name)) for name in self._names())])

    def _names(self) -> list[str]:
        return [name for name in (self.user, self.channel) if name is not None]


def amount(kind: Kind, value: float) -> str:
    """Return a value of this kind: a number, or a duration."""
    if kind.aggregate in {Aggregate.SECONDS, Aggregate.MEAN}:
        return format_seconds(value)
    return format_number(value)


def amount_with_unit(kind: Kind, value: float) -> str:
    """Return a value with what is counted: `12 messages`; durations name their unit anyway."""
    if kind.aggregate in {Aggregate.SECONDS, Aggregate.MEAN}:
        return format_seconds(value)
    return with_unit(value, kind.unit)


def period_words(period: Period) -> str:
    """Return "today" or "in the last 7 days"."""
    return "today" if period.day_count == 1 else f"in the last {period.day_count} days"


def period_title(period: Period) -> str:
    """Return "Today" or "Last 7 days"."""
    return "Today" if period.day_count == 1 else f"Last {period.day_count} days"


def before_words(period: Period) -> str:
    """Return what the period is compared with."""
    return "yesterday" if period.day_count == 1 else f"the {period.day_count} days before"


def against_words(period: Period) -> str:
    """Return what a change is a change from; of both, only what lay before the same hour counts."""
    return f"against {before_words(period)}, up to the same hour"


def change_words(figures: Figures) -> str:
    """Return "▲ +12%", or nothing when there is no comparison."""
    if figures.change is None:
        return ""
    percent = format_percent(figures.change)
    mark = "▬" if percent == "±0%" else "▲" if figures.change > 0 else "▼"
    return f"{mark} {percent}"


def change_line(figures: Figures, period: Period) -> str:
    """Return the comparison with the period before as a sentence, or why there is none."""
    if figures.change is not None:
        return f"{change_words(figures)} {against_words(period)}"
    since_ms = figures.recorded_since_ms
    if since_ms is None:
        return ""
    if since_ms > period.before_start_ms:
        since = format_date(since_ms, ZoneInfo(period.timezone))
        return f"No comparison: there are records only since {since}."
    if period.whole_hours == 0 and period.day_count == 1:
        return "No comparison yet: the day has just begun."
    return f"No comparison: there was nothing in {before_words(period)}, up to the same hour."


def bucket_words(peak: Peak, timezone: str) -> str:
    """Return the day, or day and hour, of a peak: `Thu 19-11-2026, 20:00–21:00`."""
    zone = ZoneInfo(timezone)
    bucket = peak.bucket
    day = _local(bucket.start_ms, zone)
    words = f"{day:%a %d-%m-%Y}"
    if bucket.hour is None:
        return words
    return f"{words}, {day:%H:%M}–{_local(bucket.end_ms, zone):%H:%M}"


def missing_words(gaps: Sequence[Gap], lost_records: int = 0) -> str:
    """Return how long nobody was there to record, and how much was lost; nothing when all is on record."""
    parts = []
    if gaps:
        seconds = sum(ended - begun for begun, ended in gaps) / 1000
        parts.append(f"{format_seconds(seconds)} without data")
    if lost_records:
        parts.append(f"{with_unit(lost_records, 'records')} lost")
    return " · ".join(parts)


def activity_name(name: str, activity_type: int | None) -> str:
    """Return the name of an activity, with what is done when it is not played."""
    word = _ACTIVITY_WORDS.get(activity_type) if activity_type is not None else None
    return f"{name} ({word})" if word else name


def _local(at_ms: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone)
