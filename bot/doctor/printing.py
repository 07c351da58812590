"""The report for people at a terminal, as wide as it is, and for programs."""

import json
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

from bot.doctor.findings import Area, Finding, Report, Severity, worst_first

NARROWEST: Final = 40
COLUMNS_FROM: Final = 90
"""Narrower terminals get what to do below of what was found."""
WIDEST: Final = 140
SUBJECT_WIDTH: Final = 24
_INDENT: Final = "  "
_GAP: Final = "  "

_MARKS: Final = {
    Severity.FINE: ("✓", "ok"),
    Severity.NOTE: ("i", "--"),
    Severity.WARNING: ("⚠", "!!"),
    Severity.ERROR: ("✗", "XX"),
}
_ASCII: Final = str.maketrans(
    {"→": "->", "“": '"', "”": '"', "’": "'", "·": "-", "…": "...", "–": "-", "—": "-"}
)
_TITLES: Final = {
    Area.CONFIGURATION: "Configuration",
    Area.DATABASE: "Database",
    Area.DISCORD: "Discord",
}
_WORDS: Final = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.NOTE: ("note", "notes"),
}


def render_table(report: Report, width: int, *, is_plain: bool) -> str:
    """Return the report in groups: what was found, what it means, what to do. Plain is with ASCII's signs alone."""
    width = max(NARROWEST, min(width, WIDEST))
    lines: list[str] = []
    for title, findings in _groups(report.findings):
        rows = (line for found in findings for line in _row(found, width, is_plain))
        lines += [*_wrapped(_shown(title, is_plain), width, hanging=_INDENT), *rows, ""]
    return "\n".join([*lines, *_wrapped(_summary(report), width)]) + "\n"


def render_json(report: Report, now_ms: int) -> str:
    """Return the report as one JSON object; ids are texts, as JavaScript cannot hold them as numbers."""
    document = {
        "healthy": report.is_healthy,
        "checked_at": datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="seconds"),
        "counts": {severity.word: report.count(severity) for severity in Severity},
        "findings": [_as_json(finding) for finding in report.findings],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _as_json(finding: Finding) -> dict[str, str | None]:
    def text(number: int | None) -> str | None:
        return None if number is None else str(number)

    return {
        "check": finding.check,
        "severity": finding.severity.word,
        "area": finding.area.value,
        "server_id": text(finding.guild_id),
        "server_name": finding.guild_name,
        "subject": finding.subject,
        "finding": finding.sentence,
        "meaning": finding.meaning,
        "advice": finding.advice,
        "channel_id": text(finding.channel_id),
        "role_id": text(finding.role_id),
    }


def _groups(findings: Sequence[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """Yield the findings of each area and of each server under a title; a server that is well is one line."""
    for (area, guild_id), group in groupby(findings, key=lambda found: (found.area, found.guild_id)):
        found = list(group)
        if area is not Area.SERVER:
            yield _TITLES[area], found
            continue
        name = next((one.guild_name for one in found if one.guild_name), None)
        title = f"Server {guild_id}" if name is None else f"Server {name} ({guild_id})"
        found = worst_first(found)
        if found[0].severity is Severity.FINE:
            subjects = ", ".join(one.subject.lower() for one in found)
            found = [_well(found[0], subjects)]
        yield title, found


def _well(example: Finding, subjects: str) -> Finding:
    return Finding(
        check="server.well",
        severity=Severity.FINE,
        area=example.area,
        subject="In order",
        sentence=f"Checked: {subjects}.",
    )


def _row(finding: Finding, width: int, is_plain: bool) -> Iterator[str]:
    mark = f"{_MARKS[finding.severity][is_plain]} "
    blank = " " * len(mark)
    subject = _shown(finding.subject, is_plain)
    found = (_shown(finding.sentence, is_plain), _shown(finding.meaning, is_plain))
    advice = _shown(f"→ {finding.advice}" if finding.advice else "", is_plain)
    room = width - len(_INDENT) - len(mark)
    if width < COLUMNS_FROM:
        texts = [line for text in (subject, *found) for line in _wrapped(text, room)]
        lines = [*texts, *_wrapped(advice, room, hanging="  ")]
    else:
        lines = _side_by_side(subject, found, advice, room)
    for number, line in enumerate(lines):
        yield f"{_INDENT}{mark if number == 0 else blank}{line}".rstrip()


def _side_by_side(subject: str, found: Sequence[str], advice: str, room: int) -> list[str]:
    texts_room = room - SUBJECT_WIDTH - 2 * len(_GAP)
    found_width = texts_room * 3 // 5 if advice else texts_room
    columns = (
        (_wrapped(subject, SUBJECT_WIDTH), SUBJECT_WIDTH),
        ([line for text in found for line in _wrapped(text, found_width)], found_width),
        (_wrapped(advice, texts_room - found_width, hanging="  "), 0),
    )
    height = max(len(lines) for lines, _width in columns)
    return [
        _GAP.join((lines[row] if row < len(lines) else "").ljust(width) for lines, width in columns)
        for row in range(height)
    ]


def _wrapped(text: str, width: int, *, hanging: str = "") -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent=hanging, break_on_hyphens=False) if text else []


def _shown(text: str, is_plain: bool) -> str:
    """Return a text in which nothing can steer the terminal: names are chosen by anybody."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    return shown.translate(_ASCII) if is_plain else shown


def _summary(report: Report) -> str:
    parts = [
        f"{count} {words[count != 1]}"
        for severity, words in _WORDS.items()
        if (count := report.count(severity))
    ]
    if not parts:
        return "Everything is in order."
    verdict = "Everything that is switched on works" if report.is_healthy else "Something is wrong"
    return f"{verdict}: {', '.join(parts)}."
