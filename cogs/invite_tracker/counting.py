"""The window of joins that an inviter's counts are about."""

from typing import Final

DAY_MS: Final = 86_400_000

STATISTICS_DAYS: Final = 31
"""However long the operator keeps joins, statistics of inviters look back no further."""


def counted_since_ms(now_ms: int, days: int = STATISTICS_DAYS) -> int:
    """Return the moment from which on joins count, so many days back."""
    return now_ms - days * DAY_MS
