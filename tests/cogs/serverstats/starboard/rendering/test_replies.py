"""What a post tells of the message that was answered."""

from typing import Any

from bot.text.rendering import RenderedMessage
from cogs.serverstats.starboard.rendering.post import Source
from tests.cogs.serverstats.starboard.rendering.messages import (
    ADA,
    BOB,
    CHANNEL_ID,
    GUILD_ID,
    attachment,
    everything,
    main_embed,
    message,
    render,
)

REFERENCE = {"type": 0, "guild_id": str(GUILD_ID), "channel_id": str(CHANNEL_ID), "message_id": "900"}


def reply(**changes: Any) -> RenderedMessage:
    answered = message(id="900", author=BOB, **({"content": "Who is there?"} | changes))
    return render(type=19, author=ADA, message_reference=REFERENCE, referenced_message=answered)


def test_a_reply_shows_above_it_who_is_answered_and_what_they_wrote() -> None:
    post = reply()

    above, embed = post.embeds
    assert above["author"] == {
        "name": "Reply to bob",
        "icon_url": "https://cdn.discordapp.com/embed/avatars/0.png",
        "url": f"https://discord.com/channels/{GUILD_ID}/{CHANNEL_ID}/900",
    }
    assert above["description"] == "Who is there?"
    assert embed == main_embed(post)
    assert embed["description"] == "Good morning"


def test_who_is_answered_is_named_as_in_the_server() -> None:
    post = render(
        type=19,
        message_reference=REFERENCE,
        referenced_message=message(author=BOB),
        source=Source(guild_id=GUILD_ID, members={1002: {"nick": "Bobby"}}),
    )
    assert post.embeds[0]["author"]["name"] == "Reply to Bobby"


def test_a_reply_to_a_deleted_message_says_so() -> None:
    post = render(type=19, message_reference=REFERENCE, referenced_message=None)

    assert post.embeds[0] == {"author": {"name": "Reply to a message that was deleted"}}


def test_a_reply_to_a_message_that_discord_did_not_look_up_has_its_link() -> None:
    post = render(type=19, message_reference=REFERENCE)

    assert post.embeds[0] == {
        "author": {
            "name": "Reply to another message",
            "url": f"https://discord.com/channels/{GUILD_ID}/{CHANNEL_ID}/900",
        }
    }


def test_a_message_followed_from_another_server_is_no_reply() -> None:
    post = render(flags=1 << 1, message_reference={"type": 0, "guild_id": "5", "message_id": "6"})

    assert len(post.embeds) == 1


def test_a_long_answered_message_is_shortened() -> None:
    assert len(reply(content="x" * 2000).embeds[0]["description"]) == 300
    assert reply(content="\n".join("abcdefg")).embeds[0]["description"] == "a\nb\nc\nd…"


def test_a_spoiler_of_the_answered_message_stays_hidden_when_it_is_shortened() -> None:
    post = reply(content=f"The end: ||{'he did it ' * 100}||")

    assert post.embeds[0]["description"] == "The end: ||…||"
    assert "he did it" not in everything(post)


def test_what_else_the_answered_message_holds_is_named() -> None:
    files = [attachment("SPOILER_a.png", "image/png"), attachment("b.png", "image/png", id="801")]
    post = reply(attachments=files, sticker_items=[{"id": "5", "name": "wave", "format_type": 1}])

    assert post.embeds[0]["description"] == "Who is there?\n*2 files*, *Sticker*"
    assert "a.png" not in everything(post)
    poll = reply(content="", poll={"question": {"text": "Tea?"}})
    assert poll.embeds[0]["description"] == "*Poll*"
    forward = reply(content="", message_snapshots=[{"message": {"content": "From afar"}}])
    assert forward.embeds[0]["description"] == "From afar\n*Forwarded*"


def test_an_answered_system_message_is_no_empty_quote() -> None:
    assert reply(type=7, content="").embeds[0]["description"] == "*A message by Discord*"


def test_an_answered_embed_is_quoted_by_its_title() -> None:
    bot = {**BOB, "bot": True}
    answered = message(author=bot, content="", embeds=[{"type": "rich", "title": "Weather"}])
    post = render(type=19, message_reference=REFERENCE, referenced_message=answered)

    assert post.embeds[0]["description"] == "Weather"
