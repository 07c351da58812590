"""What a reply answers, as a small embed above it: who wrote it, and how it begins."""

from collections.abc import Mapping
from typing import Any, Final

from bot.text.embeds import MAX_AUTHOR
from bot.text.language import _, ngettext
from bot.text.templates import cut
from cogs.serverstats.starboard.rendering.original import Original, read_original
from cogs.serverstats.starboard.rendering.people import read_author
from cogs.serverstats.starboard.rendering.quoted_text import seal, shorten
from cogs.serverstats.starboard.rendering.raw import Raw, number_of, object_of, text_of
from cogs.serverstats.starboard.rendering.starrable import WRITTEN_TYPES

EXCERPT_LENGTH: Final = 300
EXCERPT_LINES: Final = 4


def reply_embed(message: Raw, members: Mapping[int, Raw], guild_id: int) -> dict[str, Any]:
    """Return who is answered, and the beginning of what they wrote, as far as it still exists and is told.

    `referenced_message` is null when it was deleted, and absent when Discord did not look (Discord documentation, Message
    Resource, Message Object).
    """
    reference = object_of(message, "message_reference")
    answered = object_of(message, "referenced_message")
    if not answered:
        was_deleted = "referenced_message" in message
        name = _("Reply to a message that was deleted") if was_deleted else _("Reply to another message")
        link = {} if was_deleted else _link(reference, guild_id)
        return {"author": {"name": name, **link}}
    author = read_author(answered, members.get(number_of(object_of(answered, "author"), "id"), {}), guild_id)
    embed: dict[str, Any] = {
        "author": {
            "name": cut(_("Reply to {name}", name=author.name), MAX_AUTHOR),
            "icon_url": author.avatar_url,
            **_link(reference, guild_id),
        }
    }
    if excerpt := _excerpt(answered):
        embed["description"] = excerpt
    return embed


def _link(reference: Raw, guild_id: int) -> dict[str, str]:
    channel_id, message_id = number_of(reference, "channel_id"), number_of(reference, "message_id")
    if not (channel_id and message_id):
        return {}
    return {"url": f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"}


def _excerpt(message: Raw) -> str:
    if number_of(message, "type") not in WRITTEN_TYPES:
        return f"*{_('A message by Discord')}*"
    original = read_original(message)
    parts = ", ".join(_parts(original))
    text = shorten(original.text, EXCERPT_LENGTH, EXCERPT_LINES) or _first_embed_text(original)
    return "\n".join(part for part in (text, parts) if part.strip())


def _parts(original: Original) -> list[str]:
    parts = [_("Forwarded")] if original.is_forward else []
    if original.poll:
        parts.append(_("Poll"))
    if original.media:
        parts.append(ngettext("{count} file", "{count} files", len(original.media)))
    if original.sticker_names:
        parts.append(_("Sticker"))
    return [f"*{part}*" for part in parts]


def _first_embed_text(original: Original) -> str:
    texts = (text_of(embed, key) for embed in original.embeds for key in ("title", "description"))
    return shorten(seal(next(filter(None, texts), "")), EXCERPT_LENGTH, EXCERPT_LINES)
