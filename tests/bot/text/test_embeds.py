import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.embeds import EmbedMessage, is_web_address, parse_embeds
from bot.text.templates import TemplateError


def parse(*embeds: Any, **other: Any) -> EmbedMessage:
    return parse_embeds(json.dumps({"embeds": list(embeds), **other}))


def refusal_of(text: str) -> str | None:
    try:
        parse_embeds(text)
    except TemplateError as error:
        return error.message
    return None


def refusal(*embeds: Any) -> str | None:
    return refusal_of(json.dumps({"embeds": embeds}))


FULL = {
    "title": "t" * 256,
    "description": "d" * 1000,
    "url": "https://example.com/<user_id>",
    "color": 0xFFFFFF,
    "timestamp": "2026-01-01T12:00:00Z",
    "author": {"name": "a" * 256, "url": "http://example.com", "icon_url": "<user_avatar_url>"},
    "footer": {"text": "f" * 1000, "icon_url": "<inviter_avatar_url>"},
    "image": {"url": "https://example.com/a.png?x=1#y"},
    "thumbnail": {"url": "<user_avatar_url>"},
    "fields": [{"name": "n", "value": "v", "inline": True}] * 25,
}


def test_an_embed_at_all_limits_is_accepted() -> None:
    message = parse(FULL)
    assert message.embeds[0].fields[24].inline
    assert message.embeds[0].model_dump(mode="json") == FULL


def test_the_longest_texts_are_accepted_one_by_one() -> None:
    parse({"description": "d" * 4096})
    parse({"footer": {"text": "f" * 2048}})
    parse({"fields": [{"name": "n" * 256, "value": "v" * 1024}]})


def test_what_builders_export_beside_the_embeds_is_ignored() -> None:
    embed = {"title": "Hi", "id": 5, "type": "rich", "provider": {"name": "x"}}
    message = parse(embed, content=None, attachments=[], username="x")
    assert message.embeds[0].title == "Hi"


def test_what_builders_export_for_fields_left_empty_counts_as_absent() -> None:
    empty = {
        "title": "Hi",
        "description": "",
        "url": "",
        "color": None,
        "timestamp": None,
        "author": {"name": "", "url": "", "icon_url": None},
        "footer": {},
        "image": {"url": ""},
        "thumbnail": None,
        "fields": None,
    }
    assert parse(empty) == parse({"title": "Hi"})


@pytest.mark.parametrize(
    ("embed", "sentence"),
    [
        ({"title": "t" * 257}, "embeds[0].title is longer than 256 characters."),
        ({"description": "d" * 4097}, "embeds[0].description is longer than 4096 characters."),
        ({"author": {"name": "a" * 257}}, "embeds[0].author.name is longer than 256 characters."),
        ({"author": {"url": "https://x.example"}}, "embeds[0].author.name is missing."),
        ({"footer": {"text": "f" * 2049}}, "embeds[0].footer.text is longer than 2048 characters."),
        ({"fields": [{"name": "n", "value": "v"}] * 26}, "embeds[0].fields has more than 25 entries."),
        ({"fields": [{"name": " ", "value": "v"}]}, "embeds[0].fields[0].name is empty."),
        ({"fields": [{"name": "n"}]}, "embeds[0].fields[0].value is missing."),
        (
            {"fields": [{"name": "n" * 257, "value": "v"}]},
            "embeds[0].fields[0].name is longer than 256 characters.",
        ),
        ({"fields": {"name": "n"}}, "embeds[0].fields must be a list."),
        ({"fields": ["n"]}, "embeds[0].fields[0] must be an object."),
        (
            {"fields": [{"name": "n", "value": "v", "inline": 1}]},
            "embeds[0].fields[0].inline must be true or false.",
        ),
        ({"title": 5}, "embeds[0].title must be text."),
        ({"title": "\ud800"}, "embeds[0].title must be text."),
        ({"title": "t", "color": 0x1000000}, "embeds[0].color must be a whole number from 0 to 16777215."),
        ({"title": "t", "color": -1}, "embeds[0].color must be a whole number from 0 to 16777215."),
        ({"title": "t", "color": "red"}, "embeds[0].color must be a whole number from 0 to 16777215."),
        ({"title": "t", "color": 1.5}, "embeds[0].color must be a whole number from 0 to 16777215."),
        ({"title": "t", "color": 10**400}, "embeds[0].color must be a whole number from 0 to 16777215."),
        ({"title": "t", "color": True}, "embeds[0].color must be a whole number from 0 to 16777215."),
        (
            {"title": "t", "timestamp": "<user_joined_at>"},
            "embeds[0].timestamp must be a time in ISO 8601, or `<current_datetime_iso>`.",
        ),
        (
            {"title": "t", "url": "javascript:alert(1)"},
            "embeds[0].url must be an http or https address, or a variable such as `<user_avatar_url>`.",
        ),
        (
            {"image": {"url": "<user_id>"}},
            "embeds[0].image.url must be an http or https address, or a variable such as `<user_avatar_url>`.",
        ),
        ({"image": {"height": 5}}, "embeds[0].image.url is missing."),
        ({"image": "https://x.example"}, "embeds[0].image must be an object."),
        (
            {"color": 5},
            "embeds[0] is empty; give it a title, description, author, footer, field, image or thumbnail.",
        ),
        ("x", "embeds[0] must be an object."),
    ],
)
def test_a_refusal_names_the_field(embed: Any, sentence: str) -> None:
    assert refusal(embed) == sentence


def test_the_field_named_is_the_one_that_is_wrong() -> None:
    good = {"name": "n", "value": "v"}
    bad = {"name": "n", "value": "v" * 1025}
    assert refusal({"title": "t"}, {"fields": [good, good, bad]}) == (
        "embeds[1].fields[2].value is longer than 1024 characters."
    )


def test_six_embeds_are_refused() -> None:
    parse(*[{"title": "t"}] * 5)
    assert refusal(*[{"title": "t"}] * 6) == "embeds has more than 5 entries."


def test_a_message_needs_an_embed() -> None:
    assert refusal() == "embeds is empty; at least one embed is needed."


def test_the_texts_of_all_embeds_together_are_limited() -> None:
    parse({"description": "d" * 3000}, {"description": "d" * 3000})
    assert refusal(
        {"description": "d" * 3000}, {"description": "d" * 2990, "footer": {"text": "f" * 11}}
    ) == ("embeds hold 6001 characters of text in all; Discord allows 6000.")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hello", "The embed is not valid JSON: line 1, column 1: expecting value."),
        (
            '{\n  "embeds": [\n    oops]}',
            "The embed is not valid JSON: line 3, column 5: expecting value.",
        ),
        ('{"embeds": [{"color": NaN}]}', "The embed is not valid JSON: NaN is no JSON number."),
        (
            '{"embeds": [{"color": ' + "9" * 5000 + "}]}",
            "The embed is not valid JSON: a number in it is too long.",
        ),
        ("[" * 100_000, "The embed is not valid JSON: it is nested too deeply."),
        ('{"title": "x"}', 'The embed JSON must be an object with a list `embeds`: {"embeds": [ … ]}.'),
        ("[]", 'The embed JSON must be an object with a list `embeds`: {"embeds": [ … ]}.'),
        ('{"embeds": {}}', "embeds must be a list."),
    ],
)
def test_what_is_no_embed_json_is_refused_with_the_place(text: str, sentence: str) -> None:
    assert refusal_of(text) == sentence


@pytest.mark.parametrize(
    "address",
    ["https://example.com", "http://a.b/c?d=e#f", "https://example.com:8080/x", "https://bücher.example/ä"],
)
def test_web_addresses_are_recognised(address: str) -> None:
    assert is_web_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.com",
        "ftp://example.com",
        "https://",
        "https://localhost",
        "https://a b.example",
        "https://<user_id>.example.com",
        "https://user@example.com",
        "https://example.com:x",
        "https://[",
        "https://example.com/" + "a" * 2048,
    ],
)
def test_what_is_no_web_address_is_refused(address: str) -> None:
    assert not is_web_address(address)


def test_deep_nesting_in_what_is_ignored_does_no_harm() -> None:
    deep: Any = "x"
    for _ in range(700):
        deep = {"a": deep}
    assert refusal({"author": deep}) == "embeds[0].author.name is missing."


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["title", "fields", "name", "value", "url", "image", "footer", "text", "timestamp"]
            ),
            inner,
            max_size=5,
        )
    ),
)


@given(json_values)
def test_any_json_is_accepted_or_refused_in_one_sentence(value: Any) -> None:
    for document in (value, {"embeds": value}, {"embeds": [value]}):
        sentence = refusal_of(json.dumps(document)) or "Accepted."
        assert sentence.endswith(".")
        assert "\n" not in sentence
