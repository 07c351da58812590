"""What a chart shows, as plain values: they travel to the process that draws, and equal specs give equal pictures."""

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

from bot.text.language import Language, current_language

SERIES_MOST: Final = 4
ROWS_MOST: Final = 10


class Quantity(StrEnum):
    """What a value measures, which decides how it is written."""

    COUNT = "count"
    SECONDS = "seconds"


class Shape(StrEnum):
    """How a series is drawn; several with bars stand side by side, stacked ones on top of each other."""

    BARS = "bars"
    LINE = "line"
    STACKED_BARS = "stacked_bars"
    STACKED_AREA = "stacked_area"


class Tone(StrEnum):
    """A colour by its meaning; any two can be told apart by people who are colour-blind."""

    ACCENT = "accent"
    AMBER = "amber"
    VIOLET = "violet"
    RED = "red"
    NEUTRAL = "neutral"


TONES_BY_POSITION: Final = (Tone.ACCENT, Tone.AMBER, Tone.VIOLET, Tone.NEUTRAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One value per bucket; None where there is no value, which is not the same as 0."""

    name: str
    values: tuple[float | None, ...]
    shape: Shape = Shape.BARS
    tone: Tone | None = None
    """None takes the colour of the series' position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeChart:
    """Values over time, in buckets that may differ in length, as the days of summer time do.

    `starts_ms` are the starts of the buckets and `end_ms` is the end of the last one, UTC epoch milliseconds.
    Raises ValueError when the parts do not fit each other.
    """

    title: str
    subtitle: str = ""
    unit: str = ""
    """What is counted, in small print: `messages`."""
    quantity: Quantity = Quantity.COUNT
    starts_ms: tuple[int, ...]
    end_ms: int
    timezone: str = "UTC"
    """IANA name; the labels are hours and days there."""
    series: tuple[Series, ...]
    before: tuple[float | None, ...] = ()
    """The same values of the period before, bucket by bucket, or nothing."""
    gaps: tuple[tuple[int, int], ...] = ()
    """Ranges (from_ms, to_ms) in which nobody was there to record."""
    from_zero: bool = True
    """False for what is read and not counted: the axis may begin above 0."""
    language: Language = field(default_factory=current_language)
    """Of the labels and the legend; the other texts are given in it."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.series) <= SERIES_MOST:
            raise ValueError(f"a chart has 1 to {SERIES_MOST} series")
        if not self.starts_ms or any(a >= b for a, b in pairwise((*self.starts_ms, self.end_ms))):
            raise ValueError("buckets follow each other in time, and there is at least one")
        lengths = {len(series.values) for series in self.series} | (
            {len(self.before)} if self.before else set()
        )
        if lengths != {len(self.starts_ms)}:
            raise ValueError("every series has one value per bucket")
        if any(from_ms >= to_ms for from_ms, to_ms in self.gaps):
            raise ValueError("a gap ends after it begins")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see: no value but 0 anywhere."""
        return not any(any(series.values) for series in self.series) and not any(self.before)


@dataclass(frozen=True, slots=True)
class RankingRow:
    """A name as people chose it, and its value."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingChart:
    """A list of names, best first; raises ValueError when it is longer than a picture can show."""

    title: str
    subtitle: str = ""
    unit: str = ""
    quantity: Quantity = Quantity.COUNT
    rows: tuple[RankingRow, ...]
    language: Language = field(default_factory=current_language)

    def __post_init__(self) -> None:
        if len(self.rows) > ROWS_MOST:
            raise ValueError(f"a ranking shows at most {ROWS_MOST} rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class TreePerson:
    """Somebody in a tree, by the name that they chose, and whom they brought, as far as they are shown."""

    name: str
    """What cannot be drawn of it is left out."""
    other_name: str = ""
    """Drawn where nothing of the name can be."""
    is_gone: bool = False
    is_sure: bool = True
    """False: it is not certain that they hang here."""
    brought: int = 0
    """How many in all, shown or not."""
    people: tuple["TreePerson", ...] = ()
    more: int = 0
    """How many of those whom they brought are not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeChart:
    """Who brought whom, from one person on; its picture is as high as the tree needs."""

    title: str
    subtitle: str = ""
    notes: tuple[str, ...] = ()
    """Small print below the tree, one line each."""
    root: TreePerson
    language: Language = field(default_factory=current_language)


ChartSpec = TimeChart | RankingChart | TreeChart
