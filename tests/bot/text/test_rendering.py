import json
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.rendering import RenderedMessage, check_template, render_message
from bot.text.templates import TemplateError, units
from bot.text.values import Kind, Value
from tests.bot.text.test_escape import NASTY

AVATAR = "https://cdn.discordapp.com/avatars/1001/a_1.gif"
VALUES = {
    "user_display_name": Value(Kind.TEXT, "some_user"),
    "user_mention": Value(Kind.MENTION, "<@1001>"),
    "user_avatar_url": Value(Kind.URL, AVATAR),
    "inviter_avatar_url": Value(Kind.WORD, "Unknown inviter"),
    "inviter_mention": Value(Kind.MENTION, "<@1002>"),
    "current_datetime_iso": Value(Kind.WORD, "2026-01-01T13:00:00+01:00"),
}
PINGABLE = {"user_mention": 1001}


def render(template: str) -> RenderedMessage:
    return render_message(template, False, VALUES, PINGABLE)


def render_embeds(*embeds: Any, **values: str) -> tuple[dict[str, Any], ...]:
    chosen = {name: Value(Kind.TEXT, text) for name, text in values.items()}
    template = json.dumps({"embeds": list(embeds)})
    message = render_message(template, True, VALUES | chosen, PINGABLE)
    assert message.content is None
    return message.embeds


def test_text_is_filled() -> None:
    assert render("Hi <user_display_name>") == RenderedMessage(r"Hi some\_user", (), ())


def test_only_a_template_that_mentions_the_member_may_ping_them() -> None:
    assert render("<user_mention> by <inviter_mention>").allowed_user_ids == (1001,)
    assert render("<inviter_mention> <@1001>").allowed_user_ids == ()


def test_text_that_becomes_too_long_is_cut() -> None:
    message = render_message("<x>" * 600, False, {"x": Value(Kind.MENTION, "<@1001>")}, {})
    assert message.content == "<@1001>" * 285 + "…"


def test_every_part_of_an_embed_is_filled_as_its_place_demands() -> None:
    (embed,) = render_embeds(
        {
            "title": "<user_display_name>",
            "description": "<user_mention> <unknown>",
            "url": "https://example.com/<user_display_name>/<x>",
            "color": 0,
            "timestamp": "<current_datetime_iso>",
            "author": {"name": "<user_display_name>", "icon_url": "<user_avatar_url>"},
            "footer": {"text": "<user_display_name>", "icon_url": "https://example.com/a.png"},
            "image": {"url": "https://example.com/?a=<user_display_name>"},
            "thumbnail": {"url": "<user_avatar_url>"},
            "fields": [{"name": "<user_display_name>", "value": "`<user_display_name>`", "inline": True}],
        }
    )
    assert embed == {
        "title": r"some\_user",
        "description": "<@1001> <unknown>",
        "url": "https://example.com/some_user/%3Cx%3E",
        "color": 0,
        "timestamp": "2026-01-01T13:00:00+01:00",
        "author": {"name": "some_user", "icon_url": AVATAR},
        "footer": {"text": "some_user", "icon_url": "https://example.com/a.png"},
        "image": {"url": "https://example.com/?a=some_user"},
        "thumbnail": {"url": AVATAR},
        "fields": [{"name": r"some\_user", "value": "`some_user`", "inline": True}],
    }
    assert discord.Embed.from_dict(embed).timestamp is not None


def test_a_timestamp_without_an_offset_is_utc() -> None:
    (embed,) = render_embeds({"title": "t", "timestamp": "2026-01-01T12:00:00"})
    assert embed["timestamp"] == "2026-01-01T12:00:00+00:00"


def test_a_picture_that_does_not_exist_is_left_out() -> None:
    missing = {"url": "<inviter_avatar_url>"}
    (embed,) = render_embeds(
        {"title": "t", "image": missing, "author": {"name": "a", "icon_url": missing["url"]}}
    )
    assert embed == {"title": "t", "author": {"name": "a"}}


def test_an_embed_of_a_picture_that_does_not_exist_is_not_sent() -> None:
    missing = {"image": {"url": "<inviter_avatar_url>"}, "color": 5}
    assert render_embeds(missing, {"title": "t"}) == ({"title": "t"},)
    template = json.dumps({"embeds": [missing]})
    assert render_message(template, True, VALUES, PINGABLE).is_empty
    assert not render("x").is_empty


def test_texts_of_embeds_that_become_too_long_are_cut() -> None:
    (embed,) = render_embeds({"title": "<x>", "footer": {"text": "<x>"}}, x="a" * 3000)
    assert embed["title"] == "a" * 255 + "…"
    assert embed["footer"]["text"] == "a" * 2047 + "…"


def test_embeds_share_the_limit_of_the_total() -> None:
    first, second = render_embeds(
        {"description": "<x>"}, {"description": "<x>", "fields": [{"name": "n", "value": "v"}]}, x="a" * 5000
    )
    assert len(first["description"]) == 4096
    assert len(second["description"]) == 6000 - 4096
    assert "fields" not in second


def test_a_field_is_shown_with_its_value_or_not_at_all() -> None:
    fields = [{"name": "<n>", "value": "v"}, {"name": "<n>", "value": "v"}]
    (embed,) = render_embeds(
        {"description": "d" * 4096, "footer": {"text": "<f>"}, "fields": fields}, n="nn", f="f" * 1900
    )
    assert [(field["name"], field["value"]) for field in embed["fields"]] == [("nn", "v")]


def test_saving_refuses_text_that_discord_would_refuse() -> None:
    assert check_template("x" * 2000, False, []) == ()
    with pytest.raises(TemplateError, match=r"^The message has 2001 characters; Discord allows 2000"):
        check_template("x" * 2001, False, [])


@pytest.mark.parametrize("is_embed", [False, True])
def test_saving_refuses_more_than_a_form_takes(is_embed: bool) -> None:
    with pytest.raises(TemplateError, match=r"^The message has 4001 characters; at most 4000 are possible"):
        check_template("x" * 4001, is_embed, [])


@pytest.mark.parametrize("is_embed", [False, True])
def test_saving_refuses_an_empty_message(is_embed: bool) -> None:
    with pytest.raises(TemplateError, match=r"^The message is empty\.$"):
        check_template(" \n", is_embed, [])


def test_saving_an_embed_checks_it() -> None:
    with pytest.raises(
        TemplateError, match=r"^The embed is not valid JSON: line 1, column 1: expecting value\.$"
    ):
        check_template("hello", True, [])


def test_saving_warns_of_each_unknown_variable_once() -> None:
    expected = ("`<usr_name>` is not a variable and will be shown as it is; did you mean `<user_name>`?",)
    assert check_template("<usr_name> <user_name> <usr_name>", False, ["user_name"]) == expected
    embeds = {
        "embeds": [
            {
                "title": "<usr_name>",
                "image": {"url": "https://example.com/<usr_name>"},
                "fields": [{"name": "<user_name>", "value": "<usr_name>"}],
            }
        ],
        "content": "<ignored>",
    }
    assert check_template(json.dumps(embeds), True, ["user_name"]) == expected


pieces = st.lists(
    st.sampled_from(["<x>", "<x>", "text ", "`", "**", "<user_mention>", "\\"]), min_size=1, max_size=12
).map("".join)
texts = pieces.map(lambda text: f"t{text}")
embed_templates = st.fixed_dictionaries(
    {"title": texts},
    optional={
        "description": texts,
        "url": st.sampled_from(["https://example.com/<x>", "<user_avatar_url>"]),
        "author": st.fixed_dictionaries({"name": texts, "icon_url": st.just("https://example.com/<x>")}),
        "footer": st.fixed_dictionaries({"text": texts}),
        "fields": st.lists(st.fixed_dictionaries({"name": texts, "value": texts}), max_size=25),
    },
)


@given(
    st.lists(embed_templates, min_size=1, max_size=5),
    NASTY.flatmap(lambda text: st.sampled_from([text, text * 100, "a" * 3000, "😀" * 600])),
)
def test_rendered_embeds_are_always_within_the_limits(embeds: list[dict[str, Any]], chosen: str) -> None:
    total = 0
    for embed in render_embeds(*embeds, x=chosen):
        lengths = {
            256: [embed.get("title"), embed.get("author", {}).get("name")],
            4096: [embed.get("description")],
            2048: [embed.get("footer", {}).get("text")],
        }
        fields = embed.get("fields", [])
        lengths[256] += [field["name"] for field in fields]
        lengths[1024] = [field["value"] for field in fields]
        for limit, shown in lengths.items():
            for text in shown:
                if text is not None:
                    assert text.strip()
                    assert units(text) <= limit
                    total += units(text)
    assert total <= 6000


@given(pieces, NASTY.flatmap(lambda text: st.sampled_from([text, text * 100, "a" * 3000])))
def test_rendered_text_is_always_within_the_limit(template: str, chosen: str) -> None:
    content = render_message(template * 3, False, VALUES | {"x": Value(Kind.TEXT, chosen)}, {}).content
    assert content
    assert units(content) <= 2000
