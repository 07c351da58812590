"""Numbers as people read them."""

import pytest

from bot.text.amounts import UNITS, counted
from bot.text.language import Language, speaking
from bot.text.numbers import format_number, format_percent, format_signed
from storage.statistics.catalogue import CATALOGUE


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (9.5, "9.5"), (12.0, "12"), (99.96, "100"), (184.4, "184"), (12940, "12,940")],
)
def test_a_number_has_all_its_digits_and_one_decimal_only_when_it_is_small(value: float, text: str) -> None:
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "±0%"),
        (0.0004, "±0%"),
        (-0.0004, "±0%"),
        (0.045, "+4.5%"),
        (-0.045, "−4.5%"),
        (0.0996, "+10%"),
        (0.12, "+12%"),
        (-1.0, "−100%"),
        (9.99, "+999%"),
        (11.0, "×12"),
    ],
)
def test_a_change_shows_its_sign_and_becomes_a_factor_when_it_is_huge(share: float, text: str) -> None:
    assert format_percent(share) == text


@pytest.mark.parametrize(("value", "text"), [(24, "+24"), (-3, "−3"), (0, "±0"), (-0.04, "±0")])
def test_a_difference_shows_its_sign(value: float, text: str) -> None:
    assert format_signed(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1, "messages", "1 message"),
        (0, "messages", "0 messages"),
        (1, "entries", "1 entry"),
        (2, "entries", "2 entries"),
        (1, "uses", "1 use"),
        (1234, "members", "1,234 members"),
    ],
)
def test_the_unit_agrees_with_the_number(value: float, unit: str, text: str) -> None:
    assert counted(unit, value) == text


def test_every_unit_of_the_statistics_is_known() -> None:
    assert {kind.unit for kind in CATALOGUE} <= {*UNITS}


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (Language.ENGLISH, ("12,940", "9.5", "+12%", "−4.5%", "×1,235", "−1,200")),
        (Language.DUTCH, ("12.940", "9,5", "+12%", "−4,5%", "×1.235", "−1.200")),
        (
            Language.GERMAN,
            ("12.940", "9,5", "+12\N{NO-BREAK SPACE}%", "−4,5\N{NO-BREAK SPACE}%", "×1.235", "−1.200"),
        ),
    ],
)
def test_separators_are_those_of_the_language(language: Language, texts: tuple[str, ...]) -> None:
    with speaking(language):
        assert (
            format_number(12940),
            format_number(9.5),
            format_percent(0.12),
            format_percent(-0.045),
            format_percent(1234),
            format_signed(-1200),
        ) == texts


@pytest.mark.parametrize(("value", "text"), [(12940, "12.940 "), (1.5, "1,5 ")])
def test_an_amount_has_the_separators_of_the_language_too(value: float, text: str) -> None:
    with speaking(Language.DUTCH):
        assert counted("messages", value).startswith(text)
