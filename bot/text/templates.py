"""Filling templates: `<name>` becomes the value of that variable, in one pass, and nothing else changes."""

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import quote

from bot.errors import UnprocessableEntityError
from bot.text.escape import INVISIBLE, MASS_MENTION, escape_in_code, escape_markdown, tame_name
from bot.text.language import _
from bot.text.values import Kind, Value

ELLIPSIS = "…"

_VARIABLE = re.compile(r"<([A-Za-z][A-Za-z0-9_]*)>")
_MARKUP = re.compile(r"<(?:[@#:/]|a:|t:|id:)[^<>\n]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_BACKTICKS = re.compile(r"`+")
# What makes no sense in parts: markup such as mentions, addresses, and an escaped character.
_INDIVISIBLE = re.compile(r"<[^<>\s]+>|https?://\S+|\\.", re.IGNORECASE)
_LONGEST_INDIVISIBLE = 500


class TemplateError(UnprocessableEntityError):
    """A template cannot be used; the message is one sentence that names the field."""


class Place(Enum):
    """Where a text is shown, which decides what must be escaped: with markdown, without, or as an address."""

    MARKDOWN = auto()
    PLAIN = auto()
    ADDRESS = auto()


@dataclass(frozen=True, slots=True)
class UnknownVariable:
    """A name in angle brackets that is not a variable here; `suggestion` is the most similar one that is."""

    name: str
    suggestion: str | None

    @property
    def sentence(self) -> str:
        """What to tell the author."""
        if self.suggestion is None:
            return _("`<{name}>` is not a variable and will be shown as it is.", name=self.name)
        return _(
            "`<{name}>` is not a variable and will be shown as it is; did you mean `<{suggestion}>`?",
            name=self.name,
            suggestion=self.suggestion,
        )


def used_names(template: str) -> tuple[str, ...]:
    """Return each name that stands in angle brackets once, in order, whether or not it is a variable."""
    return tuple(dict.fromkeys(_VARIABLE.findall(template)))


def unknown_variables(template: str, known_names: Collection[str]) -> tuple[UnknownVariable, ...]:
    """Return the names in angle brackets that are not known, which stay as they are."""
    known = sorted(known_names)
    return tuple(
        UnknownVariable(name, next(iter(difflib.get_close_matches(name.lower(), known, n=1)), None))
        for name in used_names(template)
        if name not in known_names
    )


def fill(template: str, values: Mapping[str, Value], place: Place = Place.MARKDOWN) -> str:
    """Return the template with every known variable replaced.

    No value can change the meaning of the text around it, become a variable or ping; mass mentions that the
    author wrote are broken as well, except within addresses.
    """
    codes = _code_spans(template) if place is Place.MARKDOWN else []
    text = ""
    chosen: list[tuple[int, int]] = []
    copied_up_to = 0
    for match in _VARIABLE.finditer(template):
        value = values.get(match[1])
        if value is None:
            continue
        text += template[copied_up_to : match.start()]
        copied_up_to = match.end()
        is_code = any(code.start < match.start() < code.end for code in codes)
        if value.kind is Kind.TEXT and place is Place.MARKDOWN and not is_code and _ends_in_escape(text):
            # The author's backslash would take away the escaping of the value's first character.
            text += "\\"
        start = len(text)
        text += _shown(value, place, is_code=is_code)
        if value.kind is Kind.TEXT:
            chosen.append((start, len(text)))
    text += template[copied_up_to:]
    return text if place is Place.ADDRESS else _break_assembled(text, chosen)


def cut(text: str, limit: int) -> str:
    """Return the text, at most `limit` UTF-16 units long, ending in "…" if it was longer.

    Mentions, addresses and escaped characters are kept or left out whole, and code that is cut is closed.
    """
    if units(text) <= limit:
        return text
    end = _prefix_length(text, limit - len(ELLIPSIS))
    closing = ""
    for code in _code_spans(text):
        if code.start < end < code.end:
            end = _prefix_length(text, limit - len(ELLIPSIS) - code.fence_length)
            closing = "`" * code.fence_length
            if end <= code.start + code.fence_length:
                end, closing = code.start, ""
            break
    else:
        for match in _INDIVISIBLE.finditer(text):
            if match.start() < end < match.end() and len(match[0]) <= _LONGEST_INDIVISIBLE:
                end = match.start()
                break
    return text[:end].rstrip() + ELLIPSIS + closing


def units(text: str) -> int:
    """Return the length in UTF-16 units, the strictest way in which Discord's limits can be read."""
    return len(text) + sum(character > "\uffff" for character in text)


def _prefix_length(text: str, limit: int) -> int:
    """Return how many characters of the text fit into so many UTF-16 units."""
    length = used = 0
    for character in text:
        used += units(character)
        if used > limit:
            break
        length += 1
    return length


@dataclass(frozen=True, slots=True)
class _CodeSpan:
    start: int
    end: int
    fence_length: int


def _code_spans(text: str) -> list[_CodeSpan]:
    """Find what is code: between two runs of one to three backticks of equal length, with no other between.

    Ends at the first run without such a partner: code that is not found is escaped like other text, which
    looks worse, but breaks nothing.
    """
    spans: list[_CodeSpan] = []
    opening: tuple[int, int] | None = None
    for run in _BACKTICKS.finditer(text):
        start, end = run.span()
        if opening is None:
            if _ends_in_escape(text[:start]):
                start += 1
            if start < end:
                opening = (start, end - start)
        elif end - start == opening[1] <= 3:
            # A heading or list item before the code would end at the line's end, and the code with it.
            starts_line = opening[0] == 0 or text[opening[0] - 1] == "\n"
            if starts_line or "\n" not in text[opening[0] : end]:
                spans.append(_CodeSpan(opening[0], end, opening[1]))
            opening = None
        else:
            break
    return spans


def _ends_in_escape(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _shown(value: Value, place: Place, *, is_code: bool) -> str:
    if place is Place.ADDRESS:
        return value.text if value.kind is Kind.URL else quote(tame_name(value.text), safe="")
    if value.kind is not Kind.TEXT:
        return value.text
    name = tame_name(value.text)
    if place is Place.PLAIN:
        return name
    return escape_in_code(name) if is_code else escape_markdown(name)


def _break_assembled(text: str, chosen: list[tuple[int, int]]) -> str:
    """Break mass mentions, and markup that came about only by a chosen value beside the author's text."""

    def touches_chosen(start: int, end: int) -> bool:
        return any(start < chosen_end and chosen_start < end for chosen_start, chosen_end in chosen)

    addresses = [match.span() for match in _ADDRESS.finditer(text)]
    breaks = {match.start() + 1 for match in _MARKUP.finditer(text) if touches_chosen(*match.span())}
    for match in MASS_MENTION.finditer(text):
        in_address = any(start <= match.start() < end for start, end in addresses)
        if not in_address or touches_chosen(*match.span()):
            breaks.add(match.start() + 1)
    for position in sorted(breaks, reverse=True):
        text = text[:position] + INVISIBLE + text[position:]
    return text
