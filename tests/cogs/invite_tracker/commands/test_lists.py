"""How rows of the lists read."""

import pytest

from bot.text.language import Language, speaking
from cogs.invite_tracker.commands.lists import describe_counts
from storage.records import InviteCounts


@pytest.mark.parametrize(
    ("language", "bonus", "words"),
    [
        (Language.ENGLISH, 1_234, "+1,234 bonus"),
        (Language.ENGLISH, -3, "−3 bonus"),
        (Language.GERMAN, 1_234, "+1.234"),
        (Language.DUTCH, -12_345, "−12.345"),
    ],
)
def test_a_bonus_is_written_with_its_sign_as_numbers_are_in_the_language(
    language: Language, bonus: int, words: str
) -> None:
    with speaking(language):
        described = describe_counts(InviteCounts(total=4, leaves=1, fake=1, bonus=bonus))
    assert words in described


def test_without_a_bonus_none_is_told() -> None:
    assert describe_counts(InviteCounts(total=4, leaves=1, fake=1, bonus=0)) == "4 joined · 1 left · 1 fake"
