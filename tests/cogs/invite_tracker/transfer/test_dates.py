"""The dates that other programs write."""

import pytest

from cogs.invite_tracker.transfer.cells import CellError
from cogs.invite_tracker.transfer.dates import DAY_MS, MINUTE_MS, SECOND_MS, Moment, precision_of, read_date

JAN_5 = 1_767_571_200_000
TEN = JAN_5 + 36_000_000


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-05", Moment(JAN_5, DAY_MS)),
        ("2026-01-05 10:00", Moment(TEN, MINUTE_MS)),
        ("2026-01-05 10:00:00", Moment(TEN, SECOND_MS)),
        ("2026-01-05T10:00:00Z", Moment(TEN, SECOND_MS)),
        ("2026-01-05T10:00:00.000Z", Moment(TEN, 1)),
        ("2026-01-05 10:00:00.123456+00:00", Moment(TEN + 123, 1)),
        ("2026-01-05 12:00:00 +02:00", Moment(TEN, SECOND_MS)),
        ("2026-01-05 10:00:00 UTC", Moment(TEN, SECOND_MS)),
        ("2026/01/05 10:00:00", Moment(TEN, SECOND_MS)),
        ("2026/1/5", Moment(JAN_5, DAY_MS)),
        ("05.01.2026", Moment(JAN_5, DAY_MS)),
        ("5.1.2026 10:00", Moment(TEN, MINUTE_MS)),
        ("05.01.2026, 10:00:00", Moment(TEN, SECOND_MS)),
        ("Jan 5, 2026", Moment(JAN_5, DAY_MS)),
        ("January 5, 2026 10:00 AM", Moment(TEN, MINUTE_MS)),
        ("5 Jan 2026 10:00", Moment(TEN, MINUTE_MS)),
        ("January 5th, 2026 at 10:00:00 UTC", Moment(TEN, SECOND_MS)),
        ("Mon Jan 05 2026 10:00:00 GMT+0000 (Coordinated Universal Time)", Moment(TEN, SECOND_MS)),
        ("Mon Jan 05 2026 12:00:00 GMT+0200 (CEST)", Moment(TEN, SECOND_MS)),
        ("Mon, 05 Jan 2026 10:00:00 GMT", Moment(TEN, SECOND_MS)),
        ("Mon, 05 Jan 2026 12:00:00 +0200", Moment(TEN, SECOND_MS)),
        ("1767607200", Moment(TEN, SECOND_MS)),
        ("1767607200.0", Moment(TEN, SECOND_MS)),
        ("1767607200000", Moment(TEN, 1)),
        ("<t:1767607200:R>", Moment(TEN, SECOND_MS)),
    ],
)
def test_usual_forms_are_read_with_how_exact_they_are(text: str, moment: Moment) -> None:
    assert read_date(f" {text} ") == moment


@pytest.mark.parametrize("text", ["25/01/2026", "01/25/2026", "01-25-2026"])
def test_a_date_that_can_be_read_one_way_only_is_read(text: str) -> None:
    assert read_date(text) == Moment(JAN_5 + 20 * DAY_MS, DAY_MS)


@pytest.mark.parametrize("text", ["03/04/2026", "03-04-2026 10:00"])
def test_a_date_that_can_be_read_two_ways_is_refused(text: str) -> None:
    with pytest.raises(CellError, match=r"can be read two ways; say which with --date-format"):
        read_date(text)


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "", "99/99/2026", "31.02.2026", "5", "9" * 40])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(CellError, match="is not a date that can be read"):
        read_date(text)


def test_a_form_that_is_given_decides() -> None:
    assert read_date("01/05/2026 10:00", "%m/%d/%Y %H:%M") == Moment(TEN, MINUTE_MS)
    assert read_date("01/05/2026 12:00+0200", "%m/%d/%Y %H:%M%z") == Moment(TEN, MINUTE_MS)
    with pytest.raises(CellError, match="is not of the form %d"):
        read_date("2026-01-05", "%d/%m/%Y")


def test_how_exact_a_form_is_follows_from_its_signs() -> None:
    forms = ("%Y-%m-%d", "%d/%m/%Y %H", "%d/%m/%Y %H:%M", "%c", "%H:%M:%S.%f")
    assert [precision_of(form) for form in forms] == [DAY_MS, 60 * MINUTE_MS, MINUTE_MS, SECOND_MS, 1]
