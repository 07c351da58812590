"""The charts of figures, as specs for the studio. Pure."""

from collections.abc import Sequence

from bot.charts.specs import (
    SERIES_MOST,
    Quantity,
    RankingChart,
    RankingRow,
    Series,
    Shape,
    TimeChart,
    Tone,
)
from bot.text.language import _
from cogs.serverstats.statistics.views.figures import Figures, Gap, samples_by_bucket
from cogs.serverstats.statistics.views.periods import Period
from cogs.serverstats.statistics.views.wording import period_title
from storage.statistics.catalogue import Aggregate, Kind
from storage.statistics.series import Sample

Values = tuple[float | None, ...]


def quantity_of(kind: Kind) -> Quantity:
    """Return how the kind's values are written."""
    is_duration = kind.aggregate in {Aggregate.SECONDS, Aggregate.MEAN}
    return Quantity.SECONDS if is_duration else Quantity.COUNT


def kind_chart(
    figures: Sequence[Figures],
    period: Period,
    gaps: Sequence[Gap],
    title: str,
    *,
    names: Sequence[str] = (),
    note: str = "",
) -> TimeChart:
    """Return bars of one kind, with the period before behind them, or of up to four kinds side by side.

    `names` stand in the legend, the kinds' own titles when left out. All must be of one quantity.
    """
    shown = figures[:SERIES_MOST]
    is_alone = len(shown) == 1
    kind = shown[0].kind
    quantity = quantity_of(kind)
    units = {one.kind.unit for one in shown}
    return _time_chart(
        period,
        gaps,
        title,
        note=note,
        unit=_(units.pop()) if quantity is Quantity.COUNT and len(units) == 1 else "",
        quantity=quantity,
        series=tuple(
            Series(
                name=name,
                values=one.values,
                shape=Shape.LINE if one.kind.aggregate is Aggregate.MEAN else Shape.BARS,
            )
            for one, name in zip(shown, names or [_(one.kind.title) for one in shown], strict=False)
        ),
        before=shown[0].before if is_alone else (),
    )


def members_chart(samples: Sequence[Sample], period: Period, gaps: Sequence[Gap], title: str) -> TimeChart:
    """Return the line of how many members there were at the end of each bucket."""
    values: Values = tuple(
        float(found[-1].first) if found else None for found in samples_by_bucket(samples, period)
    )
    series = (Series(name=_("members"), values=values, shape=Shape.LINE),)
    return _time_chart(period, gaps, title, unit=_("members"), series=series, from_zero=False)


def statuses_chart(samples: Sequence[Sample], period: Period, gaps: Sequence[Gap], title: str) -> TimeChart:
    """Return how many members were online, on do not disturb and offline on average in each bucket."""
    by_bucket = samples_by_bucket(samples, period)

    def mean(field: str) -> Values:
        return tuple(
            sum(getattr(sample, field) or 0 for sample in found) / len(found) if found else None
            for found in by_bucket
        )

    shape = Shape.STACKED_BARS
    return _time_chart(
        period,
        gaps,
        title,
        unit=_("members, on average"),
        series=(
            Series(name=_("online"), values=mean("first"), shape=shape, tone=Tone.ACCENT),
            Series(name=_("do not disturb"), values=mean("third"), shape=shape, tone=Tone.RED),
            Series(name=_("offline"), values=mean("second"), shape=shape, tone=Tone.NEUTRAL),
        ),
    )


def ranking_chart(kind: Kind, rows: Sequence[tuple[str, float]], period: Period, title: str) -> RankingChart:
    """Return the greatest values with their names."""
    quantity = quantity_of(kind)
    return RankingChart(
        title=title,
        subtitle=period_title(period),
        unit=_(kind.unit) if quantity is Quantity.COUNT else "",
        quantity=quantity,
        rows=tuple(RankingRow(name, value) for name, value in rows),
    )


def _time_chart(
    period: Period,
    gaps: Sequence[Gap],
    title: str,
    *,
    series: tuple[Series, ...],
    note: str = "",
    unit: str = "",
    quantity: Quantity = Quantity.COUNT,
    before: Values = (),
    from_zero: bool = True,
) -> TimeChart:
    return TimeChart(
        title=title,
        subtitle=f"{period_title(period)} · {note}" if note else period_title(period),
        unit=unit,
        quantity=quantity,
        starts_ms=tuple(bucket.start_ms for bucket in period.buckets),
        end_ms=period.end_ms,
        timezone=period.timezone,
        series=series,
        before=before,
        gaps=tuple(gaps),
        from_zero=from_zero,
    )
