"""What an answer says: title, sentences, a few facts and a chart, made of figures. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.charts.specs import ChartSpec, TimeChart
from bot.text.amounts import counted
from bot.text.language import N_, _, ngettext
from bot.text.numbers import format_number, format_signed
from cogs.serverstats.statistics.views import charts
from cogs.serverstats.statistics.views.figures import Figures, Gap, gauge_of
from cogs.serverstats.statistics.views.periods import Period
from cogs.serverstats.statistics.views.wording import (
    Subject,
    against_words,
    amount,
    amount_with_unit,
    bucket_words,
    change_line,
    change_words,
    missing_words,
    period_words,
    title_within,
)
from storage.statistics.catalogue import (
    MEMBERS_TOTAL,
    Aggregate,
    Kind,
)
from storage.statistics.series import Sample

_BUSIEST: Final = (N_("Busiest day"), N_("Busiest hour"))
_SLOWEST: Final = (N_("Slowest day"), N_("Slowest hour"))


@dataclass(frozen=True, slots=True)
class Page:
    """One embed; `name` is that of its picture, which there is only with a chart."""

    name: str
    title: str
    text: str
    facts: tuple[tuple[str, str], ...] = ()
    footer: str = ""
    chart: ChartSpec | None = None


@dataclass(frozen=True, slots=True)
class RankedLine:
    """A place of a ranking: how it is called in the text and in the picture."""

    words: str
    drawn: str
    value: float


def kind_page(
    name: str,
    figures: Sequence[Figures],
    period: Period,
    gaps: Sequence[Gap],
    subject: Subject,
    *,
    title: str,
    enabled_at_ms: int,
    lost_records: int = 0,
    legend: Sequence[str] = (),
    more: Sequence[tuple[str, str]] = (),
) -> Page:
    """Return the page of one kind, the first; the others are shown beside it and told as facts."""
    main = figures[0]
    page = Page(
        name=name,
        title=subject.escaped_title(title),
        text="",
        footer=footer_of(period, gaps, lost_records),
    )
    if all(one.recorded_since_ms is None for one in figures):
        return replace(page, text=nothing_yet(enabled_at_ms))
    headline = _(
        "**{amount}** {period}", amount=amount_with_unit(main.kind, main.value), period=period_words(period)
    )
    total = amount_with_unit(main.kind, main.value)
    note = " · ".join(part for part in (total, change_words(main)) if part)
    drawn = [main, *(one for one in figures[1:] if any(one.values))]
    chart = charts.kind_chart(
        drawn, period, gaps, subject.title(title), names=legend or (title_within(main.kind),), note=note
    )
    return replace(
        page,
        text=_lines(headline, change_line(main, period)),
        facts=(*figure_facts(main, period), *more),
        chart=_unless_empty(chart),
    )


def group_page(
    figures: Sequence[Figures],
    period: Period,
    gaps: Sequence[Gap],
    subject: Subject,
    *,
    title: str,
    enabled_at_ms: int,
    lost_records: int = 0,
) -> Page:
    """Return the page of all kinds of a module: a line for each, and those with the most in the chart."""
    page = Page(
        name="module",
        title=subject.escaped_title(title),
        text="",
        footer=footer_of(period, gaps, lost_records),
    )
    if all(one.recorded_since_ms is None for one in figures):
        return replace(page, text=nothing_yet(enabled_at_ms))
    lines = [*(_kind_line(one) for one in figures), _legend_of_changes(figures, period)]
    counted = [one for one in figures if one.kind.aggregate is Aggregate.COUNT and one.sum.events]
    counted.sort(key=lambda one: -one.sum.events)
    drawn = counted or [one for one in figures if one.kind.aggregate is Aggregate.MEAN]
    chart = charts.kind_chart(drawn, period, gaps, subject.title(title)) if drawn else None
    return replace(page, text=_lines(*lines), chart=_unless_empty(chart))


def overview_page(
    figures: Sequence[Figures],
    period: Period,
    gaps: Sequence[Gap],
    *,
    enabled_at_ms: int,
    lost_records: int = 0,
    members: Sequence[Sample] = (),
    more: Sequence[tuple[str, str]] = (),
) -> Page:
    """Return the page that shows one fact of each kind, and a chart of the first that has anything."""
    page = Page(
        name="overview",
        title=_("This server {period}", period=period_words(period)),
        text="",
        footer=footer_of(period, gaps, lost_records),
    )
    gauge = gauge_of([float(sample.first) for sample in members])
    if gauge is None and all(one.recorded_since_ms is None for one in figures):
        return replace(page, text=nothing_yet(enabled_at_ms))
    facts = [(_(one.kind.title), fact_line(one)) for one in figures]
    if gauge is not None:
        facts.append((_("Members now"), f"**{format_number(gauge.latest)}** {format_signed(gauge.change)}"))
    shown = next((one for one in figures if any(one.values)), None)
    chart = None
    if shown is not None:
        chart = charts.kind_chart(
            [shown],
            period,
            gaps,
            _(shown.kind.title),
            names=(title_within(shown.kind),),
            note=" · ".join(
                part for part in (amount_with_unit(shown.kind, shown.value), change_words(shown)) if part
            ),
        )
    text = _legend_of_changes(figures, period)
    return replace(page, text=text, facts=(*facts, *more), chart=_unless_empty(chart))


def comings_page(
    joined: Figures,
    left: Figures,
    period: Period,
    gaps: Sequence[Gap],
    *,
    enabled_at_ms: int,
    lost_records: int = 0,
) -> Page:
    """Return the page of who came and who left, side by side."""
    title = _("Joined and left")
    page = Page(name="joined", title=title, text="", footer=footer_of(period, gaps, lost_records))
    both = (joined, left)
    if all(one.recorded_since_ms is None for one in both):
        return replace(page, text=nothing_yet(enabled_at_ms))
    came, went = (amount(one.kind, one.value) for one in both)
    chart = charts.kind_chart(
        both,
        period,
        gaps,
        title,
        names=(_("joined"), _("left")),
        note=_("{came} joined · {went} left", came=came, went=went),
    )
    return replace(
        page,
        text=_lines(
            _(
                "**{came}** joined and **{went}** left {period}",
                came=came,
                went=went,
                period=period_words(period),
            ),
            _legend_of_changes(both, period),
        ),
        facts=(
            (_("Joined"), fact_line(joined)),
            (_("Left"), fact_line(left)),
            *figure_facts(joined, period)[:1],
        ),
        chart=_unless_empty(chart),
    )


def members_page(samples: Sequence[Sample], period: Period, gaps: Sequence[Gap], enabled_at_ms: int) -> Page:
    """Return the page of how many members there are."""
    page = Page(name="members", title=_("Members"), text="", footer=footer_of(period, gaps))
    gauge = gauge_of([float(sample.first) for sample in samples])
    if gauge is None:
        return replace(page, text=nothing_yet(enabled_at_ms))
    chart = charts.members_chart(samples, period, gaps, _(MEMBERS_TOTAL.title))
    return replace(
        page,
        text=_("**{members}** now", members=counted("members", gauge.latest))
        + "\n"
        + _("{change} {period}", change=format_signed(gauge.change), period=period_words(period)),
        facts=((_("Most"), format_number(gauge.highest)), (_("Fewest"), format_number(gauge.lowest))),
        chart=_unless_empty(replace(chart, subtitle=f"{chart.subtitle} · {format_signed(gauge.change)}")),
    )


def statuses_page(samples: Sequence[Sample], period: Period, gaps: Sequence[Gap], enabled_at_ms: int) -> Page:
    """Return the page of who was online, on do not disturb and offline."""
    page = Page(name="statuses", title=_("Statuses"), text="", footer=footer_of(period, gaps))
    online = gauge_of([float(sample.first) for sample in samples])
    dnd = gauge_of([float(sample.third or 0) for sample in samples])
    offline = gauge_of([float(sample.second or 0) for sample in samples])
    if online is None or dnd is None or offline is None:
        return replace(page, text=nothing_yet(enabled_at_ms))
    return replace(
        page,
        text=_(
            "**{online}** online on average {period}",
            online=format_number(round(online.mean)),
            period=period_words(period),
        ),
        facts=(
            (_("Most online"), format_number(online.highest)),
            (_("Do not disturb"), _("{number} on average", number=format_number(round(dnd.mean)))),
            (_("Offline"), _("{number} on average", number=format_number(round(offline.mean)))),
        ),
        chart=_unless_empty(charts.statuses_chart(samples, period, gaps, _("Statuses"))),
    )


def ranking_page(
    name: str,
    kind: Kind,
    lines: Sequence[RankedLine],
    period: Period,
    gaps: Sequence[Gap],
    subject: Subject,
    *,
    title: str,
    distinct: str = "",
) -> Page:
    """Return the page of a ranking, the best first; `distinct` says how many there are in all."""
    page = Page(name=name, title=subject.escaped_title(title), text="", footer=footer_of(period, gaps))
    if not lines:
        return replace(page, text=_("Nothing was recorded {period}.", period=period_words(period)))
    rows = [(line.drawn, line.value) for line in lines]
    return replace(
        page,
        text="\n".join(ranked_lines(kind, lines)),
        footer=" · ".join(part for part in (distinct, page.footer) if part),
        chart=charts.ranking_chart(kind, rows, period, subject.title(title)),
    )


def ranked_lines(kind: Kind, lines: Sequence[RankedLine]) -> list[str]:
    """Return one line per place."""
    return [
        f"**{rank}.** {line.words} · **{amount(kind, line.value)}**" for rank, line in enumerate(lines, 1)
    ]


def figure_facts(figures: Figures, period: Period) -> tuple[tuple[str, str], ...]:
    """Return peak and mean as pairs of what and how much."""
    facts = []
    if figures.peak is not None:
        words = _SLOWEST if figures.kind.aggregate is Aggregate.MEAN else _BUSIEST
        where = bucket_words(figures.peak, period.timezone)
        facts.append((_(words[period.is_hourly]), f"{amount(figures.kind, figures.peak.value)}\n-# {where}"))
    if figures.mean_per_day:
        mean = amount(figures.kind, figures.mean_per_day)
        facts.append((_("Per day"), f"{mean}\n-# {_('on average, whole days only')}"))
    return tuple(facts)


def fact_line(figures: Figures) -> str:
    """Return total and change on one line."""
    return " ".join(
        part for part in (f"**{amount(figures.kind, figures.value)}**", change_words(figures)) if part
    )


def nothing_yet(enabled_at_ms: int) -> str:
    """Return what is said of something that is switched on and has no record."""
    return (
        _("Nothing is recorded yet: what happens from now on will be seen here.")
        + "\n-# "
        + _("Serverstats is enabled since {time}.", time=f"<t:{enabled_at_ms // 1000}:f>")
    )


def footer_of(period: Period, gaps: Sequence[Gap], lost_records: int = 0) -> str:
    """Return timezone and missing time."""
    return " · ".join(part for part in (period.timezone, missing_words(gaps, lost_records)) if part)


def _kind_line(figures: Figures) -> str:
    kind = figures.kind
    title = _(kind.title)
    if kind.aggregate is not Aggregate.MEAN:
        return f"{title}: {fact_line(figures)}"
    if not figures.sum.events:
        return _("{kind}: nothing measured", kind=title)
    return ngettext(
        "{kind}: {value} on average, measured {count}×",
        "{kind}: {value} on average, measured {count}×",
        figures.sum.events,
        kind=title,
        value=fact_line(figures),
    )


def _legend_of_changes(figures: Sequence[Figures], period: Period) -> str:
    is_compared = any(one.change is not None for one in figures)
    return f"-# ▲ ▼ {against_words(period)}" if is_compared else ""


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _unless_empty(chart: TimeChart | None) -> TimeChart | None:
    return None if chart is None or chart.is_empty else chart
