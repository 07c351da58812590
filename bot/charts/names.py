"""Texts that people chose, reduced to what the font of the charts can draw."""

import unicodedata
from collections.abc import Callable
from typing import Final

Covers = Callable[[str], bool]
"""Whether the font has a glyph for this character."""

_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that look like nothing at all."""
_UNDRAWN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me"})
"""Unicode general categories: control, format, unassigned, private, surrogates; marks, of which some pile up hundreds."""


def drawable_text(text: str, covers: Covers) -> str:
    """Return the text on one line with only characters that can be drawn; it may be empty.

    What has a plain form keeps it: of decorated and full-width letters the letter stays.
    """
    return " ".join("".join(_drawable(char, covers) for char in unicodedata.normalize("NFC", text)).split())


def drawable_name(name: str, fallback: str, covers: Covers) -> str:
    """Return what can be drawn of a name, or the fallback where nothing is left that tells who it is."""
    drawn = drawable_text(name, covers)
    is_whole = drawn == " ".join(unicodedata.normalize("NFC", name).split())
    # The brackets around a name that is lost are no name.
    is_telling = is_whole or any(char.isalnum() for char in drawn)
    return drawn if drawn and is_telling else fallback


def _drawable(char: str, covers: Covers) -> str:
    if char.isspace():
        return " "
    if char in _BLANK_LETTERS or unicodedata.category(char) in _UNDRAWN:
        return ""
    if covers(char):
        return char
    for form in ("NFKC", "NFKD"):
        plain = "".join(
            part for part in unicodedata.normalize(form, char) if unicodedata.category(part) not in _UNDRAWN
        )
        if plain != char and plain and all(covers(part) for part in plain):
            return plain
    return ""
