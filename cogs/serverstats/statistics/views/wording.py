"""How figures read, in short sentences; days and hours are those of the server's timezone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.charts.wording import format_seconds
from bot.text.amounts import counted
from bot.text.dates import format_date, weekday_text
from bot.text.escape import escape_markdown, tame_name
from bot.text.language import N_, Language, _, current_language, ngettext
from bot.text.numbers import format_number, format_percent
from cogs.serverstats.statistics.views.figures import Figures, Gap, Peak
from cogs.serverstats.statistics.views.periods import Period
from storage.statistics.catalogue import Aggregate, Kind

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ACTIVITY_WORDS: Final = {
    1: N_("{name} (streaming)"),
    2: N_("{name} (listening)"),
    3: N_("{name} (watching)"),
    5: N_("{name} (competing)"),
}
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
    return counted(kind.unit, value)


def title_within(kind: Kind) -> str:
    """Return the kind's title as it stands within a sentence or a legend."""
    return lowered(_(kind.title))


def lowered(title: str) -> str:
    """Return a title in small letters, where the language does not write nouns with a capital."""
    return title if current_language() is Language.GERMAN else title.lower()


def period_words(period: Period) -> str:
    """Return "today" or "in the last 7 days"."""
    if period.day_count == 1:
        return _("today")
    return ngettext("in the last {count} day", "in the last {count} days", period.day_count)


def period_title(period: Period) -> str:
    """Return "Today" or "Last 7 days"."""
    if period.day_count == 1:
        return _("Today")
    return ngettext("Last {count} day", "Last {count} days", period.day_count)


def against_words(period: Period) -> str:
    """Return what a change is a change from; of both, only what lay before the same hour counts."""
    if period.day_count == 1:
        return _("against yesterday, up to the same hour")
    return ngettext(
        "against the {count} day before, up to the same hour",
        "against the {count} days before, up to the same hour",
        period.day_count,
    )


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
        return _("No comparison: there are records only since {date}.", date=since)
    if period.day_count == 1:
        if period.whole_hours == 0:
            return _("No comparison yet: the day has just begun.")
        return _("No comparison: there was nothing yesterday, up to the same hour.")
    return ngettext(
        "No comparison: there was nothing in the {count} day before, up to the same hour.",
        "No comparison: there was nothing in the {count} days before, up to the same hour.",
        period.day_count,
    )


def bucket_words(peak: Peak, timezone: str) -> str:
    """Return the day, or day and hour, of a peak: `Thu 19-11-2026, 20:00–21:00`."""
    zone = ZoneInfo(timezone)
    bucket = peak.bucket
    day = _local(bucket.start_ms, zone)
    words = f"{weekday_text(day)} {day:%d-%m-%Y}"
    if bucket.hour is None:
        return words
    return f"{words}, {day:%H:%M}–{_local(bucket.end_ms, zone):%H:%M}"


def missing_words(gaps: Sequence[Gap], lost_records: int = 0) -> str:
    """Return how long nobody was there to record, and how much was lost; nothing when all is on record."""
    parts = []
    if gaps:
        seconds = sum(ended - begun for begun, ended in gaps) / 1000
        parts.append(_("{duration} without data", duration=format_seconds(seconds)))
    if lost_records:
        parts.append(_("{records} lost", records=counted("records", lost_records)))
    return " · ".join(parts)


def activity_name(name: str, activity_type: int | None) -> str:
    """Return the name of an activity, with what is done when it is not played."""
    words = _ACTIVITY_WORDS.get(activity_type) if activity_type is not None else None
    return _(words, name=name) if words else name


def _local(at_ms: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone)
