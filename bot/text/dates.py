"""Times as people read them: dd-mm-yyyy HH:MM:SS in the timezone of the server, in every language."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import babel.dates

from bot.errors import UnprocessableEntityError
from bot.text.language import Language, _, current_language

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def timezone_named(name: str) -> ZoneInfo:
    """Return the timezone with this IANA name; raises UnprocessableEntityError when there is none."""
    try:
        return ZoneInfo(name)
    # A name such as `../x` is a ValueError, a folder such as `Europe` an OSError.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnprocessableEntityError(
            _("`{name}` is not a timezone; use an IANA name such as `Europe/Amsterdam`.", name=name)
        ) from None


def format_date(at_ms: int, timezone: tzinfo) -> str:
    """Return dd-mm-yyyy."""
    return f"{_local(at_ms, timezone):%d-%m-%Y}"


def format_time(at_ms: int, timezone: tzinfo) -> str:
    """Return HH:MM:SS."""
    return f"{_local(at_ms, timezone):%H:%M:%S}"


def format_datetime(at_ms: int, timezone: tzinfo) -> str:
    """Return dd-mm-yyyy HH:MM:SS."""
    return f"{_local(at_ms, timezone):%d-%m-%Y %H:%M:%S}"


def format_iso(at_ms: int, timezone: tzinfo) -> str:
    """Return ISO 8601 with the offset from UTC, to the second."""
    return _local(at_ms, timezone).isoformat(timespec="seconds")


def format_duration(seconds: int) -> str:
    """Return H:MM:SS; hours are not bounded by a day."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def weekday_text(day: datetime) -> str:
    """Return the short name of the day of the week in the language of the context: `Thu`, `do`, `Do.`."""
    return babel.dates.format_date(day, "EEE", locale=current_language().locale)


def day_and_month(day: datetime) -> str:
    """Return the day and the short name of the month in the language of the context: `12 Nov`, `12. Nov.`."""
    language = current_language()
    if language is Language.ENGLISH:
        # The language has two orders; this is the one of the dates in digits.
        return babel.dates.format_date(day, "d MMM", locale=language.locale)
    return babel.dates.format_skeleton("MMMd", day, locale=language.locale)


def _local(at_ms: int, timezone: tzinfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(timezone)
