"""How one value is written in a file, and read again. Pure.

Ids are text, times ISO 8601 in UTC with milliseconds. In JSON lines nothing is null but what is not known. A CSV file is
opened by spreadsheet programs, which take a cell that begins with `=`, `+`, `-` or `@` for a formula (OWASP, CSV Injection):
text that does so, or begins with an apostrophe itself, gets an apostrophe in front, which reading takes away again.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote, unquote

from storage.records import Candidate, Evidence, Method, Source

GUARD: Final = "'"
DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
TEXT_LENGTH: Final = 2_000
"""Longer than anything that Discord lets people write there."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIME_MOST_MS: Final = 253_402_300_799_999
"""The last millisecond of the year 9999, which is as far as ISO 8601 goes."""
_ROUNDED: Final = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")


class CellError(ValueError):
    """A value that cannot be read; the message says what is wrong, to stand behind the name of its column."""


class RoundedIdError(CellError):
    """An id that a spreadsheet program turned into a number with an exponent."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One way to write values: as JSON, and as a cell of a CSV file."""

    to_json: Callable[[Any], Any]
    from_json: Callable[[Any], Any]
    to_csv: Callable[[Any], str]
    """Never given None, which is an empty cell."""
    from_csv: Callable[[str], Any]
    """Never given an empty cell, which is None."""


def iso_ms(at_ms: int) -> str:
    """Return a time (UTC epoch milliseconds) as ISO 8601, e.g. `2026-01-05T10:00:00.123Z`."""
    text = (_EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def ms_of(moment: datetime) -> int:
    """Return a time, taken for UTC where it names no zone, as UTC epoch milliseconds."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def read_id(text: str) -> int:
    """Read a Discord id; raises CellError."""
    if _ROUNDED.fullmatch(text):
        raise RoundedIdError(
            f"{text} was an id before a spreadsheet program rounded it; "
            "export the file again, and do not save it with that program"
        )
    if not text.isascii() or not text.isdecimal() or len(text) > 20 or not 0 < int(text) < 1 << 63:
        raise CellError(f"{_shown(text)} is not an id")
    return int(text)


def guard(text: str) -> str:
    """Return text as it may stand in a CSV file."""
    return GUARD + text if not text or text.startswith((*DANGEROUS, GUARD)) else text


def unguard(cell: str) -> str:
    """Return the text of a cell that `guard` made."""
    return cell.removeprefix(GUARD)


def _read_text(value: Any) -> str:
    text = _expect(value, str, "a text")
    if len(text) > TEXT_LENGTH:
        raise CellError(f"is longer than {TEXT_LENGTH} characters")
    return str(text)


def _read_time(value: Any) -> int:
    text = _expect(value, str, "a time as text")
    try:
        at_ms = ms_of(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise CellError(f"{_shown(text)} is not a time like 2026-01-05T10:00:00.000Z") from None
    if not 0 <= at_ms <= _TIME_MOST_MS:
        raise CellError(f"{_shown(text)} lies before 1970")
    return at_ms


def _read_number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -(1 << 63) <= value < 1 << 63:
        raise CellError(f"{_shown(value)} is not a whole number")
    return value


def _number_from_csv(cell: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,19}", cell):
        raise CellError(f"{_shown(cell)} is not a whole number")
    return _read_number(int(cell))


def _flag_from_csv(cell: str) -> bool:
    # Spreadsheet programs write them in capitals.
    flag = {"true": True, "false": False}.get(cell.lower())
    if flag is None:
        raise CellError(f"{_shown(cell)} is neither true nor false")
    return flag


def word_of(words: type[StrEnum]) -> Cell:
    """Return how the words of this enumeration are written."""

    def read(value: Any) -> StrEnum:
        try:
            return words(value)
        except ValueError:
            raise CellError(f"{_shown(value)} is none of {', '.join(words)}") from None

    return Cell(str, read, str, read)


ID: Final = Cell(
    str, lambda value: read_id(_expect(value, str, "an id as text")), str, lambda cell: read_id(cell.strip())
)
TEXT: Final = Cell(lambda value: value, _read_text, guard, lambda cell: _read_text(unguard(cell)))
TIME: Final = Cell(iso_ms, _read_time, iso_ms, _read_time)
NUMBER: Final = Cell(lambda value: value, _read_number, str, _number_from_csv)
FLAG: Final = Cell(
    lambda value: value,
    lambda value: _expect(value, bool, "true or false"),
    lambda value: "true" if value else "false",
    _flag_from_csv,
)


def _candidate_to_json(candidate: Candidate) -> dict[str, Any]:
    return {
        "source": candidate.source.value,
        "code": candidate.code,
        "inviter_id": _optional(ID.to_json, candidate.inviter_id),
    }


def _candidate_from_json(value: Any) -> Candidate:
    parts = _expect(value, dict, "an object")
    return Candidate(
        word_of(Source).from_json(parts.get("source")),
        _optional(_read_text, parts.get("code")),
        _optional(ID.from_json, parts.get("inviter_id")),
    )


def _evidence_to_json(line: Evidence) -> dict[str, Any]:
    return {
        "code": line.code,
        "units": line.units,
        "method": line.method.value,
        "window_opened_at": iso_ms(line.window_opened_at_ms),
        "window_closed_at": iso_ms(line.window_closed_at_ms),
    }


def _evidence_from_json(value: Any) -> Evidence:
    parts = _expect(value, dict, "an object")
    return Evidence(
        code=_optional(_read_text, parts.get("code")),
        units=_read_number(parts.get("units")),
        method=word_of(Method).from_json(parts.get("method")),
        window_opened_at_ms=_read_time(parts.get("window_opened_at")),
        window_closed_at_ms=_read_time(parts.get("window_closed_at")),
    )


def _list_of(
    to_json: Callable[[Any], dict[str, Any]],
    from_json: Callable[[Any], Any],
    first: str,
    numbers: frozenset[str] = frozenset(),
) -> Cell:
    """Return how a list is written: as JSON objects, and in a cell as `invite code=abc inviter_id=1 | unknown`.

    `first` is the key whose value stands alone at the beginning; values of other keys have blanks and signs percent-encoded.
    """

    def write_one(parts: Mapping[str, Any]) -> str:
        others = [
            f"{key}={quote(str(value), safe=':')}"
            for key, value in parts.items()
            if key != first and value is not None
        ]
        return " ".join([parts[first], *others])

    def read_one(text: str) -> Any:
        word, *others = text.split()
        parts: dict[str, Any] = {first: word}
        for other in others:
            key, sign, value = other.partition("=")
            if not sign:
                raise CellError(f"{_shown(other)} is not of the form name=value")
            parts[key] = _number_from_csv(value) if key in numbers else unquote(value)
        return from_json(parts)

    def read(value: Any) -> tuple[Any, ...]:
        return tuple(map(from_json, _expect(value, list, "a list")))

    return Cell(
        lambda items: list(map(to_json, items)),
        read,
        lambda items: " | ".join(write_one(to_json(item)) for item in items),
        lambda cell: tuple(read_one(part) for part in unguard(cell).split("|") if part.strip()),
    )


CANDIDATES: Final = _list_of(_candidate_to_json, _candidate_from_json, "source")
EVIDENCE: Final = _list_of(_evidence_to_json, _evidence_from_json, "method", frozenset({"units"}))


def _optional(convert: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else convert(value)


def _expect(value: Any, kind: type, words: str) -> Any:
    if not isinstance(value, kind):
        raise CellError(f"{_shown(value)} is not {words}")
    return value


def _shown(value: Any) -> str:
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 60 else text[:59] + "…"
