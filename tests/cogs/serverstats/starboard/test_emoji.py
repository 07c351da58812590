"""Emoji as they are typed, stored, compared and shown."""

import pytest

from cogs.serverstats.starboard.emoji import custom_id, is_same_emoji, parse_emoji, reaction_path, show_emoji

ID = "123456789012345678"


@pytest.mark.parametrize(
    "text",
    ["⭐", "⭐️", "❤️", "👍🏽", "🇩🇪", "1️⃣", "👨‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "‼️", "🌟", "©️"],
)
def test_one_standard_emoji_is_taken_as_it_was_typed(text: str) -> None:
    assert parse_emoji(f" {text} ") == text
    assert show_emoji(text) == text
    assert custom_id(text) is None


@pytest.mark.parametrize(
    "text", ["", "a", "1", "⭐⭐", "⭐ ⭐", "☆", ":star:", "<:star:1>", "<@123456789012345678>", "🇩"]
)
def test_anything_else_is_refused(text: str) -> None:
    assert parse_emoji(text) is None


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        (f"<:gold:{ID}>", f"gold:{ID}", f"<:gold:{ID}>"),
        (f"gold:{ID}", f"gold:{ID}", f"<:gold:{ID}>"),
        (f"<a:gold:{ID}>", f"a:gold:{ID}", f"<a:gold:{ID}>"),
        (f"apple:{ID}", f"apple:{ID}", f"<:apple:{ID}>"),
        (f"a:apple:{ID}", f"a:apple:{ID}", f"<a:apple:{ID}>"),
    ],
)
def test_a_custom_emoji_is_stored_by_name_and_id(typed: str, stored: str, shown: str) -> None:
    assert parse_emoji(typed) == stored
    assert show_emoji(stored) == shown
    assert custom_id(stored) == int(ID)


def test_variation_selectors_make_no_difference() -> None:
    assert is_same_emoji("❤️", {"id": None, "name": "❤"})
    assert is_same_emoji("❤", {"id": None, "name": "❤️"})
    assert not is_same_emoji("❤", {"id": None, "name": "💔"})


def test_a_custom_emoji_is_known_by_its_id_alone() -> None:
    assert is_same_emoji(f"gold:{ID}", {"id": ID, "name": "renamed"})
    assert is_same_emoji(f"gold:{ID}", {"id": ID, "name": None})
    assert not is_same_emoji(f"gold:{ID}", {"id": str(int(ID) + 1), "name": "gold"})
    assert not is_same_emoji("⭐", {"id": ID, "name": "⭐"})
    assert not is_same_emoji(f"gold:{ID}", {"id": None, "name": "gold"})


def test_a_reaction_is_asked_for_by_the_name_that_discord_gave_it() -> None:
    assert reaction_path({"id": None, "name": "❤️"}) == "❤️"
    assert reaction_path({"id": ID, "name": "gold"}) == f"gold:{ID}"
