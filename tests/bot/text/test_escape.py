import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.escape import INVISIBLE, escape_in_code, escape_markdown, tame_name

NASTY = st.text(
    st.sampled_from("*_~|`[]()<>#@!&:/\\-+. \n\u202e\u2028ab1😀") | st.characters(), max_size=40
) | (
    st.lists(
        st.sampled_from(["@everyone", "@here", "<@1001>", "<@&5>", "```", "**", "](http://x)", "\n# ", "a"])
    ).map("".join)
)


def shown(escaped: str) -> str:
    """What a reader of Discord sees: backslashes before punctuation vanish, as do invisible characters."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", escaped).replace(INVISIBLE, "")


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("Ada", "Ada"),
        ("**x", r"\*\*x"),
        ("some_user", r"some\_user"),
        ("[a](b)", r"\[a\]\(b\)"),
        ("# big", r"\# big"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("> quote", r"\> quote"),
        ("https://x.example/a", r"https\://x.example/a"),
        ("a\\", r"a\\"),
    ],
)
def test_markdown_in_a_name_is_shown_as_it_is(name: str, escaped: str) -> None:
    assert escape_markdown(name) == escaped
    assert shown(escaped) == name


def test_backticks_become_similar_characters_as_no_escape_holds_in_code() -> None:
    assert "`" not in escape_markdown("`x`")
    assert "`" not in escape_in_code("`x`")


def test_a_bracket_without_a_partner_cannot_undo_a_link_around_it() -> None:
    assert escape_markdown("[ABC] Ada") == r"\[ABC\] Ada"
    assert not set("[]") & set(escape_markdown("a] Ada["))


def test_names_in_code_keep_their_inner_underscores_only() -> None:
    assert escape_in_code("some_user") == "some_user"
    assert "_" not in escape_in_code("_x_ __ y_")


@pytest.mark.parametrize(
    ("name", "tame"),
    [
        ("a\nb\tc  d", "a b c d"),
        ("@everyone", f"@{INVISIBLE}everyone"),
        ("@HERE", f"@{INVISIBLE}HERE"),
        ("@\u202eeveryone", f"@{INVISIBLE}everyone"),
        ("<@1001>", f"<{INVISIBLE}@1001>"),
        ("<:x:1>", f"<{INVISIBLE}:x:1>"),
        ("", INVISIBLE),
        ("\u2028\ud800", INVISIBLE),
        ("a < b", "a < b"),
    ],
)
def test_a_tame_name_is_one_line_without_mentions(name: str, tame: str) -> None:
    assert tame_name(name) == tame


@given(NASTY)
def test_no_name_keeps_live_markdown_when_escaped(name: str) -> None:
    """Every special character that is left is escaped, and no escape reaches beyond the name."""
    escaped = escape_markdown(tame_name(name))
    rest = re.sub(r"\\[^0-9A-Za-z\s]", "", escaped)
    assert not set("\\*_~|`[]()<>#\n") & set(rest)
    assert "://" not in rest
    assert not re.search(r"@(everyone|here)|<@", escaped, re.IGNORECASE)


@given(NASTY)
def test_no_name_in_code_contains_markdown(name: str) -> None:
    escaped = escape_in_code(tame_name(name))
    assert not set("\\*~|`[]\n") & set(escaped)
    assert not re.search(r"(?<![^\W_])_|_(?![^\W_])", escaped)


@given(
    st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Zs"], exclude_characters="`[]@<")
    )
)
def test_escaping_is_not_seen_by_readers(name: str) -> None:
    assert shown(escape_markdown(tame_name(name))) == name
