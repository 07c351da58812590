"""The commands as Discord is told of them."""

from collections.abc import Iterator
from typing import Any, Final

from bot.text.language import Language

LANGUAGE_CODES: Final = {Language.DUTCH: "nl", Language.GERMAN: "de"}
"""Discord documentation, Reference, Locales."""

_SUBCOMMANDS: Final = (1, 2)
"""Discord documentation, Application Commands, Option Type: a subcommand and a group of such."""


def name_in(part: dict[str, Any], code: str | None) -> str:
    """Return the name of a command or option in Discord's language `code`, in English for None."""
    found = (part.get("name_localizations") or {}).get(code, part["name"])
    assert isinstance(found, str)
    return found


def children_of(part: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the subcommands, groups and options of a command."""
    return list(part.get("options") or ())


def paths_of(command: dict[str, Any], code: str | None, before: str = "") -> Iterator[str]:
    """Yield the full names of a command, of its groups and of all commands in them."""
    path = f"{before} {name_in(command, code)}".strip()
    yield path
    for child in children_of(command):
        if child["type"] in _SUBCOMMANDS:
            yield from paths_of(child, code, path)


def walk(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a command and everything in it: subcommands, options, choices."""
    yield part
    for child in (*children_of(part), *(part.get("choices") or ())):
        yield from walk(child)


def size_of(part: dict[str, Any]) -> int:
    """Return how many characters count towards Discord's limit of a command: the longest of each text's languages."""
    texts = [
        [part.get(field, ""), *(part.get(f"{field}_localizations") or {}).values()]
        for field in ("name", "description")
    ]
    value = part.get("value", "")
    own = sum(max(map(len, languages)) for languages in texts)
    return own + (len(value) if isinstance(value, str) else 0)
