"""The forms in which other programs write dates. Pure.

A date that names no zone is taken for UTC. One that can be read two ways, such as 03/04/2026, is refused: the form is then
to be given (`--date-format`, in the signs of Python's `strptime`).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from cogs.invite_tracker.transfer.cells import CellError, ms_of

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000

_NUMBER: Final = re.compile(r"<t:(\d+)(?::[a-zA-Z])?>|(\d{9,10}|\d{12,13})(?:\.\d+)?")
_NUMERIC: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})\b[,T]?(.*)", re.DOTALL)
_YEAR_FIRST_SLASHES: Final = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})\b(.*)", re.DOTALL)
_JAVASCRIPT: Final = re.compile(r"(\w{3} \w{3} \d{1,2} \d{4} \d\d:\d\d:\d\d) GMT([+-]\d{4})(?: \(.*\))?")
_TIMES: Final = ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "")
_WORDED_DAYS: Final = ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%a %b %d %Y", "%A %B %d %Y")
_ZONE: Final = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
_ORDINAL: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time (UTC epoch milliseconds) and how exact it is: it lies in the `precision_ms` from there on."""

    at_ms: int
    precision_ms: int


def read_date(text: str, form: str | None = None) -> Moment:
    """Read a date, in this form of `strptime` if one is given; raises CellError."""
    text = text.strip()
    try:
        found = _read_usual(text) if form is None else _read_as(text, form)
    except (ValueError, OverflowError) as error:
        if isinstance(error, CellError):
            raise
        found = None
    if found is None:
        how = (
            "say how dates are written with --date-format"
            if form is None
            else f"it is not of the form {form}"
        )
        raise CellError(f'"{text[:60]}" is not a date that can be read; {how}')
    return found


def _read_usual(text: str) -> Moment | None:
    if number := _NUMBER.fullmatch(text):
        digits = number[1] or number[2]
        if len(digits) >= 12:
            return Moment(int(digits), 1)
        return Moment(int(digits) * SECOND_MS, SECOND_MS)
    if slashes := _YEAR_FIRST_SLASHES.fullmatch(text):
        year, month, day, rest = slashes.groups()
        text = f"{year}-{int(month):02}-{int(day):02}{rest}"
    if numeric := _NUMERIC.fullmatch(text):
        return _read_numeric(text, numeric)
    return _read_iso(text) or _read_worded(text)


def _read_iso(text: str) -> Moment | None:
    plain = re.sub(r"\s*(?:UTC|GMT)$", "Z", text, flags=re.IGNORECASE)
    # "2026-01-05 10:00:00 +00:00": the standard library takes no blank there.
    plain = re.sub(r"(?<=\d)\s+(?=[+-]\d\d:?\d\d$|Z$)", "", plain)
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return None
    time = re.split(r"[T ]", plain, maxsplit=1)[1:]
    if not time:
        return Moment(ms_of(moment), DAY_MS)
    clock = re.split(r"[+\-Z]", time[0])[0]
    if "." in clock or "," in clock:
        return Moment(ms_of(moment), 1)
    return Moment(ms_of(moment), SECOND_MS if len(clock.replace(":", "")) >= 6 else MINUTE_MS)


def _read_numeric(text: str, numeric: re.Match[str]) -> Moment | None:
    first, sign, second, year, rest = numeric.groups()
    day, month = int(first), int(second)
    # With dots the day always comes first.
    if sign != "." and day <= 12 and month <= 12 and day != month:
        raise CellError(
            f'"{text}" can be read two ways; say which with --date-format, '
            f"such as %d{sign}%m{sign}%Y or %m{sign}%d{sign}%Y with the time behind"
        )
    if month > 12:
        day, month = month, day
    return _read_in_forms(f"{year}-{month:02}-{day:02} {_ZONE.sub('', rest).strip()}", ("%Y-%m-%d",))


def _read_worded(text: str) -> Moment | None:
    if script := _JAVASCRIPT.fullmatch(text):
        return Moment(ms_of(datetime.strptime(script[1] + script[2], "%a %b %d %Y %H:%M:%S%z")), SECOND_MS)
    plain = _ORDINAL.sub("", _ZONE.sub("", text)).replace(" at ", " ")
    found = _read_in_forms(" ".join(plain.replace(",", " ").split()), _WORDED_DAYS)
    if found is not None or not re.search(r"\d:\d\d", text):
        return found
    try:
        return Moment(ms_of(parsedate_to_datetime(text)), SECOND_MS)
    except ValueError:
        return None


def _read_in_forms(text: str, days: tuple[str, ...]) -> Moment | None:
    for day in days:
        for time in _TIMES:
            form = f"{day} {time}".strip()
            try:
                return Moment(
                    ms_of(datetime.strptime(text.strip(), form).replace(tzinfo=UTC)), precision_of(form)
                )
            except ValueError:
                continue
    return None


def _read_as(text: str, form: str) -> Moment:
    moment = datetime.strptime(text, form)  # noqa: DTZ007 # the form may have a zone in it
    return Moment(ms_of(moment), precision_of(form))


def precision_of(form: str) -> int:
    """Return how exact dates of this form of `strptime` are, in milliseconds."""
    signs = set(re.findall(r"%(.)", form))
    for precision_ms, exact in ((1, "f"), (SECOND_MS, "ScXTs"), (MINUTE_MS, "M"), (60 * MINUTE_MS, "HI")):
        if signs & set(exact):
            return precision_ms
    return DAY_MS


def day_of(at_ms: int) -> str:
    """Return the day (UTC) of a time as people read it in a report, e.g. `2026-01-05`."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)).date().isoformat()
