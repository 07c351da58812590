"""What there is to quote of a message, wherever Discord keeps it: in itself, in a forward, in its components."""

from dataclasses import dataclass
from typing import Any, Final

from cogs.serverstats.starboard.rendering.components import ComponentContent, read_components
from cogs.serverstats.starboard.rendering.media import (
    HAS_EXPLICIT_MEDIA,
    Media,
    attachment_media,
    merge_media,
    picture_address,
)
from cogs.serverstats.starboard.rendering.people import CDN
from cogs.serverstats.starboard.rendering.quoted_text import hides_link, is_openly_linked, seal, seal_together
from cogs.serverstats.starboard.rendering.raw import Raw, number_of, object_of, objects_of, text_of
from cogs.serverstats.starboard.rendering.starrable import REPLY, THREAD_STARTER

SUPPRESSES_EMBEDS: Final = 1 << 2
"""Message flag (Discord documentation, Message Resource, Message Flags)."""
FORWARD: Final = 1
"""Message reference type (Discord documentation, Message Resource, Message Reference Types)."""
LOTTIE: Final = 3
GIF: Final = 4
"""Sticker formats (Discord documentation, Sticker Resource, Sticker Format Types); Lottie cannot be shown as a picture."""


@dataclass(frozen=True, slots=True)
class Original:
    """What a message shows. `text` is sealed; `link_images` are pictures of links and stickers, the best first.

    `embeds` are raw, of bots and of links that everybody may see. `is_withheld`: Discord sent nothing of what needs the
    message content intent; whether that is for lack of it, the message does not tell.
    """

    text: str
    media: tuple[Media, ...]
    link_images: tuple[str, ...]
    embeds: tuple[Raw, ...]
    sticker_names: tuple[str, ...]
    poll: Raw
    is_forward: bool
    is_withheld: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to quote."""
        return not (
            self.text or self.media or self.link_images or self.embeds or self.sticker_names or self.poll
        )


def written_message(message: Raw) -> Raw:
    """Return the message that somebody wrote: for what starts a thread, the one that it stands for."""
    if number_of(message, "type") == THREAD_STARTER:
        return object_of(message, "referenced_message")
    return message


def is_reply(message: Raw) -> bool:
    """Whether the message answers another one."""
    return number_of(message, "type") == REPLY


def is_forward(message: Raw) -> bool:
    """Whether the message shows another one that was sent elsewhere."""
    return (
        bool(objects_of(message, "message_snapshots"))
        or number_of(object_of(message, "message_reference"), "type") == FORWARD
    )


def read_original(message: Raw) -> Original:
    """Return what the message shows."""
    snapshots = objects_of(message, "message_snapshots")
    shown = object_of(snapshots[0], "message") if snapshots else message
    # The author of what was forwarded is not told: nobody but an app would be believed to have made an embed.
    is_app = not snapshots and (
        object_of(message, "author").get("bot") is True or bool(number_of(message, "webhook_id"))
    )
    content = text_of(shown, "content")
    components = read_components(objects_of(shown, "components"))
    embeds = _open_embeds(shown, content, is_app=is_app)
    stickers = objects_of(shown, "sticker_items")
    link_images = tuple(
        dict.fromkeys(filter(None, (*map(_link_image, embeds), *map(_sticker_image, stickers))))
    )
    media = merge_media((*map(attachment_media, objects_of(shown, "attachments")), *components.media))
    hidden = {each.address for each in media if each.is_hidden}
    poll = object_of(shown, "poll")
    return Original(
        text=_text(content, components),
        media=media,
        link_images=tuple(address for address in link_images if address not in hidden),
        embeds=tuple(_without_hidden_pictures(embed, hidden) for embed in embeds if _is_rich(embed)),
        sticker_names=tuple(name for sticker in stickers if (name := text_of(sticker, "name"))),
        poll=poll,
        is_forward=is_forward(message),
        is_withheld=not (
            content or poll or any(objects_of(shown, key) for key in ("embeds", "attachments", "components"))
        ),
    )


def _text(content: str, components: ComponentContent) -> str:
    if not components.texts:
        return seal(content).strip("\n")
    return seal_together((content, *components.texts)).strip("\n")


def _open_embeds(message: Raw, content: str, *, is_app: bool) -> tuple[Raw, ...]:
    """Return the embeds that do not show what a spoiler hides; Discord does not mark the previews of hidden links."""
    if number_of(message, "flags") & SUPPRESSES_EMBEDS:
        return ()
    return tuple(embed for embed in objects_of(message, "embeds") if _is_open(embed, content, is_app=is_app))


def _is_open(embed: Raw, content: str, *, is_app: bool) -> bool:
    address = text_of(embed, "url")
    is_preview = bool(address) and (address in content or hides_link(content))
    if is_app and _is_rich(embed) and not is_preview:
        return True
    return is_openly_linked(content, address) if address else content.count("||") < 2


def _is_rich(embed: Raw) -> bool:
    return text_of(embed, "type") in {"", "rich"}


def _link_image(embed: Raw) -> str | None:
    """Return the picture of a link's preview; a video cannot be shown, but its thumbnail can."""
    if _is_rich(embed) or number_of(embed, "flags") & HAS_EXPLICIT_MEDIA:
        return None
    return picture_address(object_of(embed, "image")) or picture_address(object_of(embed, "thumbnail"))


def _sticker_image(sticker: Raw) -> str | None:
    sticker_id, kind = number_of(sticker, "id"), number_of(sticker, "format_type")
    if not sticker_id or kind == LOTTIE:
        return None
    if kind == GIF:
        return f"https://media.discordapp.net/stickers/{sticker_id}.gif"
    return f"{CDN}/stickers/{sticker_id}.png"


def _without_hidden_pictures(embed: Raw, hidden: set[str]) -> dict[str, Any]:
    is_explicit = bool(number_of(embed, "flags") & HAS_EXPLICIT_MEDIA)
    shown = dict(embed)
    for key in ("image", "thumbnail"):
        address = picture_address(object_of(embed, key))
        if address is None or address in hidden or is_explicit:
            shown.pop(key, None)
        else:
            shown[key] = {"url": address}
    return shown
