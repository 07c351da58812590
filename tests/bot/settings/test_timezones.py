"""Timezones by the names that people know."""

import pytest

from bot.errors import UnprocessableEntityError
from bot.settings.timezones import find_timezone, timezone_names


@pytest.mark.parametrize("typed", ["Asia/Kolkata", " asia/kolkata", "ASIA/KOLKATA "])
def test_a_timezone_is_found_whatever_its_capitals(typed: str) -> None:
    assert find_timezone(typed, timezone_names()) == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("Amsterdam", "did you mean `Europe/Amsterdam`"),
        ("Europe/Amsterdm", "`Europe/Amsterdam`"),
        ("new york", "`America/New_York`"),
        ("Europe/Kyv", "`Europe/Kyiv`"),
        ("xxxxxxxx", "use an IANA name such as `Europe/Amsterdam`"),
        ("../../etc/passwd", "use an IANA name"),
        ("localtime", "there is no `localtime`"),
        ("a`b" + "c" * 100, "there is no `aˋbccc"),
    ],
)
def test_a_timezone_that_does_not_exist_is_refused_with_similar_names(typed: str, offered: str) -> None:
    with pytest.raises(UnprocessableEntityError) as refused:
        find_timezone(typed, timezone_names())

    assert offered in refused.value.message
    assert len(refused.value.message) < 200


@pytest.mark.parametrize(("typed", "meant"), [("amst", "Europe/Amsterdam"), ("kol", "Asia/Kolkata")])
def test_the_beginning_of_a_city_is_understood(typed: str, meant: str) -> None:
    with pytest.raises(UnprocessableEntityError, match=rf"did you mean `{meant}`"):
        find_timezone(typed, timezone_names())
