"""Names are drawn without a single box: what the font lacks is replaced or left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.names import drawable_name, drawable_text
from bot.charts.sheet import covers

any_text = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Émile", "Émile"),
        ("E\u0301mile", "Émile"),
        ("🎉 Émile 🎉", "Émile"),
        ("𝓐𝓵𝓲𝓬𝓮", "Alice"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", "Full width"),
        ("Ольга", "Ольга"),
        ("محمد", "محمد"),
        ("中村 Ken", "Ken"),
        ("Z\u0337\u0322a\u0334lgo", "Zalgo"),
        ("two\nlines", "two lines"),
        ("\u202eright to left", "right to left"),
        ("**bold** $x^2$", "**bold** $x^2$"),
        ("★", "★"),
        ("...", "..."),
    ],
)
def test_what_the_font_lacks_is_replaced_or_left_out(name: str, drawn: str) -> None:
    assert drawable_name(name, "#3", covers) == drawn


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "🎉🎉",
        "中村",
        "「中村」",
        "(中村)",
        "\u200b\u200e",
        "\u3164",
        "\u2800\u2800",
        "\ud800",
        "👨‍👩‍👧",
    ],
)
def test_a_name_of_which_nothing_telling_is_left_falls_back(name: str) -> None:
    assert drawable_name(name, "#3", covers) == "#3"


@given(any_text)
def test_only_what_the_font_covers_is_left_of_any_text(text: str) -> None:
    drawn = drawable_text(text, covers)
    assert all(covers(char) for char in drawn)
    assert drawn == drawn.strip()
    assert "\n" not in drawn
    assert drawable_text(drawn, covers) == drawn


@given(any_text)
def test_a_name_is_never_empty(name: str) -> None:
    assert drawable_name(name, "#3", covers).strip()
