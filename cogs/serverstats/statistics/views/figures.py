"""The figures of a period: total, change against the period before, peak and mean. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cogs.serverstats.statistics.views.periods import Bucket, Period
from storage.statistics.catalogue import Aggregate, Kind
from storage.statistics.downtimes import Downtime
from storage.statistics.series import Hour, Sample, Sum

Value = float | None
Gap = tuple[int, int]
"""A stretch of time without data, UTC epoch milliseconds."""

_MS_PER_SECOND = 1000
_US_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What is on record of one kind; `hours` may lack days that are not shown hour by hour."""

    kind: Kind
    days: Mapping[int, Sum]
    """Of the period and of the one before."""
    hours: Mapping[Hour, Sum]
    """Of both periods where they are shown by hours, else of the last day of each."""
    recorded_since_ms: int | None
    """The beginning of all records of this kind; None when there are none."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The greatest value, and the day or hour that had it."""

    bucket: Bucket
    value: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What people are told about one kind: numbers of records, or seconds."""

    kind: Kind
    sum: Sum
    value: float
    """The total; for durations their mean."""
    change: float | None
    """0.25 for a quarter more than in the period before, up to the same hour; None when that cannot be said."""
    peak: Peak | None
    mean_per_day: float | None
    """Of the days that are over and were recorded as a whole; None when there are none."""
    values: tuple[Value, ...]
    """One per bucket."""
    before: tuple[Value, ...]
    """The same of the period before; empty when there is nothing to compare with."""
    recorded_since_ms: int | None


@dataclass(frozen=True, slots=True)
class GaugeFigures:
    """What people are told about a sampled quantity."""

    latest: float
    change: float
    """By how much it rose since the first sample."""
    lowest: float
    highest: float
    mean: float


def value_of(kind: Kind, total: Sum) -> Value:
    """Return the number that people read: records, seconds, or the mean of durations in seconds, None without any."""
    match kind.aggregate:
        case Aggregate.SECONDS:
            return total.total / _MS_PER_SECOND
        case Aggregate.MEAN:
            return total.total / _US_PER_SECOND / total.events if total.events else None
        case Aggregate.COUNT | Aggregate.LAST:
            return total.events


def figures_of(measured: Measured, period: Period, gaps: Sequence[Gap] = ()) -> Figures:
    """Return the figures of one kind."""
    kind, days = measured.kind, measured.days
    total = _sum_of_days(days, period.first_day, period.last_day)
    values = tuple(_bucket_value(measured, bucket, period, gaps) for bucket in period.buckets)
    is_comparable = (
        measured.recorded_since_ms is not None and measured.recorded_since_ms <= period.before_start_ms
    )
    seen = [
        Peak(bucket, value) for bucket, value in zip(period.buckets, values, strict=True) if value is not None
    ]
    peak = max(seen, key=lambda peak: peak.value, default=None)
    return Figures(
        kind=kind,
        sum=total,
        value=value_of(kind, total) or 0.0,
        change=_change(measured, period) if is_comparable else None,
        peak=peak if peak is not None and peak.value > 0 else None,
        mean_per_day=_mean_per_day(measured, period),
        values=values,
        before=_values_before(measured, period) if is_comparable else (),
        recorded_since_ms=measured.recorded_since_ms,
    )


def gauge_of(values: Sequence[float]) -> GaugeFigures | None:
    """Return the figures of a sampled quantity, the earliest value first; None without samples."""
    if not values:
        return None
    return GaugeFigures(
        latest=values[-1],
        change=values[-1] - values[0],
        lowest=min(values),
        highest=max(values),
        mean=sum(values) / len(values),
    )


def samples_by_bucket(samples: Sequence[Sample], period: Period) -> tuple[tuple[Sample, ...], ...]:
    """Return the samples of each bucket; both are sorted by time."""
    found: list[tuple[Sample, ...]] = []
    position = 0
    for bucket in period.buckets:
        while position < len(samples) and samples[position].at_ms < bucket.start_ms:
            position += 1
        first = position
        while position < len(samples) and samples[position].at_ms < bucket.end_ms:
            position += 1
        found.append(tuple(samples[first:position]))
    return tuple(found)


def gaps_of(downtimes: Sequence[Downtime], period: Period) -> tuple[Gap, ...]:
    """Return when there was nobody to record within the period, overlaps as one, the earliest first."""
    until_ms = min(period.end_ms, period.now_ms)
    gaps: list[Gap] = []
    for downtime in sorted(downtimes, key=lambda downtime: downtime.began_at_ms):
        began_at_ms, ended_at_ms = (
            max(downtime.began_at_ms, period.start_ms),
            min(downtime.ended_at_ms, until_ms),
        )
        if began_at_ms >= ended_at_ms:
            continue
        if gaps and began_at_ms <= gaps[-1][1]:
            gaps[-1] = (gaps[-1][0], max(gaps[-1][1], ended_at_ms))
        else:
            gaps.append((began_at_ms, ended_at_ms))
    return tuple(gaps)


def _sum_of_days(days: Mapping[int, Sum], first_day: int, last_day: int) -> Sum:
    return sum((days[day] for day in days if first_day <= day <= last_day), Sum())


def _found(measured: Measured, day: int, hour: int | None) -> Sum | None:
    return measured.days.get(day) if hour is None else measured.hours.get((day, hour))


def _bucket_value(measured: Measured, bucket: Bucket, period: Period, gaps: Sequence[Gap]) -> Value:
    found = _found(measured, bucket.day, bucket.hour)
    if found is not None:
        return value_of(measured.kind, found)
    since_ms = measured.recorded_since_ms
    is_recorded = (
        since_ms is not None
        and since_ms < bucket.end_ms
        and bucket.start_ms <= period.now_ms
        and not any(begun <= bucket.start_ms and bucket.end_ms <= ended for begun, ended in gaps)
    )
    return value_of(measured.kind, Sum()) if is_recorded else None


def _values_before(measured: Measured, period: Period) -> tuple[Value, ...]:
    """Return the values of the same days and hours of the period before."""
    values = [
        value_of(measured.kind, _found(measured, bucket.day - period.day_count, bucket.hour) or Sum())
        for bucket in period.buckets
    ]
    return tuple(values) if any(values) else ()


def _change(measured: Measured, period: Period) -> float | None:
    """Return the change up to the last whole hour: what is still to come today must not look like a loss."""

    def so_far(first_day: int, last_day: int) -> Sum:
        hours = measured.hours
        last = [hours[day, hour] for day, hour in hours if day == last_day and hour < period.whole_hours]
        return sum(last, _sum_of_days(measured.days, first_day, last_day - 1))

    now = value_of(measured.kind, so_far(period.first_day, period.last_day))
    before = value_of(measured.kind, so_far(period.first_day_before, period.last_day_before))
    return now / before - 1 if now is not None and before else None


def _mean_per_day(measured: Measured, period: Period) -> float | None:
    since_ms = measured.recorded_since_ms
    if since_ms is None or measured.kind.aggregate is Aggregate.MEAN or period.is_hourly:
        return None
    whole = [b.day for b in period.buckets if b.start_ms >= since_ms and b.end_ms <= period.now_ms]
    if not whole:
        return None
    values = [value_of(measured.kind, measured.days.get(day, Sum())) or 0.0 for day in whole]
    return sum(values) / len(whole)
