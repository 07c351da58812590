"""Texts that people wrote, made safe to be quoted, cut and put beside others: spoilers stay hidden, code is closed.

In a sealed text every `||` begins or ends a spoiler and every run of backticks begins or ends code, in whatever way a client
reads markdown. Where one could read a text in several ways, what is hidden in any of them is hidden.
"""

import re
from collections.abc import Iterable

from bot.text.escape import INVISIBLE, escape_in_code, tame_name
from bot.text.templates import cut, units

CUT_SPOILER = "||…||"

_BAR = "||"
_SIMILAR_BACKTICK = "\u02cb"
_LONGEST_FENCE = 3
# Neither can be sent: lone surrogates, and controls other than tab and line feed.
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_BACKTICKS = re.compile(r"`+")
_DOUBLED_BAR = re.compile(r"\|(?=\|)")
_SPOILER = re.compile(r"\|\|(.+?)\|\|", re.DOTALL)
_UNCLEAR_BAR = re.compile(r"\\\|\||\|{3}")
_BLOCK_START = re.compile(r"^[ \t]*(?:[-*+] |\d+[.)] |>|#{1,3} |-# )", re.MULTILINE)
_EMPHASIS = tuple(re.compile(f"{re.escape(mark)}+") for mark in "*_~`")
_EMPHASIS_MARK = re.compile(r"\*+|_+|~{2,}")
_ENDS_EMPHASIS = {
    "*": re.compile(r"\*"),
    "_": re.compile(r"_(?!\w)", re.ASCII),
    "~": re.compile(r"~~"),
}
_ENDS_IN_ADDRESS = re.compile(r"https?://[^\s<]*$", re.IGNORECASE)
_LINK = re.compile(r"https?://", re.IGNORECASE)
_PLACEHOLDER = "\x00"


def clean(text: str) -> str:
    """Return the text without what Discord would refuse."""
    return _UNSENDABLE.sub("", text.replace("\r\n", "\n"))


def seal(text: str) -> str:
    """Return the text with everything closed that it opens, showing no more than it shows where it stands."""
    text = clean(text)
    codes, strays = _read_code(text)
    if _BAR not in text:
        return _soften_backticks(text, codes)
    spoilers = _read_spoilers(text, codes, has_strays=bool(strays))
    if spoilers is None:
        return _hide_all(text)
    sealed = ""
    end = 0
    for start, stop in spoilers:
        sealed += _seal_open(text, end, start, codes) + _seal_spoiler(text, start, stop, codes)
        end = stop
    return sealed + _seal_open(text, end, len(text), codes)


def seal_together(texts: Iterable[str]) -> str:
    """Return the texts one below the other, sealed against each other."""
    # Emphasis can reach from one to the next, and through a spoiler's bars.
    return seal("\n".join(filter(None, (seal(text).strip("\n") for text in texts))))


def hide(text: str) -> str:
    """Return the text as one spoiler on one line; nothing at all when there is nothing to see."""
    words = " ".join(clean(text).split())
    if not words:
        return ""
    return f"{_BAR}{escape_in_code(tame_name(words))}{_BAR}"


def shorten(text: str, limit: int, most_lines: int | None = None) -> str:
    """Return a sealed text, at most `limit` UTF-16 units long and still sealed, ending in "…" if it was longer.

    A spoiler that does not fit is left out whole.
    """
    if most_lines is not None:
        kept = "\n".join(text.split("\n")[:most_lines])
        if kept != text:
            limit = min(limit, units(kept) + 1)
    if limit < 1:
        return ""
    kept = _cut_closing_code(text, limit)
    if kept.count(_BAR) % 2 == 0:
        return kept
    before = kept[: kept.rindex(_BAR)]
    return shorten(before, limit - len(CUT_SPOILER)) + CUT_SPOILER if limit >= len(CUT_SPOILER) else "…"


def is_openly_linked(text: str, address: str) -> bool:
    """Whether the address stands in the text outside of everything that could be a spoiler; true if there is no spoiler."""
    first, last = text.find(_BAR), text.rfind(_BAR)
    if last - first < len(_BAR):
        return True
    whole_address = re.compile(re.escape(address) + r"(?![^\s<>()\[\]|])")
    in_open = whole_address.search(text[:first]) or whole_address.search(text[last + len(_BAR) :])
    return bool(in_open) and not whole_address.search(text[first:last])


def hides_link(text: str) -> bool:
    """Whether anything that could be a spoiler has a link in it: its preview may have another address."""
    first, last = text.find(_BAR), text.rfind(_BAR)
    return last - first >= len(_BAR) and bool(_LINK.search(text, first, last))


def _read_code(text: str) -> tuple[list[tuple[int, int]], list[int]]:
    """Return where code is, from its first backtick to behind its last, and where backticks stand that make none."""
    runs = list(_BACKTICKS.finditer(text))
    codes: list[tuple[int, int]] = []
    strays: list[int] = []
    open_marks: set[str] = set()
    index = read_up_to = 0
    while index < len(runs):
        start, inside = runs[index].span()
        _note_emphasis(text, read_up_to, start, open_marks)
        read_up_to = inside
        closing = None
        if inside - start <= _LONGEST_FENCE and not _is_taken(text, start):
            later = range(index + 1, len(runs))
            closing = next((each for each in later if len(runs[each][0]) == inside - start), None)
        if closing is not None and (
            not text[inside : runs[closing].start()].strip()
            or any(_ENDS_EMPHASIS[mark[0]].search(text, start, runs[closing].end()) for mark in open_marks)
        ):
            closing = None
        if closing is None:
            strays.append(start)
            index += 1
        else:
            read_up_to = runs[closing].end()
            codes.append((start, read_up_to))
            index = closing + 1
    return codes, strays


def _note_emphasis(text: str, start: int, end: int, open_marks: set[str]) -> None:
    """Add the marks that open in this part of the text, and take out those that close."""
    for mark in _EMPHASIS_MARK.finditer(text, start, end):
        if mark[0] in open_marks:
            if mark[0][0] != "_" or _ENDS_EMPHASIS["_"].match(text, mark.end() - 1):
                open_marks.remove(mark[0])
        elif len(mark[0]) > 1 or not text[mark.end() : mark.end() + 1].isspace():
            open_marks.add(mark[0])


def _cut_closing_code(text: str, limit: int) -> str:
    kept = cut(text, limit)
    codes, strays = _read_code(kept)
    if not strays:
        return kept
    fence = kept[strays[0] :]
    fence = fence[: len(fence) - len(fence.lstrip("`"))]
    closed = cut(text, limit - len(fence)) + fence
    return _soften_backticks(kept, codes) if _read_code(closed)[1] else closed


def _is_taken(text: str, position: int) -> bool:
    """Whether what stands here belongs to a backslash or an address before it."""
    before = text[:position]
    is_escaped = (len(before) - len(before.rstrip("\\"))) % 2 == 1
    return is_escaped or bool(_ENDS_IN_ADDRESS.search(before))


def _read_spoilers(
    text: str, codes: list[tuple[int, int]], *, has_strays: bool
) -> list[tuple[int, int]] | None:
    """Return where spoilers are, from their first bar to behind their last; None when that is not beyond doubt."""
    masked = text
    for start, end in codes:
        if _BAR in text[start:end]:
            is_block = text.startswith("```", start) and text[:start][-1:] in {"", "\n"}
            if has_strays or not (is_block or "\n" not in text[start:end]):
                return None
            masked = masked[:start] + _PLACEHOLDER * (end - start) + masked[end:]
    if masked.count(_BAR) % 2 or _UNCLEAR_BAR.search(masked):
        return None
    spoilers = [(match.start(), match.end()) for match in _SPOILER.finditer(masked)]
    has_blocks = bool(_BLOCK_START.search(masked))
    for start, end in spoilers:
        inside = masked[start + len(_BAR) : end - len(_BAR)]
        if (
            not inside.strip()
            or _PLACEHOLDER in inside
            or ("\n" in inside and has_blocks)
            or any(len(mark.findall(inside)) % 2 for mark in _EMPHASIS)
            or inside.count("[") != inside.count("]")
            or _ENDS_IN_ADDRESS.search(masked[:start])
        ):
            return None
    return spoilers


def _seal_open(text: str, start: int, end: int, codes: list[tuple[int, int]]) -> str:
    inner = [(first - start, last - start) for first, last in codes if start <= first and last <= end]
    # Left are only bars within code, which must not pair with others.
    return _DOUBLED_BAR.sub(f"|{INVISIBLE}", _soften_backticks(text[start:end], inner))


def _seal_spoiler(text: str, start: int, end: int, codes: list[tuple[int, int]]) -> str:
    first, last = start + len(_BAR), end - len(_BAR)
    inside = text[first:last]
    for mark in _EMPHASIS:
        # Emphasis that opens before the spoiler would end in it, and take the first bars into itself.
        if mark.search(inside) and len(mark.findall(text[:start])) % 2:
            return hide(inside)
    inner = [
        (code_start - first, code_end - first) for code_start, code_end in codes if first <= code_start < last
    ]
    return f"{_BAR}{_soften_backticks(inside, inner)}{_BAR}"


def _soften_backticks(text: str, codes: list[tuple[int, int]]) -> str:
    """Replace all backticks by similar characters, but for those around code."""
    softened = ""
    end = 0
    for start, stop in codes:
        fence = len(text[start:stop]) - len(text[start:stop].lstrip("`"))
        inside = text[start + fence : stop - fence].replace("`", _SIMILAR_BACKTICK)
        softened += text[end:start].replace("`", _SIMILAR_BACKTICK) + text[start : start + fence] + inside
        softened += text[stop - fence : stop]
        end = stop
    return softened + text[end:].replace("`", _SIMILAR_BACKTICK)


def _hide_all(text: str) -> str:
    """Return the text with one spoiler from the first bar to the last, which no reading of it can open."""
    first, last = text.index(_BAR), text.rindex(_BAR)
    hidden = hide(text[first + len(_BAR) : last])
    if not hidden:
        return _DOUBLED_BAR.sub(f"|{INVISIBLE}", _soften_backticks(text, []))
    before, after = text[:first], text[last + len(_BAR) :]
    if before.endswith("\\"):
        before += INVISIBLE
    elif _ENDS_IN_ADDRESS.search(before):
        before += " "
    return _soften_backticks(before, []) + hidden + _soften_backticks(after, [])
