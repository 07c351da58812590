"""The post about a starred message: one line with its stars, and the message quoted in embeds.

Texts of others stand alone in a description, a field or an embed of their own, where no markdown of theirs reaches our lines.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from bot.snowflakes import snowflake_ms
from bot.text.embeds import MAX_DESCRIPTION, MAX_FIELD_VALUE, MAX_TITLE, MAX_TOTAL, parse_timestamp
from bot.text.escape import INVISIBLE, escape_markdown, tame_name
from bot.text.language import N_, _
from bot.text.numbers import format_number
from bot.text.rendering import RenderedMessage
from bot.text.templates import cut, units
from bot.ui.look import ACCENT
from cogs.serverstats.starboard.rendering.media import Media, first_image
from cogs.serverstats.starboard.rendering.original import (
    Original,
    is_reply,
    read_original,
    written_message,
)
from cogs.serverstats.starboard.rendering.people import read_author
from cogs.serverstats.starboard.rendering.polls import poll_field
from cogs.serverstats.starboard.rendering.quoted_embeds import QUOTED_MOST, Room, quote_embed
from cogs.serverstats.starboard.rendering.raw import Raw, number_of, object_of, objects_of, text_of
from cogs.serverstats.starboard.rendering.replies import reply_embed

AGE_RESTRICTED: Final = N_(
    "*This message is in an age-restricted channel, and this board is not, so it is only linked.*"
)
CONTENT_WITHHELD: Final = N_(
    "*This bot was not given the text: it lacks the Message Content intent. The link leads to the message.*"
)
NOTHING_TO_SHOW: Final = N_("*There is nothing here that can be shown; the link leads to the message.*")
STARTER_DELETED: Final = N_("*The message that started this thread was deleted.*")

_FOOTER = re.compile(r"\D*(\d+)\D*")
"""The id is all that the footer has of digits, in every language."""
_LINK_FIELDS_MOST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Where the post goes. `emoji` as it is written in messages; a thread has the age restriction of its parent."""

    emoji: str
    is_nsfw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a message does not tell about itself.

    `is_nsfw`: its channel is age-restricted; a thread has the age restriction of its parent. `members`: raw guild members
    by the id of their user, as far as they are known. `post_title`: the name of the forum post that the message starts.
    """

    guild_id: int
    is_nsfw: bool = False
    members: Mapping[int, Raw] = field(default_factory=dict)
    bot_user_id: int = 0
    can_read_content: bool = True
    post_title: str | None = None


def render_post(message: Raw, stars: int, board: Board, source: Source) -> RenderedMessage:
    """Return the post about a message, given as Discord's API gives it, in the language of the context; nobody is pinged.

    What changes nothing that can be seen changes nothing in the post: two equal posts need no edit.
    """
    content = f"{board.emoji} **{format_number(stars)}** · <#{number_of(message, 'channel_id')}>"
    link = _jump_link(message, source.guild_id)
    frame = _frame(message)
    if source.is_nsfw and not board.is_nsfw:
        frame |= {"description": _(AGE_RESTRICTED), "fields": [_link_field(link)]}
        return RenderedMessage(content, (frame,), ())
    written = written_message(message)
    if not written:
        frame |= {"description": _(STARTER_DELETED), "fields": [_link_field(link)]}
        return RenderedMessage(content, (frame,), ())
    return RenderedMessage(content, _quote(written, frame, link, source), ())


def digest_of(post: RenderedMessage) -> str:
    """Return 32 hexadecimal digits that differ when the post differs, the same in every process."""
    text = json.dumps([post.content, post.embeds], sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def original_id_of(post: Raw) -> int | None:
    """Return the id of the message that a raw message of ours is about, or None when it is no post.

    The words of a post are in the language that the server had then: what tells it are the id in the footer and the link to
    the same message in a field.
    """
    for embed in objects_of(post, "embeds"):
        found = _FOOTER.fullmatch(text_of(object_of(embed, "footer"), "text"))
        if found and any(f"/{found[1]})" in text_of(each, "value") for each in objects_of(embed, "fields")):
            return int(found[1])
    return None


def _frame(message: Raw) -> dict[str, Any]:
    """Return what the embed of every post has."""
    is_edited = bool(text_of(written_message(message), "edited_timestamp"))
    message_id = number_of(message, "id")
    moment = parse_timestamp(text_of(message, "timestamp"))
    if moment is None or moment.tzinfo is None:
        moment = datetime.fromtimestamp(snowflake_ms(message_id) / 1000, UTC)
    return {
        "color": ACCENT.value,
        "footer": {
            "text": _("Message {id} · edited", id=message_id)
            if is_edited
            else _("Message {id}", id=message_id)
        },
        "timestamp": moment.isoformat(timespec="milliseconds"),
    }


def _quote(message: Raw, frame: dict[str, Any], link: str, source: Source) -> tuple[dict[str, Any], ...]:
    original = read_original(message)
    author_id = number_of(object_of(message, "author"), "id")
    author = read_author(message, source.members.get(author_id, {}), source.guild_id)
    embed = {"author": {"name": author.name, "icon_url": author.avatar_url, "url": link}, **frame}
    if title := _title(original, source.post_title):
        embed["title"] = title
    is_withheld = original.is_withheld and not source.can_read_content and author_id != source.bot_user_id
    image = first_image(original.media, original.link_images, ())
    embed["fields"] = _fields(message, original, image, link, source)
    if image is not None:
        embed["image"] = {"url": image}
    replied = reply_embed(message, source.members, source.guild_id) if is_reply(message) else None
    room = Room(MAX_TOTAL - _units_of(embed) - (_units_of(replied) if replied else 0))
    if is_withheld:
        embed["description"] = _(CONTENT_WITHHELD)
    elif text := room.fit(original.text, MAX_DESCRIPTION):
        embed["description"] = text
    elif original.is_empty:
        embed["description"] = _(NOTHING_TO_SHOW)
    quoted = [quote_embed(each, room) for each in original.embeds[:QUOTED_MOST]]
    return tuple(each for each in (replied, embed, *quoted) if each)


def _title(original: Original, post_title: str | None) -> str | None:
    name = escape_markdown(tame_name(post_title)) if post_title else None
    if original.is_forward:
        name = _("{title} · Forwarded", title=name) if name else _("Forwarded")
    return cut(name, MAX_TITLE) if name else None


def _fields(
    message: Raw, original: Original, image: str | None, link: str, source: Source
) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = []
    if original.poll:
        fields.append(poll_field(original.poll))
    if original.sticker_names:
        names = ", ".join(escape_markdown(tame_name(name)) for name in original.sticker_names)
        fields.append(_field(_("Sticker"), cut(names, MAX_FIELD_VALUE)))
    fields += _file_fields([media for media in original.media if media.address != image])
    forwarded = object_of(message, "message_reference") if original.is_forward else {}
    # A link into another server would open for nobody but its members.
    if number_of(forwarded, "guild_id") == source.guild_id and number_of(forwarded, "message_id"):
        return [*fields, _link_field(link, _message_link(source.guild_id, forwarded))]
    return [*fields, _link_field(link)]


def _file_fields(files: list[Media]) -> list[dict[str, Any]]:
    values: list[str] = [""]
    left_out = 0
    for media in files:
        line = media.link() + "\n"
        if units(values[-1]) + units(line) > MAX_FIELD_VALUE and len(values) < _LINK_FIELDS_MOST:
            values.append("")
        if left_out or units(values[-1]) + units(line) > MAX_FIELD_VALUE - units(_more(99)):
            left_out += 1
        else:
            values[-1] += line
    if left_out:
        values[-1] += _more(left_out)
    values = [value.rstrip("\n") for value in values if value]
    return [
        _field(INVISIBLE if index else _("File") if len(files) == 1 else _("Files"), value)
        for index, value in enumerate(values)
    ]


def _more(left_out: int) -> str:
    return _("and {more} more", more=left_out)


def _field(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value, "inline": False}


def _link_field(link: str, forwarded_link: str | None = None) -> dict[str, Any]:
    value = f"[{_('Jump to the message')}]({link})"
    if forwarded_link:
        value += f" · [{_('Where it came from')}]({forwarded_link})"
    return _field(_("Original"), value)


def _jump_link(message: Raw, guild_id: int) -> str:
    return f"https://discord.com/channels/{guild_id}/{number_of(message, 'channel_id')}/{number_of(message, 'id')}"


def _message_link(guild_id: int, reference: Raw) -> str:
    channel_id, message_id = number_of(reference, "channel_id"), number_of(reference, "message_id")
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def _units_of(embed: dict[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description"), embed.get("author", {}).get("name")]
    texts.append(embed.get("footer", {}).get("text"))
    texts += [text for each in embed.get("fields", []) for text in (each["name"], each["value"])]
    return sum(units(text) for text in texts if text)
