"""When a channel may be renamed.

Discord lets a channel's name change twice in ten minutes and announces this limit nowhere; a third change is refused for
almost the whole time. At one change in six minutes no window of ten minutes ever holds three of ours.
"""

from collections.abc import Iterable
from typing import Final

from storage.counters import Counter

RENAME_DISTANCE_MS: Final = 6 * 60_000
RENAMES_PER_WINDOW: Final = 2
WINDOW_MS: Final = 10 * 60_000 + 5_000
"""A little longer than Discord's own: the change and the news of it are not of the same moment."""


def rename_from_ms(counter: Counter, seen_ms: Iterable[int] = ()) -> int:
    """Return from when the channel of a counter may be renamed, 0 when it may be at any time.

    `seen_ms` are the times at which its name was seen to change, by whomever.
    """
    after_last = 0 if counter.renamed_at_ms is None else counter.renamed_at_ms + RENAME_DISTANCE_MS
    latest = sorted(seen_ms)[-RENAMES_PER_WINDOW:]
    after_others = latest[0] + WINDOW_MS if len(latest) == RENAMES_PER_WINDOW else 0
    return max(after_last, after_others, counter.blocked_until_ms or 0)


def is_rename_due(
    counter: Counter, present_name: str, wanted_name: str, now_ms: int, seen_ms: Iterable[int] = ()
) -> bool:
    """Whether to rename now: only when the name differs, and not too soon after the last times."""
    return wanted_name != present_name and rename_from_ms(counter, seen_ms) <= now_ms


def turn_of(guild_id: int, now_ms: int, interval_ms: int) -> int:
    """Return the number of the turn that a guild is in: turns are one interval long and begin at another moment for each.

    So the guilds of a large bot do not all come at once.
    """
    # The high bits of an id are the time of creation; their remainder spreads the guilds evenly.
    phase_ms = (guild_id >> 22) % interval_ms
    return (now_ms - phase_ms) // interval_ms
