"""What a translation must keep of the English text."""

import re
from collections.abc import Iterator
from typing import Final

from babel.messages import Message

from tests.texts.catalogues import key_of, strings_of

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_COMMAND: Final = re.compile(r"`/([^`<]*[^`<\s])")
_VARIABLE: Final = re.compile(r"<[a-z_]+>")
_MARKERS: Final = ("**", "`", "\n", "-# ")


def faults_of(message: Message) -> Iterator[str]:
    """Yield what is wrong with a translation, as phrases."""
    english = [message.id] if isinstance(message.id, str) else list(message.id)
    forms = strings_of(message)
    # A language may have more forms than English has: all but the first are plurals.
    for place, translation in enumerate(forms):
        original = english[min(place, len(english) - 1)]
        wanted, found = placeholders(original), placeholders(translation)
        # "One" may be a word, in both languages.
        if len(forms) > 1 and place == 0:
            wanted, found = wanted - {"count"}, found - {"count"}
        if wanted != found:
            yield f"has the placeholders {sorted(found)} instead of {sorted(wanted)}"
        for marker in _MARKERS:
            if original.count(marker) != translation.count(marker):
                yield f"has {marker!r} {translation.count(marker)} times instead of {original.count(marker)}"
        if sorted(_VARIABLE.findall(original)) != sorted(_VARIABLE.findall(translation)):
            yield "has other variables"
        if original[-1:] in ".?!:" and translation[-1:] != original[-1:]:
            yield f"ends with {translation[-1:]!r} instead of {original[-1:]!r}"
        if (original[:1].isspace(), original[-1:].isspace()) != (
            translation[:1].isspace(),
            translation[-1:].isspace(),
        ):
            yield "begins or ends with other spaces"


def placeholders(text: str) -> set[str]:
    """Return the names of the values that stand in this text."""
    return {*_PLACEHOLDER.findall(text)}


def commands_in(text: str) -> list[str]:
    """Return the commands that a text names, without the slash: "`/serverstats enable`"."""
    return _COMMAND.findall(text)


def describe(message: Message) -> str:
    """Return the English text, short enough for a list of faults."""
    context, english = key_of(message)
    return f"{context}: {english}" if context else english[:80]
