"""What a post shows of messages of every kind."""

import json
from typing import Any

import pytest

from bot.text.rendering import RenderedMessage
from cogs.serverstats.starboard.rendering.post import (
    AGE_RESTRICTED,
    CONTENT_WITHHELD,
    NOTHING_TO_SHOW,
    Board,
    Source,
    digest_of,
    original_id_of,
    render_post,
)
from tests.cogs.serverstats.starboard.rendering.messages import (
    ADA,
    BOARD,
    BOB,
    CHANNEL_ID,
    FILES,
    GUILD_ID,
    LINK,
    MESSAGE_ID,
    SIGNATURE,
    SOURCE,
    attachment,
    everything,
    field,
    main_embed,
    message,
    render,
)


def test_a_post_shows_stars_channel_author_text_time_link_and_id() -> None:
    post = render()

    assert post.content == f"⭐ **12** · <#{CHANNEL_ID}>"
    assert post.allowed_user_ids == ()
    embed = main_embed(post)
    assert embed["author"] == {
        "name": "Ada L.",
        "icon_url": "https://cdn.discordapp.com/avatars/1001/1f2e.png",
        "url": LINK,
    }
    assert embed["description"] == "Good morning"
    assert embed["timestamp"] == "2026-01-01T12:00:00.123+00:00"
    assert embed["footer"] == {"text": f"Message {MESSAGE_ID}"}
    assert field(post, "Original") == f"[Jump to the message]({LINK})"


def test_the_line_of_stars_has_the_boards_emoji_and_a_readable_number() -> None:
    post = render_post(message(), 1234, Board(emoji="<:moth:55>"), SOURCE)

    assert post.content == f"<:moth:55> **1,234** · <#{CHANNEL_ID}>"


def test_the_author_is_named_as_in_the_server() -> None:
    members = {1001: {"nick": "Countess", "avatar": "a_77"}}
    author = main_embed(render(source=Source(guild_id=GUILD_ID, members=members)))["author"]

    assert author["name"] == "Countess"
    assert author["icon_url"] == f"https://cdn.discordapp.com/guilds/{GUILD_ID}/users/1001/avatars/a_77.gif"


def test_an_author_without_picture_has_discords_default_one() -> None:
    assert main_embed(render(author=BOB))["author"] == {
        "name": "bob",
        "icon_url": "https://cdn.discordapp.com/embed/avatars/0.png",
        "url": LINK,
    }


@pytest.mark.parametrize(
    "changes", [{"author": {**BOB, "bot": True}}, {"author": BOB, "webhook_id": "1002", "flags": 64}]
)
def test_bots_and_webhooks_are_not_taken_for_members(changes: dict[str, Any]) -> None:
    assert main_embed(render(**changes))["author"]["name"] == "bob · App"


def test_an_edited_message_is_marked() -> None:
    post = render(edited_timestamp="2026-01-01T13:00:00+00:00")

    assert main_embed(post)["footer"]["text"] == f"Message {MESSAGE_ID} · edited"
    assert original_id_of({"embeds": list(post.embeds)}) == MESSAGE_ID


def test_the_id_is_read_back_from_a_post_and_from_nothing_else() -> None:
    assert original_id_of({"embeds": list(render().embeds)}) == MESSAGE_ID
    assert original_id_of({"content": f"Message {MESSAGE_ID}"}) is None
    # A bot's embed could name another message: of quoted embeds no footer is shown.
    forged = {"type": "rich", "title": "x", "footer": {"text": "Message 5"}}
    post = render(author={**BOB, "bot": True}, embeds=[forged])
    assert original_id_of({"embeds": list(reversed(post.embeds))}) == MESSAGE_ID


def test_a_message_fetched_again_makes_an_equal_post() -> None:
    """The signatures of addresses are new every time; an edit for them would be a request for nothing."""
    one = render(attachments=[attachment("a.png", "image/png"), attachment("b.pdf", "application/pdf")])
    other_signature = "?ex=1&is=2&hm=3&"
    again = json.loads(
        json.dumps(
            message(attachments=[attachment("a.png", "image/png"), attachment("b.pdf", "application/pdf")])
        ).replace(SIGNATURE, other_signature)
    )

    assert render(again) == one
    assert digest_of(render(again)) == digest_of(one)
    assert "ex=" not in everything(one)


def test_the_digest_differs_when_the_post_differs() -> None:
    posts = [render(), render(content="Good evening"), render_post(message(), 13, BOARD, SOURCE)]

    assert len({digest_of(post) for post in posts}) == 3
    assert digest_of(RenderedMessage("a", (), ())) == "d8ae59cc64ba90eaa76374140e81706b"


def test_the_first_picture_is_shown_and_other_files_are_linked() -> None:
    post = render(
        attachments=[
            attachment("notes.pdf", "application/pdf"),
            attachment("cat.png", "image/png"),
            attachment("dog.png", "image/png"),
            attachment("clip.mp4", "video/mp4"),
        ]
    )

    assert main_embed(post)["image"] == {"url": f"{FILES}/cat.png"}
    assert field(post, "Files") == (
        f"📎 [notes.pdf]({FILES}/notes.pdf)\n🖼️ [dog.png]({FILES}/dog.png)\n🎬 [clip.mp4]({FILES}/clip.mp4)"
    )


def test_a_file_without_content_type_is_judged_by_its_ending() -> None:
    assert main_embed(render(attachments=[attachment("cat.JPG")]))["image"] == {"url": f"{FILES}/cat.JPG"}
    assert "image" not in main_embed(render(attachments=[attachment("cat.svg")]))
    assert main_embed(render(attachments=[attachment("my cat.png")]))["image"] == {
        "url": f"{FILES}/my%20cat.png"
    }
    # What Discord cannot show in an embed, such as HEIC, is linked.
    assert "image" not in main_embed(render(attachments=[attachment("cat.png", "image/heic")]))


@pytest.mark.parametrize(
    "hidden",
    [
        attachment("SPOILER_cat.png", "image/png"),
        attachment("cat.png", "image/png", flags=1 << 3),
        attachment("cat.png", "image/png", url=f"{FILES}/SPOILER_cat.png{SIGNATURE}"),
        attachment("cat.png", "image/png", flags=1 << 4),
    ],
)
def test_a_spoiler_is_never_shown_and_its_link_is_hidden(hidden: dict[str, Any]) -> None:
    address = hidden["url"].removesuffix(SIGNATURE)
    same_file = {"type": "image", "url": "https://example.com", "thumbnail": {"url": hidden["url"]}}

    post = render(attachments=[hidden], embeds=[same_file])

    assert "image" not in main_embed(post)
    assert field(post, "File") == f"🖼️ ||[cat.png]({address})||"


def test_many_files_with_long_names_fit() -> None:
    files = [attachment(f"{number}{'_' * 200}.txt", id=str(number)) for number in range(10)]
    post = render(content="x" * 4000, attachments=files)

    assert all(len(each["value"]) <= 1024 for each in main_embed(post)["fields"])
    assert "and 6 more" in everything(post)


def test_a_voice_message_is_linked_with_its_length() -> None:
    voice = attachment("voice-message.ogg", "audio/ogg", duration_secs=67.4, waveform="AAA=")
    post = render(content="", flags=1 << 13, attachments=[voice])

    assert field(post, "File") == f"🎤 [Voice message, 1:07]({FILES}/voice-message.ogg)"
    assert "description" not in main_embed(post)


def test_a_sticker_is_named_and_shown() -> None:
    post = render(content="", sticker_items=[{"id": "5", "name": "wave*", "format_type": 1}])
    assert field(post, "Sticker") == r"wave\*"
    assert main_embed(post)["image"] == {"url": "https://cdn.discordapp.com/stickers/5.png"}

    gif = render(sticker_items=[{"id": "5", "name": "wave", "format_type": 4}])
    assert main_embed(gif)["image"] == {"url": "https://media.discordapp.net/stickers/5.gif"}

    lottie = render(sticker_items=[{"id": "5", "name": "wave", "format_type": 3}])
    assert field(lottie, "Sticker") == "wave"
    assert "image" not in main_embed(lottie)


def test_an_age_restricted_message_is_only_linked_on_a_board_that_is_not() -> None:
    restricted = Source(guild_id=GUILD_ID, is_nsfw=True)
    given = message(
        attachments=[attachment("cat.png", "image/png")], type=19, referenced_message=message(author=BOB)
    )
    post = render(given, source=restricted)

    (embed,) = post.embeds
    assert embed["description"] == AGE_RESTRICTED
    assert field(post, "Original") == f"[Jump to the message]({LINK})"
    assert not any(word in everything(post) for word in ("Good morning", "cat.png", "Ada", "bob"))
    allowed = render(given, source=restricted, board=Board(emoji="⭐", is_nsfw=True))
    assert main_embed(allowed)["image"] == {"url": f"{FILES}/cat.png"}


class TestWithoutTheMessageContentIntent:
    source = Source(guild_id=GUILD_ID, bot_user_id=42, can_read_content=False)

    def test_a_message_is_linked_with_the_reason(self) -> None:
        post = render(source=self.source, content="")
        assert main_embed(post)["description"] == CONTENT_WITHHELD
        assert main_embed(post)["author"]["name"] == "Ada L."

    def test_a_forward_is_linked_with_the_reason(self) -> None:
        post = render(source=self.source, content="", message_snapshots=[{"message": {"content": ""}}])
        assert main_embed(post)["description"] == CONTENT_WITHHELD

    def test_what_discord_gives_nevertheless_is_shown(self) -> None:
        """Messages that mention the bot come whole."""
        assert main_embed(render(source=self.source))["description"] == "Good morning"
        files = [attachment("cat.png", "image/png")]
        assert "description" not in main_embed(render(source=self.source, content="", attachments=files))

    def test_the_bots_own_message_is_complete(self) -> None:
        post = render(source=self.source, content="", author={"id": "42", "username": "us", "bot": True})
        assert main_embed(post)["description"] == NOTHING_TO_SHOW


def test_a_message_without_anything_says_so() -> None:
    assert main_embed(render(content=""))["description"] == NOTHING_TO_SHOW


def test_a_forward_shows_what_was_forwarded() -> None:
    snapshot = {
        "type": 0,
        "content": "From afar",
        "attachments": [attachment("cat.png", "image/png")],
        "embeds": [],
    }
    reference = {"type": 1, "guild_id": str(GUILD_ID), "channel_id": "702", "message_id": "900"}
    post = render(content="", message_reference=reference, message_snapshots=[{"message": snapshot}])

    embed = main_embed(post)
    assert embed["title"] == "Forwarded"
    assert embed["description"] == "From afar"
    assert embed["image"] == {"url": f"{FILES}/cat.png"}
    assert embed["author"]["name"] == "Ada L."
    assert f"[Where it came from](https://discord.com/channels/{GUILD_ID}/702/900)" in everything(post)
    elsewhere = render(
        content="",
        message_reference={**reference, "guild_id": "5"},
        message_snapshots=[{"message": snapshot}],
    )
    assert "900" not in everything(elsewhere)


def test_the_start_of_a_thread_shows_the_message_it_stands_for() -> None:
    starter = message(
        type=21,
        content="",
        author=BOB,
        referenced_message=message(id="900", author=ADA, content="How it began", channel_id="702"),
    )
    post = render(starter)

    assert main_embed(post)["description"] == "How it began"
    assert main_embed(post)["author"]["name"] == "Ada L."
    assert original_id_of({"embeds": list(post.embeds)}) == MESSAGE_ID


def test_a_forum_post_is_shown_with_its_title() -> None:
    post = render(source=Source(guild_id=GUILD_ID, post_title="How to *prune*"))

    assert main_embed(post)["title"] == r"How to \*prune\*"


def test_mentions_stay_what_they_are_and_ping_nobody() -> None:
    post = render(content="<@1002> <@&5> @everyone <:moth:5>")

    assert main_embed(post)["description"] == "<@1002> <@&5> @everyone <:moth:5>"
    assert post.allowed_user_ids == ()
    assert "@" not in (post.content or "")


def test_the_links_of_a_post_stand_where_no_text_of_others_reaches_them() -> None:
    post = render(content="```py\nnever closed || > * [")

    assert field(post, "Original") == f"[Jump to the message]({LINK})"
    assert "```" not in main_embed(post)["description"]


def test_a_broken_message_makes_a_post_nevertheless() -> None:
    given = {"id": None, "author": None, "attachments": None, "type": "x", "embeds": [None, 1], "poll": []}
    assert main_embed(render_post(given, 1, BOARD, SOURCE))["description"] == NOTHING_TO_SHOW
