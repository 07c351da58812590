"""Times as people read them: dd-mm-yyyy HH:MM:SS in the timezone of the server."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import UnprocessableEntityError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def timezone_named(name: str) -> ZoneInfo:
    """Return the timezone with this IANA name; raises UnprocessableEntityError when there is none."""
    try:
        return ZoneInfo(name)
    # A name such as `../x` is a ValueError, a folder such as `Europe` an OSError.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnprocessableEntityError(
            f"`{name}` is not a timezone; use an IANA name such as `Europe/Amsterdam`."
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


def _local(at_ms: int, timezone: tzinfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(timezone)
