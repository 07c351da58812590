"""Trees of people: who brought somebody that is shown has a line, and the others stand behind whoever brought them.

So two hundred people take some eighty lines, and each of them can still be read.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse

from bot.charts import palette
from bot.charts.names import drawable_name, drawable_text
from bot.charts.sheet import HEIGHT, MARGIN, WIDTH, Sheet, covers, points
from bot.charts.specs import Tone, TreeChart, TreePerson
from bot.charts.wording import format_count
from bot.text.language import _

_TOP: Final = 178
_FOOT: Final = 34
_NOTE_HEIGHT: Final = 38
_NAME_WIDTH_MOST: Final = 330
_PEOPLE_IN_LARGE_LETTERS: Final = 40
_LARGE: Final = 30
_SMALL: Final = 24
_LINE: Final = 1.62
"""Heights of a line, in letters."""
_INDENT: Final = 1.7
_BETWEEN: Final = 0.95
_DOT: Final = 0.42
_WITHIN: Final = 0.4
_NOBODY: Final = "…"
_DOUBT: Final = "?"


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words on a line."""

    text: str
    width: float
    bold: bool = False
    colour: str = palette.TEXT
    is_struck: bool = False
    follows: bool = False
    """Whether it belongs to what stands before it."""


@dataclass(slots=True)
class _Row:
    """A person who brought others, with those of them who have no line of their own, on one line or more."""

    depth: int
    parent: "_Row | None"
    lines: list[list[tuple[float, _Piece]]] = field(default_factory=list)
    """Each piece with its distance from the left edge."""
    first_line: int = 0
    """Lines of the rows above."""


class _Tree:
    """The rows of a tree in letters of one size."""

    def __init__(self, chart: TreeChart, size: float) -> None:
        self._sheet = Sheet()
        self._size = size
        self.rows: list[_Row] = []
        self.lines = 0
        self._lay(chart.root, None, 0)

    def left(self, depth: int) -> float:
        """Return where the dot of a row of this depth stands."""
        return MARGIN + depth * _INDENT * self._size

    def _lay(self, person: TreePerson, parent: _Row | None, depth: int) -> None:
        row = _Row(depth, parent, first_line=self.lines)
        pieces = list(self._pieces(person))
        begin = self.left(depth) + self._size
        x = begin
        line: list[tuple[float, _Piece]] = []
        for piece in pieces:
            if line and x + piece.width > WIDTH - MARGIN:
                row.lines.append(line)
                # What goes on stands to the right of the trunk.
                x, line = begin + _INDENT * self._size, []
            elif piece.follows:
                x -= (_BETWEEN - _WITHIN) * self._size
            line.append((x, piece))
            x += piece.width + _BETWEEN * self._size
        row.lines.append(line)
        self.rows.append(row)
        self.lines += len(row.lines)
        for child in person.people:
            if child.people:
                self._lay(child, row, depth + 1)

    def _pieces(self, person: TreePerson) -> Iterator[_Piece]:
        yield from self._name(person, bold=True)
        yield from self._count_of(person)
        for child in person.people:
            if not child.people:
                yield from self._name(child)
                yield from self._count_of(child)
        if person.more:
            words = _("… and {more} more", more=format_count(person.more))
            yield self._piece(words, colour=palette.TONES[Tone.AMBER])

    def _count_of(self, person: TreePerson) -> Iterator[_Piece]:
        if person.brought:
            yield self._piece(
                format_count(person.brought), bold=True, colour=palette.TONES[Tone.ACCENT], follows=True
            )

    def _name(self, person: TreePerson, *, bold: bool = False) -> Iterator[_Piece]:
        other = drawable_name(person.other_name, _NOBODY, covers)
        name = self._sheet.cut(
            drawable_name(person.name, other, covers), _NAME_WIDTH_MOST, size=self._size, bold=bold
        )
        colour = palette.MUTED if person.is_gone else palette.TEXT
        yield self._piece(name, bold=bold, colour=colour, is_struck=person.is_gone)
        if not person.is_sure:
            # Apart from the name, which may be written from right to left.
            yield self._piece(_DOUBT, bold=bold, colour=palette.TONES[Tone.AMBER], follows=True)

    def _piece(
        self,
        text: str,
        *,
        bold: bool = False,
        colour: str = palette.TEXT,
        is_struck: bool = False,
        follows: bool = False,
    ) -> _Piece:
        width = self._sheet.text_width(text, size=self._size, bold=bold)
        return _Piece(text, width, bold, colour, is_struck, follows)


def tree_figure(chart: TreeChart) -> Figure:
    """Return the drawn tree; names have the `gid` `name`, those of people who are gone are struck through by a `strike`."""
    size = _LARGE if _count(chart.root) <= _PEOPLE_IN_LARGE_LETTERS else _SMALL
    tree = _Tree(chart, size)
    line_height = size * _LINE
    notes = [text for note in chart.notes if (text := drawable_text(note, covers))]
    height = _TOP + tree.lines * line_height + 20 + len(notes) * _NOTE_HEIGHT + _FOOT
    sheet = Sheet(max(height, HEIGHT / 2))
    sheet.write_header(chart.title, chart.subtitle)

    def middle_of(line: int) -> float:
        return _TOP + (line + 0.5) * line_height

    for row in tree.rows:
        _draw_twig(sheet, tree, row, middle_of, size)
    for row in tree.rows:
        for number, line in enumerate(row.lines):
            _draw_line(sheet, line, middle_of(row.first_line + number), size)
    _draw_notes(sheet, notes)
    return sheet.figure


def _draw_line(sheet: Sheet, line: Sequence[tuple[float, _Piece]], middle: float, size: float) -> None:
    for x, piece in line:
        sheet.write(
            piece.text, x, middle + size * 0.36, size=size, bold=piece.bold, colour=piece.colour
        ).set_gid("name")
        if piece.is_struck:
            strike = _stroke(sheet, [(x, middle), (x + piece.width, middle)], palette.MUTED, 2.5)
            strike.set_gid("strike")


def _draw_twig(sheet: Sheet, tree: _Tree, row: _Row, middle_of: Callable[[int], float], size: float) -> None:
    """Draw the dot of a row and the line that leads to it from the one who brought them."""
    x, y = tree.left(row.depth) + size * 0.3, middle_of(row.first_line)
    if row.parent is not None:
        trunk, top = tree.left(row.parent.depth) + size * 0.3, middle_of(row.parent.first_line)
        _stroke(sheet, [(trunk, top), (trunk, y), (x, y)], palette.BASELINE, 3, zorder=1)
    width = size * _DOT
    sheet.figure.add_artist(
        Ellipse(
            (x / WIDTH, 1 - y / sheet.height),
            width / WIDTH,
            width / sheet.height,
            facecolor=palette.TONES[Tone.ACCENT],
            linewidth=0,
            transform=sheet.figure.transFigure,
            zorder=2,
        )
    )


def _draw_notes(sheet: Sheet, notes: Sequence[str]) -> None:
    for number, note in enumerate(reversed(notes)):
        baseline = sheet.height - _FOOT - number * _NOTE_HEIGHT
        sheet.write_small(note, baseline, align="left", width_most=WIDTH - 2 * MARGIN)


def _stroke(
    sheet: Sheet, corners: Sequence[tuple[float, float]], colour: str, width: float, *, zorder: float = 3
) -> Line2D:
    line = Line2D(
        [x / WIDTH for x, _y in corners],
        [1 - y / sheet.height for _x, y in corners],
        color=colour,
        linewidth=points(width),
        solid_joinstyle="round",
        solid_capstyle="round",
        transform=sheet.figure.transFigure,
        zorder=zorder,
    )
    sheet.figure.add_artist(line)
    return line


def _count(person: TreePerson) -> int:
    return 1 + sum(map(_count, person.people))
