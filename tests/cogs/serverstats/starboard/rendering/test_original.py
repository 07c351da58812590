"""Where the text, the pictures and the embeds of a message are found."""

from typing import Any

import discord
import pytest

from bot.ui.look import fits_one_message
from tests.cogs.serverstats.starboard.rendering.messages import (
    BOB,
    FILES,
    SIGNATURE,
    attachment,
    everything,
    field,
    main_embed,
    render,
)

APP = {**BOB, "bot": True}
PICTURE = {"url": "https://example.com/cat.png", "proxy_url": "https://images-ext-1.discordapp.net/x"}


class TestComponents:
    def test_texts_and_pictures_are_found_wherever_they_are(self) -> None:
        components = [
            {"type": 10, "content": "# Heading"},
            {
                "type": 17,
                "components": [
                    {
                        "type": 9,
                        "components": [{"type": 10, "content": "In a section"}],
                        "accessory": {"type": 11, "media": {"url": f"{FILES}/thumb.png{SIGNATURE}"}},
                    },
                    {"type": 14},
                    {"type": 12, "items": [{"media": PICTURE}, {"media": {"url": f"{FILES}/b.mp4"}}]},
                    {"type": 13, "file": {"url": f"{FILES}/list.txt{SIGNATURE}"}, "name": "list.txt"},
                ],
            },
            {"type": 1, "components": [{"type": 2, "label": "Press", "url": "https://example.com"}]},
        ]
        post = render(content="", author=APP, flags=1 << 15, components=components)

        assert main_embed(post)["description"] == "# Heading\nIn a section"
        assert main_embed(post)["image"] == {"url": f"{FILES}/thumb.png"}
        assert field(post, "Files") == (
            "🖼️ [cat.png](https://example.com/cat.png)\n"
            f"🎬 [b.mp4]({FILES}/b.mp4)\n📎 [list.txt]({FILES}/list.txt)"
        )

    def test_what_a_container_hides_stays_hidden(self) -> None:
        inside = [
            {"type": 10, "content": "the **butler**\nbut `how`"},
            {"type": 12, "items": [{"media": PICTURE}]},
        ]
        post = render(content="", components=[{"type": 17, "spoiler": True, "components": inside}])

        assert main_embed(post)["description"] == "||the ∗∗butler∗∗ but ˋhowˋ||"
        assert "image" not in main_embed(post)
        assert field(post, "File") == "🖼️ ||[cat.png](https://example.com/cat.png)||"

    @pytest.mark.parametrize(
        "component",
        [
            {"type": 12, "items": [{"media": {"url": f"{FILES}/cat.png"}, "spoiler": True}]},
            {"type": 13, "file": {"url": f"{FILES}/cat.png"}, "spoiler": True},
            {"type": 11, "media": {"url": f"{FILES}/cat.png"}, "spoiler": True},
            {"type": 12, "items": [{"media": {"url": f"{FILES}/cat.png", "flags": 8}}]},
        ],
    )
    def test_a_file_that_a_component_hides_is_hidden_as_attachment_too(
        self, component: dict[str, Any]
    ) -> None:
        files = [attachment("cat.png", "image/png")]
        post = render(content="", attachments=files, components=[component])

        assert "image" not in main_embed(post)
        assert field(post, "File") == f"🖼️ ||[cat.png]({FILES}/cat.png)||"

    def test_texts_do_not_reach_into_each_other(self) -> None:
        texts = [{"type": 10, "content": text} for text in ("a || b", "||secret||", "```open", "`end`")]
        shown = main_embed(render(content="", components=texts))["description"]

        assert shown == "a |\u200b| b\n||secret||\nˋˋˋopen\n`end`"

    def test_endless_nesting_is_cut_off(self) -> None:
        component: dict[str, Any] = {"type": 10, "content": "deep"}
        for _ in range(500):
            component = {"type": 17, "components": [component]}
        assert "deep" not in everything(render(content="", components=[component]))


class TestLinks:
    @pytest.mark.parametrize(
        "preview",
        [
            {"type": "image", "thumbnail": PICTURE},
            {"type": "gifv", "thumbnail": PICTURE, "video": {"url": "https://example.com/cat.mp4"}},
            {
                "type": "video",
                "title": "Cats",
                "thumbnail": PICTURE,
                "video": {"url": "https://example.com/e"},
            },
            {"type": "article", "title": "Cats", "description": "All about", "image": PICTURE},
        ],
    )
    def test_the_picture_of_a_links_preview_is_shown(self, preview: dict[str, Any]) -> None:
        link = "https://example.com/watch"
        post = render(content=f"Look: {link}", embeds=[{"url": link, **preview}])

        assert main_embed(post)["image"] == {"url": PICTURE["url"]}
        assert len(post.embeds) == 1

    def test_an_own_picture_comes_before_that_of_a_link(self) -> None:
        post = render(
            attachments=[attachment("own.png", "image/png")], embeds=[{"type": "image", "thumbnail": PICTURE}]
        )
        assert main_embed(post)["image"] == {"url": f"{FILES}/own.png"}

    @pytest.mark.parametrize("kind", ["image", "gifv", "article", "rich"])
    @pytest.mark.parametrize("author", [BOB, APP])
    def test_the_preview_of_a_hidden_link_is_not_shown(self, kind: str, author: dict[str, Any]) -> None:
        link = "https://example.com/watch"
        preview = {
            "type": kind,
            "url": link,
            "title": "The butler",
            "thumbnail": PICTURE,
            "image": PICTURE,
        }
        post = render(author=author, content=f"Look: ||{link}|| or not", embeds=[preview])

        assert "cat.png" not in everything(post)
        assert "butler" not in everything(post)

    @pytest.mark.parametrize("author", [BOB, APP])
    @pytest.mark.parametrize(
        "content", ["||https://short.example/1||", "a || b HTTPS://short.example/1 || c"]
    )
    def test_the_preview_of_a_hidden_link_that_leads_elsewhere_is_not_shown(
        self, content: str, author: dict[str, Any]
    ) -> None:
        preview = {
            "type": "rich",
            "url": "https://example.com/watch",
            "title": "The butler",
            "image": PICTURE,
        }
        post = render(author=author, content=content, embeds=[preview])

        assert "cat.png" not in everything(post)
        assert "butler" not in everything(post)

    @pytest.mark.parametrize("url", [{}, {"url": "https://example.com/watch"}])
    def test_a_bots_own_embed_beside_a_spoiler_without_a_link_is_shown(self, url: dict[str, str]) -> None:
        embed = {"type": "rich", "title": "The butler", **url}
        assert "butler" in everything(render(author=APP, content="||boo||", embeds=[embed]))

    def test_a_preview_that_discord_blurs_is_not_shown(self) -> None:
        for preview in (
            {"type": "image", "flags": 1 << 4, "thumbnail": PICTURE},
            {"type": "image", "thumbnail": {**PICTURE, "flags": 1 << 4}},
        ):
            assert "image" not in main_embed(render(embeds=[preview]))

    def test_embeds_that_a_moderator_removed_are_not_shown(self) -> None:
        post = render(flags=1 << 2, embeds=[{"type": "image", "thumbnail": PICTURE}])
        assert "image" not in main_embed(post)


class TestEmbedsOfBots:
    def test_an_embed_is_quoted_after_the_message(self) -> None:
        embed = {
            "type": "rich",
            "author": {"name": "Forecast", "icon_url": "https://example.com/i.png"},
            "title": "Rain ||perhaps||",
            "url": "https://example.com/rain",
            "description": "```open",
            "color": 255,
            "fields": [{"name": "Wind", "value": "**4**", "inline": True}, {"name": "x", "value": " "}],
            "image": {"url": f"{FILES}/map.png{SIGNATURE}"},
            "footer": {"text": "Message 5"},
        }
        post = render(author=APP, content="", embeds=[embed])

        assert "description" not in main_embed(post)
        assert post.embeds[1] == {
            "author": {"name": "Forecast"},
            "title": "Rain ||perhaps||",
            "url": "https://example.com/rain",
            "description": "ˋˋˋopen",
            "color": 255,
            "fields": [{"name": "Wind", "value": "**4**", "inline": True}],
            "image": {"url": f"{FILES}/map.png"},
        }

    def test_what_does_not_fit_into_one_message_is_cut(self) -> None:
        embeds = [{"type": "rich", "description": letter * 4000} for letter in "abc"]
        post = render(author=APP, content="x" * 1500, embeds=embeds)

        assert fits_one_message([discord.Embed.from_dict(embed) for embed in post.embeds])
        assert main_embed(post)["description"] == "x" * 1500
        assert post.embeds[1]["description"] == "a" * 4000
        assert post.embeds[2]["description"].endswith("b…")
        assert len(post.embeds) == 3

    def test_no_more_than_three_are_quoted(self) -> None:
        embeds = [{"type": "rich", "title": f"Number {number}"} for number in range(10)]
        assert len(render(author=APP, embeds=embeds).embeds) == 4

    def test_a_picture_that_is_hidden_as_attachment_is_hidden_in_embeds(self) -> None:
        picture = {"url": f"{FILES}/cat.png"}
        post = render(
            author=APP,
            attachments=[attachment("cat.png", "image/png", flags=8)],
            embeds=[{"type": "rich", "title": "Cat", "image": picture, "thumbnail": picture}],
        )
        assert post.embeds[1] == {"title": "Cat"}
