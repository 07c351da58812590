"""Raw messages as Discord's API gives them."""

from typing import Any

from bot.text.rendering import RenderedMessage
from cogs.serverstats.starboard.rendering.post import Board, Source, render_post

GUILD_ID = 700
CHANNEL_ID = 701
MESSAGE_ID = 1_420_000_000_000_000_001
BOARD = Board(emoji="⭐")
SOURCE = Source(guild_id=GUILD_ID, bot_user_id=42)
LINK = f"https://discord.com/channels/{GUILD_ID}/{CHANNEL_ID}/{MESSAGE_ID}"
FILES = "https://cdn.discordapp.com/attachments/701/800"
SIGNATURE = "?ex=68f1a2b3&is=68f05133&hm=0123456789abcdef&"

ADA: dict[str, Any] = {"id": "1001", "username": "ada", "global_name": "Ada L.", "avatar": "1f2e"}
BOB: dict[str, Any] = {"id": "1002", "username": "bob", "global_name": None, "avatar": None}


def message(**changes: Any) -> dict[str, Any]:
    """Return an ordinary message of Ada's, with these keys changed."""
    return {
        "id": str(MESSAGE_ID),
        "channel_id": str(CHANNEL_ID),
        "type": 0,
        "author": ADA,
        "content": "Good morning",
        "timestamp": "2026-01-01T12:00:00.123000+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "flags": 0,
    } | changes


def attachment(filename: str, content_type: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return a file of a message, with a signed address."""
    given = {
        "id": "800",
        "filename": filename,
        "size": 1000,
        "url": f"{FILES}/{filename}{SIGNATURE}",
        "proxy_url": f"https://media.discordapp.net/attachments/701/800/{filename}{SIGNATURE}",
    }
    return given | ({"content_type": content_type} if content_type else {}) | changes


def render(
    given: dict[str, Any] | None = None, *, source: Source = SOURCE, board: Board = BOARD, **changes: Any
) -> RenderedMessage:
    """Return the post about a message with 12 stars."""
    return render_post(given or message(**changes), 12, board, source)


def main_embed(post: RenderedMessage) -> dict[str, Any]:
    """Return the embed that quotes the message itself."""
    return next(embed for embed in post.embeds if "footer" in embed)


def field(post: RenderedMessage, name: str) -> str | None:
    """Return the text of a field of the main embed."""
    fields = main_embed(post)["fields"]
    return next((str(each["value"]) for each in fields if each["name"] == name), None)


def everything(post: RenderedMessage) -> str:
    """Return the whole post as text."""
    return repr((post.content, post.embeds))
