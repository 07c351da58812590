"""How clients read markdown, as far as it decides what a spoiler hides: a model that shares nothing with what it tests."""

import re
from collections.abc import Callable

_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_CODE_BLOCK = re.compile(r"```(.+?)```", re.DOTALL)
_BLOCK = re.compile(r"^(```.+?```)", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"(`+)(?!`)(.*?[^`])\1(?!`)", re.DOTALL)
_ADDRESS = re.compile(r"(https?://[^\s<]*[^\s<.,:;\"')\]])")
_SPOILER = re.compile(r"\|\|(.+?)\|\|", re.DOTALL)
_EMPHASIS = tuple(
    re.compile(pattern, re.DOTALL | re.ASCII)
    for pattern in (r"\*\*(.+?)\*\*(?!\*)", r"\*(\S.*?)\*(?!\*)", r"~~(.+?)~~", r"_(.+?)_(?!\w)")
)


def visible(text: str) -> str:
    """Return what is seen without a click: from left to right, whatever begins first wins, a spoiler ends at the next bars."""
    return _read(text, _next_bars)


def visible_if_code_wins(text: str) -> str:
    """The same for a client in which bars within code or behind a backslash do not end a spoiler."""
    return _read(text, _next_bars_outside_code)


def visible_by_lines(text: str) -> str:
    """The same for lists, headings and quotes, whose lines are read one by one; but for blocks of code."""
    parts = _BLOCK.split(text)
    return "".join(
        part if index % 2 else "\n".join(visible(line) for line in part.split("\n"))
        for index, part in enumerate(parts)
    )


READINGS: tuple[Callable[[str], str], ...] = (visible, visible_if_code_wins, visible_by_lines)


def _next_bars(text: str, start: int) -> int | None:
    match = _SPOILER.match(text, start)
    return match.end() if match else None


def _next_bars_outside_code(text: str, start: int) -> int | None:
    position = start + 2
    while position < len(text):
        if text.startswith("||", position) and position > start + 2:
            return position + 2
        skipped = next(
            (match for pattern in (_ESCAPE, _CODE_BLOCK, _CODE) if (match := pattern.match(text, position))),
            None,
        )
        position = skipped.end() if skipped else position + 1
    return None


def _read(text: str, end_of_spoiler: Callable[[str, int], int | None]) -> str:
    seen = ""
    position = 0
    while position < len(text):
        if text.startswith("||", position) and (end := end_of_spoiler(text, position)) is not None:
            position = end
            seen += " "
            continue
        for pattern in (_ESCAPE, _CODE_BLOCK, _CODE, _ADDRESS):
            if match := pattern.match(text, position):
                seen += match[match.lastindex or 0]
                break
        else:
            match = next((found for pattern in _EMPHASIS if (found := pattern.match(text, position))), None)
            seen += _read(match[1], end_of_spoiler) if match else text[position]
        position = match.end() if match else position + 1
    return seen
