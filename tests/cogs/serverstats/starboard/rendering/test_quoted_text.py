"""Quoted texts keep their spoilers and close their code, whole and cut."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.text.escape import INVISIBLE
from bot.text.templates import units
from cogs.serverstats.starboard.rendering.quoted_text import (
    hide,
    is_openly_linked,
    seal,
    seal_together,
    shorten,
)
from tests.cogs.serverstats.starboard.rendering.reading import READINGS

SCRAPS = [
    "||", "||", "||", "|", "`", "``", "```", "```\n", "\\", "\n", " ", "**", "*", "_", "~~", "> ", "- ", "# ", "1. ",
    "https://a.b/", "<@1>", "<:moth:5>", "[", "](https://x.y)", "@everyone", "🎈", "WORD", "WORD", "WORD", "WORD WORD",
]  # fmt: skip


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Text of scraps of markdown and words, of which no two are the same."""
    number = iter(range(1000))
    scraps = draw(st.lists(st.sampled_from(SCRAPS), max_size=24))
    return re.sub("WORD", lambda _match: f"w{next(number)}x", "".join(scraps))


def words(text: str) -> set[str]:
    return set(re.findall(r"w\d+x", text))


def assert_keeps_hidden(original: str, shown: str) -> None:
    for read in READINGS:
        hidden = words(original) - words(read(original))
        assert not hidden & words(read(shown)), read.__name__


def assert_sealed(text: str) -> None:
    assert text.count("||") % 2 == 0
    assert text.count("```") % 2 == 0
    # Whatever follows is what it would be alone.
    for read in READINGS:
        assert read(f"{text}\n`later` ||hidden|| end").endswith("later   end")


@pytest.mark.parametrize(
    "text",
    [
        "Plain **bold** text with `code` and ||a spoiler||, @everyone <@1> <:moth:5>",
        "```py\nprint(1)\n``` and ``two``",
        "# Heading\n- one\n- ||two||\n> quoted",
        "||one|| between ||two||",
        "||a secret\nof two lines||",
        "||**bold** secret|| and *this*",
        "||https://example.com||",
        "* item `*args`\n* **bold** `a*b` snake_case `snake_case`",
        "see [this](https://example.com) | that",
        r"\|\|no spoiler\|\|",
    ],
)
def test_what_is_clear_stays_as_it_is(text: str) -> None:
    assert seal(text) == text


@pytest.mark.parametrize(
    ("text", "sealed"),
    [
        ("never ```closed", "never ˋˋˋclosed"),
        ("a || b", f"a |{INVISIBLE}| b"),
        ("`a || b` ||c||", f"`a |{INVISIBLE}| b` ||c||"),
        ("```js\na || b || c\n```", f"```js\na |{INVISIBLE}| b |{INVISIBLE}| c\n```"),
        ("a || b ||c||", "a ||b ∣∣c||"),
        ("||a `b|| c` d||", "||a ˋb∣∣ cˋ d||"),
        ("*a ||*x* y||", "*a ||∗x∗ y||"),
        ("- ||a\n- ||b||", "- ||a - ∣∣b||"),
        ("||||", f"|{INVISIBLE}|{INVISIBLE}|{INVISIBLE}|"),
        ("null\x00 and half \ud83c", "null and half "),
    ],
)
def test_what_is_not_clear_hides_more_and_opens_nothing(text: str, sealed: str) -> None:
    assert seal(text) == sealed


@settings(deadline=None)
@given(texts())
@example("**w0x||w1x** ||w2x|| **w3x||w4x**")
@example("https://a.b/||w0x ||w1x|| https://a.b/||w2x")
@example("`w0x\n||w1x|| `")
@example("**||**||w0x||")
@example("**`||w0x||**`")
@example("**`\n*`")
@example("_|_```\n`_`")
@example("_w0x_w1x `||w2x||_`")
def test_a_sealed_text_hides_all_that_it_hid(text: str) -> None:
    assert_keeps_hidden(text, seal(text))
    assert_sealed(seal(text))


@settings(deadline=None)
@given(texts(), st.integers(0, 120), st.none() | st.integers(1, 4))
@example("https://a.b/||w0x ||w1x|| https://a.b/||w2x", 24, None)
@example("- ||w0x\n- ||w1x||\n- w2x||", 16, None)
def test_a_cut_text_hides_all_that_it_hid(text: str, limit: int, most_lines: int | None) -> None:
    shown = shorten(seal(text), limit, most_lines)

    assert units(shown) <= limit
    assert_keeps_hidden(text, shown)
    assert shown.count("||") % 2 == 0
    assert shown.count("```") % 2 == 0


@settings(deadline=None)
@given(st.lists(texts(), max_size=4))
def test_texts_put_together_open_nothing_in_each_other(parts: list[str]) -> None:
    numbered = [re.sub(r"w(\d+)x", rf"w{index}\g<1>x", part) for index, part in enumerate(parts, 1000)]
    shown = seal_together(numbered)

    for part in numbered:
        for read in READINGS:
            assert not (words(part) - words(read(part))) & words(read(shown))


@settings(deadline=None)
@given(texts() | st.text())
def test_a_hidden_text_is_hidden_whole(text: str) -> None:
    for read in READINGS:
        assert read(hide(text)).strip() == ""


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_sealed_and_cut(text: str) -> None:
    assert units(shorten(seal(text), 10)) <= 10


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a ||long secret|| b", "a ||…||"),
        ("a ||s|| and more text", "a ||s|| an…"),
        ("```py\nprint(1)\nprint(2)```", "```py\np…```"),
        ("see ```py\nprint(1)```", "see ```…```"),
        ("look at <@1234567890>", "look at…"),
        ("short", "short"),
    ],
)
def test_a_cut_leaves_nothing_half(text: str, shown: str) -> None:
    assert shorten(seal(text), 11) == shown


def test_lines_can_be_cut_as_well() -> None:
    assert shorten("one\ntwo\nthree", 100, 2) == "one\ntwo…"


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("no spoiler here", True),
        ("https://a.b/x", True),
        ("https://a.b/x ||secret||", True),
        ("||https://a.b/x||", False),
        ("https://a.b/x ||https://a.b/x||", False),
        ("https://a.b/xy ||https://a.b/x||", False),
        ("||secret||", False),
    ],
)
def test_a_link_is_open_when_it_stands_outside_of_all_spoilers(text: str, is_open: bool) -> None:
    assert is_openly_linked(text, "https://a.b/x") == is_open
