"""What a record can hold."""

import math
from typing import Final

from storage.statistics.catalogue import Kind
from storage.statistics.changes import EventRecorded
from storage.statistics.record_ids import EPOCH_MS

TEXT_LENGTH: Final = 100
LONGEST_SECONDS: Final = 10 * 366 * 86_400
LATEST_MS: Final = EPOCH_MS + (1 << 41) - 1
"""As late as an id can tell, in 2084."""


def make_event(
    kind: Kind,
    guild_id: int,
    record_id: int,
    user_id: int | None,
    channel_id: int | None,
    text: str | None,
    duration_seconds: float | None,
) -> EventRecorded:
    """Return the event as records of its kind hold it: without what they do not."""
    return EventRecorded(
        guild_id,
        kind.number,
        record_id,
        user_id if kind.keeps_user else None,
        channel_id if kind.has_channel else None,
        text=storable_text(text) if text is not None and kind.keeps_text else None,
        duration_us=None if duration_seconds is None else round(duration_seconds * 1_000_000),
    )


def check_values(
    user_id: int | None, channel_id: int | None, duration_seconds: float | None, at_ms: int
) -> None:
    """Raise ValueError, with the name of the argument, for what no record can hold."""
    for name, snowflake in (("user_id", user_id), ("channel_id", channel_id)):
        if snowflake is not None and not 0 < snowflake < 1 << 63:
            raise ValueError(f"{name} is no Discord id: {snowflake}")
    if duration_seconds is not None and not (
        math.isfinite(duration_seconds) and 0 <= duration_seconds <= LONGEST_SECONDS
    ):
        raise ValueError(f"duration_seconds must lie between 0 and {LONGEST_SECONDS}, not {duration_seconds}")
    if not EPOCH_MS <= at_ms <= LATEST_MS:
        raise ValueError(f"at_ms must be UTC epoch milliseconds from 2015 on, not {at_ms}")


def storable_text(text: str) -> str:
    """Return the text, cut, and without the halves of characters that no database takes."""
    return text[:TEXT_LENGTH].encode("utf-8", "replace").decode()
