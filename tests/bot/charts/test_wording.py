"""How values are written, and which values an axis shows."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.charts.specs import Quantity
from bot.charts.wording import (
    INTERVALS_MOST,
    format_axis,
    format_count,
    format_seconds,
    format_value,
    value_ticks,
)

SIZES = {"": 1, "k": 1e3, "M": 1e6, "B": 1e9}
SECONDS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600}

quantities = st.sampled_from(Quantity)
counts = st.floats(0, 1e12)


def count_read(text: str) -> float:
    match = re.fullmatch(r"([\d,]+(?:\.\d+)?)([kMB]?)", text)
    assert match, text
    return float(match[1].replace(",", "")) * SIZES[match[2]]


def seconds_read(text: str) -> float:
    parts = re.findall(r"([\d,.]+[kMB]?) (ms|s|min|h)(?: |$)", text)
    assert " ".join(f"{number} {unit}" for number, unit in parts) == text
    return sum(count_read(number) * SECONDS[unit] for number, unit in parts)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7, "7"),
        (2.5, "2.5"),
        (99.96, "100"),
        (950, "950"),
        (9_876, "9,876"),
        (9_999.6, "10k"),
        (12_400, "12.4k"),
        (124_000, "124k"),
        (999_600, "1M"),
        (1_240_000, "1.24M"),
        (3e9, "3B"),
        (2e12, "2,000B"),
    ],
)
def test_large_numbers_are_abbreviated(value: float, text: str) -> None:
    assert format_count(value) == text


@given(counts)
@example(9_999.5)
@example(999_499.9)
def test_a_number_reads_as_what_it_is_within_half_a_percent(value: float) -> None:
    assert count_read(format_count(value)) == pytest.approx(value, rel=0.0051, abs=0.0501)
    assert len(format_count(value)) <= 6 or value >= 999.5e9


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0001, "1 ms"),
        (0.35, "350 ms"),
        (0.9999, "1 s"),
        (3.5, "3.5 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (250, "4 min 10 s"),
        (599.7, "10 min"),
        (3_590, "1 h"),
        (12_000, "3 h 20 min"),
        (7_200, "2 h"),
        (360_000, "100 h"),
        (4_442_400, "1,234 h"),
    ],
)
def test_durations_read_in_at_most_two_units(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == format_value(seconds, Quantity.SECONDS) == text


@given(st.floats(0.001, 1e9))
def test_a_duration_reads_as_what_it_is(seconds: float) -> None:
    assert seconds_read(format_seconds(seconds)) == pytest.approx(seconds, rel=0.051, abs=0.00051)


@given(counts, quantities)
@example(0.0, Quantity.SECONDS)
@example(0.004, Quantity.SECONDS)
def test_an_axis_of_amounts_begins_at_zero_and_ends_above_the_highest(
    highest: float, quantity: Quantity
) -> None:
    ticks = value_ticks(highest / 2, highest, quantity, from_zero=True)
    assert ticks[0] == 0
    assert ticks[-1] >= highest * (1 - 1e-9)
    assert 2 <= len(ticks) <= INTERVALS_MOST + 2


@given(counts, counts, quantities)
@example(12_300.0, 12_300.0, Quantity.COUNT)
def test_an_axis_of_a_gauge_encloses_its_values_with_room_and_never_goes_below_zero(
    one: float, other: float, quantity: Quantity
) -> None:
    lowest, highest = sorted((one, other))
    ticks = value_ticks(lowest, highest, quantity, from_zero=False)
    assert 0 <= ticks[0] <= lowest
    assert ticks[-1] >= highest
    assert 2 <= len(ticks) <= INTERVALS_MOST + 3


def test_an_axis_of_a_gauge_begins_near_its_values() -> None:
    assert value_ticks(12_300, 12_540, Quantity.COUNT, from_zero=False) == (
        12_200,
        12_300,
        12_400,
        12_500,
        12_600,
    )


@given(counts, counts, quantities, st.booleans())
@example(10_150.0, 10_400.0, Quantity.COUNT, False)
def test_the_labels_of_an_axis_read_as_exactly_their_values(
    one: float, other: float, quantity: Quantity, from_zero: bool
) -> None:
    lowest, highest = sorted((one, other))
    ticks = value_ticks(lowest, highest, quantity, from_zero=from_zero)
    labels = format_axis(ticks, quantity)
    read = seconds_read if quantity is Quantity.SECONDS else count_read
    assert [read(label) for label in labels] == pytest.approx(ticks)
    assert len(set(labels)) == len(ticks)


@given(counts)
def test_an_axis_of_counts_has_whole_numbers_in_even_steps(highest: float) -> None:
    ticks = value_ticks(0, highest, Quantity.COUNT, from_zero=True)
    steps = {round(later - earlier) for earlier, later in pairwise(ticks)}
    assert len(steps) == 1
    assert all(tick == int(tick) for tick in ticks)


@pytest.mark.parametrize(
    ("highest", "labels"),
    [
        (0.3, ("0 ms", "100 ms", "200 ms", "300 ms")),
        (45, ("0 s", "10 s", "20 s", "30 s", "40 s", "50 s")),
        (5 * 60, ("0 min", "1 min", "2 min", "3 min", "4 min", "5 min")),
        (100 * 60, ("0 min", "20 min", "40 min", "60 min", "80 min", "100 min")),
        (7 * 3600, ("0 h", "2 h", "4 h", "6 h", "8 h")),
        (70 * 3600, ("0 h", "20 h", "40 h", "60 h", "80 h")),
    ],
)
def test_an_axis_of_durations_counts_as_clocks_do(highest: float, labels: tuple[str, ...]) -> None:
    ticks = value_ticks(0, highest, Quantity.SECONDS, from_zero=True)
    assert format_axis(ticks, Quantity.SECONDS) == labels
