"""Reading Discord's JSON objects, of which any part may be absent, null or of a kind that came after us."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

Raw = Mapping[str, Any]

_DIGITS = re.compile(r"[0-9]{1,19}")
_LARGEST = 2**63 - 1


def text_of(given: Raw, key: str) -> str:
    """Return a text, empty when there is none."""
    value = given.get(key)
    return value if isinstance(value, str) else ""


def number_of(given: Raw, key: str) -> int:
    """Return a whole number or an id, 0 when there is none that Discord could mean."""
    value = given.get(key)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    return value if isinstance(value, int) and 0 <= value <= _LARGEST else 0


def object_of(given: Raw, key: str) -> Raw:
    """Return an object, empty when there is none."""
    value = given.get(key)
    return value if isinstance(value, Mapping) else {}


def objects_of(given: Raw, key: str) -> tuple[Raw, ...]:
    """Return the objects of a list, none when there is no list."""
    value = given.get(key)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(each for each in value if isinstance(each, Mapping))
