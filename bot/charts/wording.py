"""How values are written on a chart, in the language of the context, and which values of an axis get a label."""

import math
from typing import Final

from bot.charts.specs import Quantity
from bot.text.language import N_, _
from bot.text.numbers import format_number, in_language

INTERVALS_MOST: Final = 5

_ABBREVIATED_FROM: Final = 10_000
_ABBREVIATIONS: Final = (
    (1_000, N_("{count}k")),
    (1_000_000, N_("{count}M")),
    (1_000_000_000, N_("{count}B")),
)
_HOURS: Final = N_("{count} h")
_MINUTES: Final = N_("{count} min")
_SECONDS: Final = N_("{count} s")
_MILLISECONDS: Final = N_("{count} ms")
_MINUTE: Final = 60
_HOUR: Final = 3600
_WHOLE_HOURS_FROM: Final = 100 * _HOUR
_ONE_TWO_FIVE: Final = (1, 2, 5)
_MINUTE_STEPS: Final = tuple(count * _MINUTE for count in (1, 2, 5, 10, 15, 20, 30))
_HOUR_STEPS: Final = tuple(count * _HOUR for count in (1, 2, 3, 4, 6, 8, 12))
_PADDING: Final = 0.15


def format_value(value: float, quantity: Quantity) -> str:
    """Return the value as short as it can be read: `12.4k`, `3 h 20 min`."""
    return format_seconds(value) if quantity is Quantity.SECONDS else format_count(value)


def format_count(value: float) -> str:
    """Return at most four digits: `950`, `9,876`, `12.4k`, `1.24M`; beyond 999 billion there are more."""
    if round(abs(value)) < _ABBREVIATED_FROM:
        return format_number(value)
    size, abbreviation = next(
        # 999,600 is a million and not 1,000k.
        ((size, abbreviation) for size, abbreviation in _ABBREVIATIONS if abs(value) / size < 999.5),
        _ABBREVIATIONS[-1],
    )
    return _(abbreviation, count=_three_digits(value / size))


def _three_digits(value: float) -> str:
    decimals = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    text = f"{value:,.{decimals}f}"
    return in_language(text.rstrip("0").rstrip(".") if decimals else text)


def format_seconds(seconds: float) -> str:
    """Return a duration in at most two units: `350 ms`, `3.5 s`, `4 min 10 s`, `3 h 20 min`, `1,234 h`."""
    if 0 < seconds < 0.9995:
        return _(_MILLISECONDS, count=math.ceil(seconds * 1000 - 0.5) or 1)
    if seconds < 9.95:
        return _(_SECONDS, count=format_number(seconds))
    whole = round(seconds)
    if whole < _MINUTE:
        return _(_SECONDS, count=whole)
    if whole < 10 * _MINUTE and whole % _MINUTE:
        return _("{minutes} min {seconds} s", minutes=whole // _MINUTE, seconds=whole % _MINUTE)
    minutes = round(seconds / _MINUTE)
    if minutes < _MINUTE:
        return _(_MINUTES, count=minutes)
    if seconds < _WHOLE_HOURS_FROM and minutes % 60:
        return _("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
    # Minutes that are rounded already would round up what is below the half.
    hours = round(seconds / _HOUR)
    return _(_HOURS, count=format_count(hours))


def value_ticks(lowest: float, highest: float, quantity: Quantity, *, from_zero: bool) -> tuple[float, ...]:
    """Return the values that get a label, rising in even steps; the first and the last enclose all values.

    Unless `from_zero`, they begin a little below the lowest value, though never below 0.
    """
    if from_zero:
        lowest = 0.0
        highest = highest if highest > 0 else 1.0
    else:
        padding = (highest - lowest) * _PADDING or max(highest * 0.01, 1.0)
        lowest, highest = max(0.0, lowest - padding), highest + padding
    step = _step((highest - lowest) / INTERVALS_MOST, highest, quantity)
    first, last = math.floor(lowest / step), math.ceil(highest / step)
    return tuple(place * step for place in range(first, last + 1))


def _step(least: float, highest: float, quantity: Quantity) -> float:
    """Return the smallest step that people count in and that is not below `least`."""
    if quantity is Quantity.COUNT:
        # Nobody sends half a message.
        return max(1.0, _decimal_step(least))
    if highest <= 1.5 * _MINUTE:
        # What a label can tell apart: tenths of seconds, or milliseconds.
        return max(_decimal_step(least), 0.1 if highest > 0.9 else 0.001)
    steps = _MINUTE_STEPS if highest < 2 * _HOUR else _HOUR_STEPS
    return next((float(step) for step in steps if step >= least), _decimal_step(least / _HOUR) * _HOUR)


def _decimal_step(least: float) -> float:
    power = math.floor(math.log10(least)) if least > 0 else 0
    candidates = [digit * 10.0**exponent for exponent in (power, power + 1) for digit in _ONE_TWO_FIVE]
    return next(step for step in candidates if step >= least * (1 - 1e-9))


def format_axis(ticks: tuple[float, ...], quantity: Quantity) -> tuple[str, ...]:
    """Return the labels of an axis, all in one unit and each different from the others."""
    if quantity is Quantity.COUNT:
        return _distinct(ticks)
    step = ticks[1] - ticks[0]
    if step >= _HOUR:
        size, unit = float(_HOUR), _HOURS
    elif step >= _MINUTE:
        size, unit = float(_MINUTE), _MINUTES
    else:
        size, unit = (1.0, _SECONDS) if ticks[-1] >= 1 else (0.001, _MILLISECONDS)
    return tuple(_(unit, count=text) for text in _distinct(tuple(tick / size for tick in ticks)))


def _distinct(values: tuple[float, ...]) -> tuple[str, ...]:
    """Return short texts where these are exact, else all digits."""
    step, highest = values[1] - values[0], values[-1]
    if highest < _ABBREVIATED_FROM or step >= 10 ** (math.floor(math.log10(highest)) - 2):
        return tuple(format_count(value) for value in values)
    return tuple(in_language(f"{value:,.0f}") for value in values)
