"""Embeds of the original, quoted as embeds of the post, as far as Discord's limits leave room."""

from typing import Any, Final

from bot.text.embeds import (
    MAX_AUTHOR,
    MAX_DESCRIPTION,
    MAX_FIELD_NAME,
    MAX_FIELD_VALUE,
    MAX_FIELDS,
    MAX_TITLE,
    is_web_address,
)
from bot.text.escape import tame_name
from bot.text.templates import cut, units
from cogs.serverstats.starboard.rendering.media import bare_address
from cogs.serverstats.starboard.rendering.quoted_text import seal, shorten
from cogs.serverstats.starboard.rendering.raw import Raw, number_of, object_of, objects_of, text_of

QUOTED_MOST: Final = 3
SHORTEST: Final = 20
"""Units of text; with less room a text is left out, as what would be left of it tells nothing."""


class Room:
    """How many UTF-16 units of text a message may still have."""

    def __init__(self, units_left: int) -> None:
        self.units_left = units_left

    def fit(self, text: str, limit: int) -> str:
        """Return a sealed text, cut to the limit and to what is left, which it takes."""
        limit = min(limit, self.units_left)
        fitting = shorten(text, limit) if limit >= min(SHORTEST, units(text)) else ""
        # Nothing but white space is refused.
        fitting = fitting if fitting.strip() else ""
        self.units_left -= units(fitting)
        return fitting


def quote_embed(embed: Raw, room: Room) -> dict[str, Any] | None:
    """Return an embed of a bot or a link as an embed of ours; None when nothing of it can be shown.

    Its footer is left out: in a post that is where the original's id stands.
    """
    quoted: dict[str, Any] = {}
    if (name := text_of(object_of(embed, "author"), "name")).strip() and room.units_left > MAX_AUTHOR:
        quoted["author"] = {"name": cut(tame_name(name), MAX_AUTHOR)}
        room.units_left -= units(quoted["author"]["name"])
    if title := room.fit(seal(text_of(embed, "title")), MAX_TITLE):
        quoted["title"] = title
    if description := room.fit(seal(text_of(embed, "description")), MAX_DESCRIPTION):
        quoted["description"] = description
    fields: list[dict[str, Any]] = []
    for field in objects_of(embed, "fields")[:MAX_FIELDS]:
        if room.units_left < 2 * SHORTEST:
            break
        name = room.fit(seal(text_of(field, "name")), MAX_FIELD_NAME)
        value = room.fit(seal(text_of(field, "value")), MAX_FIELD_VALUE)
        if name and value:
            fields.append({"name": name, "value": value, "inline": field.get("inline") is True})
    if fields:
        quoted["fields"] = fields
    for key in ("image", "thumbnail"):
        if is_web_address(address := text_of(object_of(embed, key), "url")):
            quoted[key] = {"url": bare_address(address)}
    if not quoted:
        return None
    if is_web_address(address := text_of(embed, "url")):
        quoted["url"] = bare_address(address)
    if 0 <= (colour := number_of(embed, "color")) <= 0xFFFFFF and colour:
        quoted["color"] = colour
    return quoted
