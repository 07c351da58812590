import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.escape import INVISIBLE
from bot.text.templates import ELLIPSIS, Place, cut, fill, units, unknown_variables, used_names
from bot.text.values import Kind, Value
from tests.bot.text.test_escape import NASTY


def name(text: str) -> dict[str, Value]:
    return {"name": Value(Kind.TEXT, text)}


VALUES = {
    "name": Value(Kind.TEXT, "Ada"),
    "mention": Value(Kind.MENTION, "<@1001>"),
    "number": Value(Kind.NUMBER, "12"),
    "url": Value(Kind.URL, "https://cdn.discordapp.com/avatars/1001/a_1.gif"),
}


def test_known_names_are_replaced_and_all_else_stays() -> None:
    template = "Hi <name> <@5> <nobody> <NAME> < name> <number>!"
    assert fill(template, VALUES) == "Hi Ada <@5> <nobody> <NAME> < name> 12!"


def test_a_value_is_never_read_as_a_variable() -> None:
    assert fill("<name>", {**name("<number>"), "number": VALUES["number"]}) == r"\<number\>"
    assert fill("<user_<number>>", {**VALUES, "user_12": VALUES["name"]}) == "<user_12>"


def test_our_own_values_stay_as_they_are() -> None:
    text = "<mention> <url> <number>"
    assert fill(text, VALUES) == f"<@1001> {VALUES['url'].text} 12"


def test_a_backslash_before_a_name_does_not_free_its_markdown() -> None:
    assert fill(r"\<name>", name("*x*")) == r"\\\*x\*"
    assert fill(r"\\<name>", name("*x*")) == r"\\\*x\*"


def test_in_code_a_name_shows_no_backslashes() -> None:
    assert fill("`<name>` <name>", name("some_user")) == r"`some_user` some\_user"
    assert fill("```\n<name>\n```", name("some_user")) == "```\nsome_user\n```"


@pytest.mark.parametrize(
    "template", [r"\`<name>\`", "`<name>", "``<name>`", "````<name>````", "<name>`x`", "# `a\n<name>`"]
)
def test_what_is_no_code_is_escaped(template: str) -> None:
    assert r"some\_user" in fill(template, name("some_user"))


@pytest.mark.parametrize(
    ("template", "chosen"),
    [("@<name>", "everyone"), ("@every<name>", "one"), ("<name>ere", "@h"), ("`@<name>`", "here")],
)
def test_a_name_cannot_complete_a_mass_mention(template: str, chosen: str) -> None:
    assert not re.search("@(everyone|here)", fill(template, name(chosen)))


@pytest.mark.parametrize(
    ("template", "chosen"),
    [
        ("<@<name>>", "1001"),
        ("<@&<name>>", "1001"),
        ("<#<name>>", "1001"),
        ("<t:<name>:R>", "1001"),
        ("<a<name>>", ":x:1001"),
        ("<<name>>", "@1001"),
        ("<name>1001>", "<@"),
    ],
)
def test_a_name_cannot_complete_markup(template: str, chosen: str) -> None:
    assert f"<{INVISIBLE}" in fill(template, name(chosen))


def test_the_author_may_write_markup_with_ids() -> None:
    assert fill("<@&<number>> <#5> <t:<number>:R>", VALUES) == "<@&12> <#5> <t:12:R>"


def test_mass_mentions_of_the_author_are_broken_but_addresses_are_not() -> None:
    template = "@everyone https://social.example/@hereford @here"
    assert fill(template, {}) == (f"@{INVISIBLE}everyone https://social.example/@hereford @{INVISIBLE}here")


def test_places_without_markdown_show_no_backslashes() -> None:
    assert fill("<name>!", name("**x** `a`"), Place.PLAIN) == "**x** `a`!"
    assert fill("<name>", name("@everyone"), Place.PLAIN) == f"@{INVISIBLE}everyone"


def test_in_addresses_values_are_quoted() -> None:
    assert fill("https://x.example/<name>", name("a/b c?"), Place.ADDRESS) == "https://x.example/a%2Fb%20c%3F"
    assert fill("<url>", VALUES, Place.ADDRESS) == VALUES["url"].text


@given(
    st.lists(st.sampled_from(["<name>", "<name>", "`", "```", "\\", "**", "||", "@", "<@", ">", "\n", "a "])),
    NASTY,
)
def test_a_name_never_changes_the_structure_around_it(pieces: list[str], chosen: str) -> None:
    """The markdown that a hostile name leaves alive is exactly that which a plain name leaves."""
    template = "".join(pieces)

    def live(text: str) -> list[str]:
        unescaped = re.sub(r"\\[^0-9A-Za-z\s]", "", text)
        return re.findall(r"[*~|`\[\]\n]", unescaped)

    assert live(fill(template, name(chosen))) == live(fill(template, name("plain")))


@given(st.text(), NASTY, st.sampled_from([Place.MARKDOWN, Place.PLAIN]))
def test_no_template_and_name_mention_everybody(template: str, chosen: str, place: Place) -> None:
    for around in (f"{template}<name>", f"<name>{template}", f"@<name>{template}@everyone"):
        text = fill(around, name(chosen), place)
        assert not re.search("@(everyone|here)", re.sub(r"https?://\S+", "", text), re.IGNORECASE)


@given(NASTY, st.text("<>@&#!:t12 "))
def test_a_name_never_pings(chosen: str, template: str) -> None:
    """Without a name in it, the same text holds every mention that the filled one does."""
    text = fill(f"{template}<name>{template}", name(chosen))
    written_by_author = re.findall(r"<@[!&]?\d+>", template) * 2
    assert re.findall(r"<@[!&]?\d+>", text) == written_by_author


def test_used_names_are_those_in_angle_brackets() -> None:
    assert used_names("<a> <b_1> <a> <@5> <:x:5> <1> < a>") == ("a", "b_1")


def test_an_unknown_variable_is_reported_with_the_most_similar_one() -> None:
    known = ["user_nickname", "user_mention", "server_name"]
    (unknown,) = unknown_variables("<user_mention> <user_nicknam> <user_nicknam>", known)
    assert unknown.sentence == (
        "`<user_nicknam>` is not a variable and will be shown as it is; did you mean `<user_nickname>`?"
    )
    (upper,) = unknown_variables("<USER_MENTION>", known)
    assert upper.suggestion == "user_mention"
    (far,) = unknown_variables("<zzz>", known)
    assert far.sentence == "`<zzz>` is not a variable and will be shown as it is."


def test_text_within_the_limit_is_not_cut() -> None:
    assert cut("abc", 3) == "abc"


def test_cut_text_ends_in_an_ellipsis() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("abc def", 5) == "abc…"


@pytest.mark.parametrize("whole", ["<@1001>", "<#1001>", "https://x.example/abc", r"\*", "<:smile:1001>"])
def test_what_makes_no_sense_in_parts_is_left_out_whole(whole: str) -> None:
    text = f"Hi {whole}{'x' * 20}" if whole.startswith(("<", "\\")) else f"Hi {whole} {'x' * 20}"
    for limit in range(4, 3 + len(whole)):
        assert cut(text, limit) == "Hi…"


def test_code_that_is_cut_is_closed() -> None:
    assert cut("a `bcdefgh`", 7) == "a `bc…`"
    assert cut("a ```bcdefgh```", 11) == "a ```bc…```"
    assert cut("a `bcdefgh`", 4) == "a…"


def test_characters_outside_the_basic_plane_count_twice() -> None:
    assert units("a😀") == 3
    assert cut("😀😀😀", 4) == "😀…"


@given(st.text(st.sampled_from("a `\\<@1>😀 ") | st.characters()), st.integers(min_value=1, max_value=40))
def test_cut_text_is_within_the_limit(text: str, limit: int) -> None:
    result = cut(text, limit)
    assert units(result) <= limit
    assert result == text or ELLIPSIS in result
