"""Messages ready to be sent: a template, as text or embed JSON, filled within Discord's limits."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import quote

from bot.text.embeds import (
    MAX_AUTHOR,
    MAX_DESCRIPTION,
    MAX_FIELD_NAME,
    MAX_FIELD_VALUE,
    MAX_FOOTER,
    MAX_TITLE,
    MAX_TOTAL,
    EmbedTemplate,
    is_web_address,
    parse_embeds,
    parse_timestamp,
)
from bot.text.language import _
from bot.text.templates import Place, TemplateError, cut, fill, units, unknown_variables, used_names
from bot.text.values import Value

MAX_CONTENT = 2000
"""Discord documentation, Message Resource, Create Message."""
MAX_TEMPLATE = 4000
"""What a text input of a modal takes (Discord documentation, Components)."""


# An unknown variable stays in an address as well, where Discord refuses its brackets.
_NOT_IN_ADDRESSES = re.compile(r"[<>\"\\^`{|}\s]")


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """What to send: `embeds` are objects as Discord takes them, only `allowed_user_ids` may be pinged."""

    content: str | None
    embeds: tuple[dict[str, Any], ...]
    allowed_user_ids: tuple[int, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send: the embeds hold only pictures that do not exist this time."""
        return self.content is None and not self.embeds


def check_template(template: str, is_embed: bool, known_names: Collection[str]) -> tuple[str, ...]:
    """Return warnings, one sentence per name that is not a variable here.

    Raises TemplateError when the template cannot be saved.
    """
    if len(template) > MAX_TEMPLATE:
        raise TemplateError(
            _(
                "The message has {length} characters; at most {limit} are possible, "
                "and {limit_without_embed} without an embed.",
                length=len(template),
                limit=MAX_TEMPLATE,
                limit_without_embed=MAX_CONTENT,
            )
        )
    if not template.strip():
        raise TemplateError(_("The message is empty."))
    if is_embed:
        texts = [text for embed in parse_embeds(template).embeds for text in embed.all_texts()]
    elif len(template) > MAX_CONTENT:
        raise TemplateError(
            _(
                "The message has {length} characters; Discord allows {limit} in a message without an embed.",
                length=len(template),
                limit=MAX_CONTENT,
            )
        )
    else:
        texts = [template]
    unknown = {each.name: each for text in texts for each in unknown_variables(text, known_names)}
    return tuple(each.sentence for each in unknown.values())


def render_message(
    template: str, is_embed: bool, values: Mapping[str, Value], pingable: Mapping[str, int]
) -> RenderedMessage:
    """Return the filled template, cut to Discord's limits.

    `pingable` holds the variables that may ping, with the id of whom; they do only if the template uses them.
    Raises TemplateError for embed JSON that `check_template` would refuse.
    """
    allowed = tuple(dict.fromkeys(pingable[name] for name in used_names(template) if name in pingable))
    if not is_embed:
        return RenderedMessage(cut(fill(template, values), MAX_CONTENT), (), allowed)
    renderer = _EmbedRenderer(values)
    embeds = [renderer.render(embed) for embed in parse_embeds(template).embeds]
    return RenderedMessage(None, tuple(embed for embed in embeds if embed), allowed)


class _EmbedRenderer:
    """Renders the embeds of one message, which share Discord's limit of the total."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values
        self._units_left = MAX_TOTAL

    def render(self, template: EmbedTemplate) -> dict[str, Any] | None:
        """Return the embed object, or None if nothing of it can be seen."""
        shown: dict[str, Any] = {}
        if template.author and (name := self._text(template.author.name, MAX_AUTHOR, Place.PLAIN)):
            shown["author"] = {"name": name} | self._addresses(
                url=template.author.url, icon_url=template.author.icon_url
            )
        if template.title and (title := self._text(template.title, MAX_TITLE)):
            shown["title"] = title
        if template.footer and (text := self._text(template.footer.text, MAX_FOOTER, Place.PLAIN)):
            shown["footer"] = {"text": text} | self._addresses(icon_url=template.footer.icon_url)
        if template.description and (description := self._text(template.description, MAX_DESCRIPTION)):
            shown["description"] = description
        if fields := self._fields(template):
            shown["fields"] = fields
        if template.image and (image := self._addresses(url=template.image.url)):
            shown["image"] = image
        if template.thumbnail and (thumbnail := self._addresses(url=template.thumbnail.url)):
            shown["thumbnail"] = thumbnail
        if not shown:
            return None
        shown |= self._addresses(url=template.url)
        if template.color is not None:
            shown["color"] = template.color
        if template.timestamp and (timestamp := self._timestamp(template.timestamp)):
            shown["timestamp"] = timestamp
        return shown

    def _fields(self, template: EmbedTemplate) -> list[dict[str, Any]]:
        fields: list[dict[str, Any]] = []
        for field in template.fields:
            name = self._text(field.name, MAX_FIELD_NAME, units_kept=1)
            value = self._text(field.value, MAX_FIELD_VALUE) if name else None
            if name and value:
                fields.append({"name": name, "value": value, "inline": field.inline})
        return fields

    def _text(
        self, template: str, limit: int, place: Place = Place.MARKDOWN, *, units_kept: int = 0
    ) -> str | None:
        limit = min(limit, self._units_left - units_kept)
        if limit < 1:
            return None
        text = cut(fill(template, self._values, place), limit)
        self._units_left -= units(text)
        return text

    def _addresses(self, **templates: str | None) -> dict[str, str]:
        """Return those addresses that are some once filled: an unknown inviter has no avatar."""
        addresses: dict[str, str] = {}
        for key, template in templates.items():
            if template is not None:
                filled = fill(template, self._values, Place.ADDRESS)
                address = _NOT_IN_ADDRESSES.sub(lambda match: quote(match[0]), filled)
                if is_web_address(address):
                    addresses[key] = address
        return addresses

    def _timestamp(self, template: str) -> str | None:
        moment = parse_timestamp(fill(template, self._values, Place.PLAIN))
        if moment is None:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
