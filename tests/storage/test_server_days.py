"""Days of a guild: one after the other without a gap, through daylight saving and changes of the timezone."""

from collections import Counter
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.database import Database
from storage.server_days import (
    HOUR_MS,
    ServerDays,
    delete_timezone_changes_before,
    fetch_server_days,
    update_timezone,
)
from tests.storage.rows import GUILD

ZONES = (
    "UTC",
    "Europe/Amsterdam",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Asia/Beirut",
)
SOME_MS = 1_760_000_000_000
YEAR_MS = 366 * 24 * HOUR_MS

times = st.integers(SOME_MS - YEAR_MS, SOME_MS + YEAR_MS)
histories = st.lists(
    st.tuples(times, st.sampled_from(ZONES)), max_size=4, unique_by=lambda change: change[0]
).map(sorted)


def at(text: str, zone: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize("zone", ZONES)
@given(at_ms=times)
def test_without_a_change_a_day_is_the_local_date(zone: str, at_ms: int) -> None:
    local = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone))
    days = ServerDays(zone)
    assert days.day_of(at_ms) == local.toordinal()
    begin = datetime.fromtimestamp(days.start_ms / 1000, ZoneInfo(zone))
    assert begin.date() == local.date()
    # Beirut has no midnight on the day on which summer begins.
    assert begin.hour == 0 or zone == "Asia/Beirut"


@given(zone=st.sampled_from(ZONES), changes=histories, first_ms=times, second_ms=times)
def test_a_day_never_comes_back(
    zone: str, changes: list[tuple[int, str]], first_ms: int, second_ms: int
) -> None:
    days = ServerDays(zone, changes)
    earlier_ms, later_ms = sorted((first_ms, second_ms))
    assert days.day_of(earlier_ms) <= days.day_of(later_ms)


@given(zone=st.sampled_from(ZONES), changes=histories, at_ms=times)
def test_each_moment_lies_on_one_day_that_ends_where_the_next_begins(
    zone: str, changes: list[tuple[int, str]], at_ms: int
) -> None:
    days = ServerDays(zone, changes)
    day = days.day_of(at_ms)
    assert days.start_of(day) <= at_ms < days.start_of(day + 1)
    assert ServerDays(zone, changes).day_of(days.start_of(day)) == day
    assert ServerDays(zone, changes).day_of(days.start_of(day + 1) - 1) == day


@given(
    zone=st.sampled_from(ZONES), changes=histories, began_ms=times, hours=st.floats(0, 100, allow_nan=False)
)
def test_the_hours_of_a_stretch_of_time_add_up_to_it(
    zone: str, changes: list[tuple[int, str]], began_ms: int, hours: float
) -> None:
    days = ServerDays(zone, changes)
    length_ms = int(hours * HOUR_MS)
    pieces = days.hours_of(began_ms, began_ms + length_ms)
    assert sum(piece_ms for _day, _hour, piece_ms in pieces) == length_ms
    assert all(0 < piece_ms <= HOUR_MS for _day, _hour, piece_ms in pieces)
    assert [piece[:2] for piece in pieces] == sorted({piece[:2] for piece in pieces})


@given(
    zone=st.sampled_from(ZONES),
    changes=histories,
    stretches=st.lists(st.tuples(times, st.integers(-HOUR_MS, 300 * HOUR_MS)), max_size=5),
)
def test_many_stretches_add_up_to_the_hours_and_days_of_each(
    zone: str, changes: list[tuple[int, str]], stretches: list[tuple[int, int]]
) -> None:
    days = ServerDays(zone, changes)
    near_ms = min((began_ms for began_ms, _length_ms in stretches), default=0)
    both = [(near_ms + at_ms % (500 * HOUR_MS), length_ms) for at_ms, length_ms in stretches]
    lying = [(began_ms, began_ms + length_ms) for began_ms, length_ms in both]
    by_hour, by_day, by_days_of_each = Counter[tuple[int, int]](), Counter[int](), Counter[int]()
    for stretch in lying:
        for day, hour, length_ms in days.hours_of(*stretch):
            by_hour[day, hour] += length_ms
            by_day[day] += length_ms
        for day, length_ms in days.days_of(*stretch):
            by_days_of_each[day] += length_ms
    assert days.add_up_hours(lying) == by_hour
    assert days.add_up_days(lying) == by_days_of_each == by_day


def test_the_day_on_which_summer_ends_has_twenty_five_hours() -> None:
    days = ServerDays("Europe/Amsterdam")
    day = days.day_of(at("2025-10-26T12:00", "Europe/Amsterdam"))
    assert days.start_of(day + 1) - days.start_of(day) == 25 * HOUR_MS
    assert days.hours_of(days.start_of(day), days.start_of(day + 1))[-1] == (day, 24, HOUR_MS)


def test_who_moves_westwards_stays_on_the_same_day_until_the_date_has_caught_up() -> None:
    """At 01:00 on the 11th in Tokyo the server moves to Los Angeles, where it is the 10th."""
    changed_ms = at("2026-03-11T01:00", "Asia/Tokyo")
    days = ServerDays("America/Los_Angeles", [(changed_ms, "Asia/Tokyo")])
    the_11th = date(2026, 3, 11).toordinal()
    assert days.day_of(changed_ms - 1) == the_11th
    assert days.day_of(changed_ms) == the_11th
    assert days.day_of(at("2026-03-10T23:59", "America/Los_Angeles")) == the_11th
    assert days.start_of(the_11th + 1) == at("2026-03-12T00:00", "America/Los_Angeles")


async def test_a_change_holds_from_its_time_on(database: Database) -> None:
    noon_ms = at("2026-03-11T12:00", "UTC")
    async with database.write() as tx:
        await update_timezone(tx, GUILD, "Asia/Tokyo", noon_ms)
        await update_timezone(tx, GUILD, "Asia/Tokyo", noon_ms + 1)
        await update_timezone(tx, GUILD, "America/Los_Angeles", noon_ms + 2 * HOUR_MS)
    async with database.read() as rx:
        days = await fetch_server_days(rx, GUILD)
    assert days.timezone == "America/Los_Angeles"
    zones = [days.zone_at(noon_ms + shift).key for shift in (-1, 0, HOUR_MS, 2 * HOUR_MS)]
    assert zones == ["UTC", "Asia/Tokyo", "Asia/Tokyo", "America/Los_Angeles"]


async def test_changes_that_nothing_needs_any_more_are_forgotten(database: Database) -> None:
    async with database.write() as tx:
        await update_timezone(tx, GUILD, "Asia/Tokyo", SOME_MS)
        await update_timezone(tx, GUILD, "Europe/Amsterdam", SOME_MS + 10)
        assert await delete_timezone_changes_before(tx, GUILD, SOME_MS + 5) == 1
        days = await fetch_server_days(tx, GUILD)
    assert days.zone_at(SOME_MS + 6).key == "Asia/Tokyo"
    assert days.zone_at(SOME_MS + 10).key == "Europe/Amsterdam"
