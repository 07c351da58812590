"""Files and pictures of a message: which can be shown, and which are only linked."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from bot.text.embeds import is_web_address
from bot.text.escape import escape_markdown, tame_name
from bot.text.language import _
from bot.text.templates import cut
from cogs.serverstats.starboard.rendering.raw import Raw, number_of, object_of, text_of

SPOILER_PREFIX: Final = "SPOILER_"
IS_SPOILER: Final = 1 << 3
"""Attachment flag (Discord documentation, Message Resource, Attachment Flags)."""
HAS_EXPLICIT_MEDIA: Final = 1 << 4
"""Attachment and embed flag, set by Discord's own filter, which blurs such pictures."""
NAME_LENGTH: Final = 80
ADDRESS_LENGTH: Final = 700
"""Of a longer address only the name is shown, as it would fill a field alone."""

_CDN_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_SHOWABLE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_SHOWABLE_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
_VIDEO_ENDINGS = frozenset({".mp4", ".webm", ".mov", ".m4v"})
_WHITE_SPACE = re.compile(r"\s")
_NOT_IN_LINKS = re.compile(r"[()\[\]<>|*~`\"\\\s]")


class MediaKind(Enum):
    """What a file is; only an image can be shown in an embed."""

    IMAGE = auto()
    VIDEO = auto()
    VOICE = auto()
    FILE = auto()


_SYMBOLS = {MediaKind.IMAGE: "🖼️", MediaKind.VIDEO: "🎬", MediaKind.VOICE: "🎤", MediaKind.FILE: "📎"}


@dataclass(frozen=True, slots=True)
class Media:
    """One file; the address is without signature. `is_hidden`: never shown, and linked within a spoiler."""

    address: str
    name: str
    kind: MediaKind
    is_hidden: bool = False
    duration_seconds: int | None = None

    def link(self) -> str:
        """Return a line with a link to the file."""
        if self.duration_seconds is not None and self.kind is MediaKind.VOICE:
            minutes, seconds = divmod(self.duration_seconds, 60)
            label = _("Voice message, {length}", length=f"{minutes}:{seconds:02}")
        else:
            label = escape_markdown(cut(tame_name(self.name), NAME_LENGTH))
        address = _NOT_IN_LINKS.sub(lambda match: quote(match[0]), self.address)
        linked = f"[{label}]({address})" if len(address) <= ADDRESS_LENGTH else label
        return f"{_SYMBOLS[self.kind]} " + (f"||{linked}||" if self.is_hidden else linked)


def bare_address(address: str) -> str:
    """Return an address without what expires.

    Discord signs the addresses of its files anew with every answer, and refreshes bare ones itself wherever its clients show
    them (Discord documentation, Reference, Signed Attachment CDN URLs).
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if parts.hostname not in _CDN_HOSTS or parts.scheme not in {"http", "https"}:
        return address
    host = "cdn.discordapp.com" if "attachments/" in parts.path else parts.hostname
    return f"https://{host}{parts.path}"


def attachment_media(attachment: Raw) -> Media | None:
    """Return an attachment of a message, or None when it has no address."""
    name = text_of(attachment, "filename")
    duration = attachment.get("duration_secs")
    is_voice = isinstance(duration, int | float) and bool(text_of(attachment, "waveform"))
    return _make_media(
        attachment,
        text_of(attachment, "title") or name,
        is_hidden=name.startswith(SPOILER_PREFIX) or attachment.get("spoiler") is True,
        duration_seconds=round(duration) if is_voice and isinstance(duration, int | float) else None,
    )


def component_media(item: Raw, key: str, *, is_hidden: bool) -> Media | None:
    """Return the file that a component shows under this key, or None when it has no address."""
    return _make_media(
        object_of(item, key), text_of(item, "name"), is_hidden=is_hidden or item.get("spoiler") is True
    )


def picture_address(picture: Raw) -> str | None:
    """Return the address of an embed's picture when everybody may see it."""
    media = _make_media(picture, "")
    return media.address if media is not None and not media.is_hidden else None


def merge_media(given: Iterable[Media | None]) -> tuple[Media, ...]:
    """Return every file once; hidden when it is hidden anywhere."""
    merged: dict[str, Media] = {}
    for media in given:
        if media is not None:
            known = merged.get(media.address, media)
            merged[media.address] = replace(known, is_hidden=known.is_hidden or media.is_hidden)
    return tuple(merged.values())


def first_image(
    media: Iterable[Media], other_addresses: Iterable[str], hidden: Collection[str]
) -> str | None:
    """Return the address of the picture to show: of the message's own before those of links."""
    for each in media:
        if each.kind is MediaKind.IMAGE and not each.is_hidden:
            return each.address
    return next((address for address in other_addresses if address not in hidden), None)


def _make_media(
    given: Raw, name: str, *, is_hidden: bool = False, duration_seconds: int | None = None
) -> Media | None:
    address = _WHITE_SPACE.sub(lambda match: quote(match[0]), bare_address(text_of(given, "url")))
    if not is_web_address(address):
        return None
    file_name = PurePosixPath(unquote(urlsplit(address).path)).name
    name = name or file_name or _("file")
    kind = _kind(text_of(given, "content_type"), PurePosixPath(file_name or name).suffix.lower())
    return Media(
        address,
        name.removeprefix(SPOILER_PREFIX),
        kind if duration_seconds is None else MediaKind.VOICE,
        is_hidden
        or file_name.startswith(SPOILER_PREFIX)
        or bool(number_of(given, "flags") & (IS_SPOILER | HAS_EXPLICIT_MEDIA)),
        duration_seconds,
    )


def _kind(content_type: str, ending: str) -> MediaKind:
    content_type = content_type.partition(";")[0].strip().lower()
    if content_type in _SHOWABLE_TYPES or (not content_type and ending in _SHOWABLE_ENDINGS):
        return MediaKind.IMAGE
    if content_type.startswith("video/") or (not content_type and ending in _VIDEO_ENDINGS):
        return MediaKind.VIDEO
    return MediaKind.FILE
