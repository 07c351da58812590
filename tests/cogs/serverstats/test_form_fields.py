"""Fields of forms: numbers as people type them, labels within Discord's limits."""

import pytest

from bot.errors import UnprocessableEntityError
from cogs.serverstats.form_fields import form_title, labelled, read_whole_number, text_field


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("", None),
        ("  ", None),
        ("0", 0),
        (" 12 ", 12),
        ("1000", 1000),
        ("1,000", 1000),
        ("1.000.000", 1_000_000),
        ("1\u202f000", 1000),
        ("007", 7),
    ],
)
def test_a_whole_number_may_have_the_separators_of_any_language(typed: str, number: int | None) -> None:
    assert read_whole_number("Goal", typed) == number


@pytest.mark.parametrize(
    "typed", ["many", "-3", "1.5", "1,00", "1e3", "0x10", "12 members", "1,000.5", "²", "٣"]
)
def test_anything_else_is_refused_by_the_name_of_the_field(typed: str) -> None:
    with pytest.raises(UnprocessableEntityError, match=r"^Goal must be a whole number, not “.+”.$"):
        read_whole_number("Goal", typed)


def test_labels_and_titles_are_cut_where_a_language_is_too_long_for_discord() -> None:
    field = labelled("label " * 20, text_field("x", most=5), "about " * 40)
    assert len(field.text) == 45
    assert field.description is not None
    assert len(field.description) == 100
    assert len(form_title("title " * 20)) == 45
