"""The rhythm of a small server: when people write, meet and sleep. Pure; chance is given."""

import math
from datetime import date
from random import Random
from typing import Final

HOUR_MS: Final = 3_600_000
MESSAGES_A_DAY: Final = 190
WAKING_HOUR: Final = 8
FRIDAY: Final = 4

_WEEKDAYS: Final = (0.8, 0.85, 0.8, 0.95, 1.2, 1.4, 1.25)
"""How lively a Monday, a Tuesday … is."""
_GROWTH: Final = (0.8, 1.15)
_QUIET_LEAST: Final = 0.35
_TALK_PEAKS: Final = ((12.5, 1.2, 0.15), (17.5, 2.0, 0.25), (20.8, 1.7, 0.6))
"""The hour, how wide the peak is, and its share."""


def liveliness_of(day: date, progress: float, chance: Random) -> float:
    """Return how lively a day is; around 1. `progress` goes from 0 on the first day to 1 on the last."""
    low, high = _GROWTH
    trend = low + (high - low) * progress
    return max(_QUIET_LEAST, _WEEKDAYS[day.weekday()] * trend * chance.gauss(1, 0.14))


def hour_of_talk(chance: Random) -> float:
    """Draw the hour of a message; past 24 it is after midnight."""
    hour, width, _share = chance.choices(_TALK_PEAKS, [share for *_, share in _TALK_PEAKS])[0]
    return min(max(chance.gauss(hour, width), 6.5), 25.5)


def hour_of_meeting(chance: Random) -> float:
    """Draw the hour at which people begin to meet in the evening."""
    return min(max(chance.gauss(20.2, 1.1), 16), 23)


def rounds_in_voice(day: date, liveliness: float, chance: Random) -> int:
    """Draw how many rounds come together in voice; at weekends more."""
    is_weekend = day.weekday() >= FRIDAY
    least = 1 if is_weekend else 0
    return least + (chance.random() < liveliness) + (is_weekend and chance.random() < 0.6)


def online_share(hour: float) -> float:
    """Return which part of the members is online at an hour of the day: least at five, most at nine in the evening."""
    evening = math.exp(-(((hour - 20.5) / 3.2) ** 2))
    daytime = math.exp(-(((hour - 14.5) / 4.0) ** 2))
    late = math.exp(-(((hour + 3.5) / 2.6) ** 2))
    return 0.06 + 0.24 * evening + 0.13 * daytime + 0.12 * late


def presence_at(hour: float, members: int, chance: Random) -> tuple[int, int]:
    """Draw how many members are online (or idle), and how many are busy, at an hour of the day."""
    awake = online_share(hour) * members * chance.gauss(1, 0.05)
    busy = awake * chance.uniform(0.1, 0.16)
    return max(0, round(awake - busy)), max(0, round(busy))
