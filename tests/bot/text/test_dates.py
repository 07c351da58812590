from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.errors import UnprocessableEntityError
from bot.text.dates import (
    day_and_month,
    format_date,
    format_datetime,
    format_duration,
    format_iso,
    format_time,
    timezone_named,
    weekday_text,
)
from bot.text.language import Language, speaking

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BEFORE_SUMMER_TIME_MS = 1_774_745_999_000
"""2026-03-29 00:59:59 UTC; one second later Amsterdam's clocks go from 02:00 to 03:00."""


def test_times_read_day_month_year_in_the_timezone_given() -> None:
    assert format_datetime(1_767_268_800_999, AMSTERDAM) == "01-01-2026 13:00:00"
    assert format_date(1_767_308_400_000, AMSTERDAM) == "02-01-2026"
    assert format_date(1_767_308_400_000, UTC) == "01-01-2026"
    assert format_time(1_767_268_800_000, UTC) == "12:00:00"


@pytest.mark.parametrize(
    ("language", "weekday", "day"),
    [
        (Language.ENGLISH, "Sat", "19 Sep"),
        (Language.DUTCH, "za", "19 sep"),
        (Language.GERMAN, "Sa.", "19. Sept."),
    ],
)
def test_names_of_days_and_months_are_those_of_the_language(
    language: Language, weekday: str, day: str
) -> None:
    moment = datetime(2026, 9, 19, tzinfo=UTC)
    with speaking(language):
        assert (weekday_text(moment), day_and_month(moment)) == (weekday, day)


def test_a_date_in_digits_is_the_same_in_every_language() -> None:
    with speaking(Language.GERMAN):
        assert format_datetime(1_767_268_800_999, AMSTERDAM) == "01-01-2026 13:00:00"


def test_times_follow_summer_time() -> None:
    assert format_datetime(BEFORE_SUMMER_TIME_MS, AMSTERDAM) == "29-03-2026 01:59:59"
    assert format_datetime(BEFORE_SUMMER_TIME_MS + 1000, AMSTERDAM) == "29-03-2026 03:00:00"


def test_iso_times_carry_the_offset() -> None:
    assert format_iso(1_767_268_800_123, AMSTERDAM) == "2026-01-01T13:00:00+01:00"
    assert format_iso(BEFORE_SUMMER_TIME_MS + 1000, AMSTERDAM) == "2026-03-29T03:00:00+02:00"


def test_durations_read_hours_minutes_seconds() -> None:
    assert format_duration(300) == "0:05:00"
    assert format_duration(3_661) == "1:01:01"
    assert format_duration(100 * 3600) == "100:00:00"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe", "a\0b"])
def test_a_name_that_is_no_timezone_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(UnprocessableEntityError, match="is not a timezone; use an IANA name"):
        timezone_named(name)


def test_an_iana_name_is_a_timezone() -> None:
    assert timezone_named("Europe/Amsterdam") == AMSTERDAM
