"""Charts to draw in tests."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.charts.specs import Quantity, RankingChart, RankingRow, Series, Shape, TimeChart

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
NOON_MS = 1_767_268_800_000
"""2026-01-01 12:00:00 UTC."""
AMSTERDAM = "Europe/Amsterdam"

ODD_NAMES = (
    "🎉🎉",
    "中村さん",
    "محمد",
    "\u200b\u200e",
    "\u3164",
    "**b** $x^2$ `code`",
    "Z\u0337\u0322\u0356algo",
    "👩\u200d👩\u200d👧",
    "\ud800",
    "a" * 300,
)


def local_days(year: int, month: int, day: int, count: int, timezone: str) -> tuple[tuple[int, ...], int]:
    """Return the starts of so many local days from this one, and the end of the last."""
    first = datetime(year, month, day)  # noqa: DTZ001 - days are counted on the wall clock
    midnights = [
        (first + timedelta(days=place)).replace(tzinfo=ZoneInfo(timezone)) for place in range(count + 1)
    ]
    edges = [int(midnight.timestamp()) * 1000 for midnight in midnights]
    return tuple(edges[:-1]), edges[-1]


def hourly(
    *values: float | None, shape: Shape = Shape.BARS, gaps: tuple[tuple[int, int], ...] = ()
) -> TimeChart:
    """Return one series of hours from noon, UTC."""
    return TimeChart(
        title="Messages sent",
        starts_ms=tuple(NOON_MS + place * HOUR_MS for place in range(len(values))),
        end_ms=NOON_MS + len(values) * HOUR_MS,
        series=(Series(name="messages", values=values, shape=shape),),
        gaps=gaps,
    )


def layers(*columns: tuple[float | None, ...], shape: Shape) -> TimeChart:
    """Return several series of hours from noon, all of one shape."""
    count = len(columns[0])
    return TimeChart(
        title="Statuses",
        starts_ms=tuple(NOON_MS + place * HOUR_MS for place in range(count)),
        end_ms=NOON_MS + count * HOUR_MS,
        series=tuple(
            Series(name=f"series {place}", values=values, shape=shape) for place, values in enumerate(columns)
        ),
    )


def ranking(*names: str, quantity: Quantity = Quantity.COUNT) -> RankingChart:
    """Return a ranking in which the first has the most."""
    rows = tuple(RankingRow(name, float(100 - 7 * place)) for place, name in enumerate(names))
    return RankingChart(title="Most messages", quantity=quantity, rows=rows)
