"""Messages made of components have neither content nor embeds: their text and files are found by walking the tree.

Numbers: Discord documentation, Component Reference, Component Types.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cogs.serverstats.starboard.rendering.media import Media, component_media
from cogs.serverstats.starboard.rendering.quoted_text import hide
from cogs.serverstats.starboard.rendering.raw import Raw, number_of, object_of, objects_of, text_of

SECTION: Final = 9
TEXT_DISPLAY: Final = 10
THUMBNAIL: Final = 11
MEDIA_GALLERY: Final = 12
FILE: Final = 13
CONTAINER: Final = 17
_MEDIA_KEYS: Final = {THUMBNAIL: "media", FILE: "file"}
DEPTH_MOST: Final = 8
"""More than Discord allows to be nested."""


@dataclass(frozen=True, slots=True)
class ComponentContent:
    """What there is to see of components, from top to bottom."""

    texts: tuple[str, ...]
    media: tuple[Media, ...]


def read_components(components: tuple[Raw, ...]) -> ComponentContent:
    """Return the texts and files; what is in a container that is a spoiler is hidden."""
    found = [part for component in components for part in _walk(component, is_hidden=False, depth=0)]
    return ComponentContent(
        texts=tuple(part for part in found if isinstance(part, str)),
        media=tuple(part for part in found if isinstance(part, Media)),
    )


def _walk(component: Raw, *, is_hidden: bool, depth: int) -> Iterator[str | Media | None]:
    if depth > DEPTH_MOST:
        return
    kind = number_of(component, "type")
    if kind == TEXT_DISPLAY:
        text = text_of(component, "content")
        yield hide(text) if is_hidden else text
    elif kind in _MEDIA_KEYS:
        yield component_media(component, _MEDIA_KEYS[kind], is_hidden=is_hidden)
    elif kind == MEDIA_GALLERY:
        for item in objects_of(component, "items"):
            yield component_media(item, "media", is_hidden=is_hidden)
    elif kind in {SECTION, CONTAINER}:
        is_hidden = is_hidden or component.get("spoiler") is True
        for child in (*objects_of(component, "components"), object_of(component, "accessory")):
            yield from _walk(child, is_hidden=is_hidden, depth=depth + 1)
