"""What can be asked of the statistics: validated, read from the database, and turned into figures.

Slash commands and HTTP routes call the same functions and get the same errors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.client import HeadcountClient
from bot.errors import ModuleDisabledError, UnprocessableEntityError
from bot.text.language import N_, _
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.statistics.views.figures import Figures, Gap, Measured, figures_of, gaps_of
from cogs.serverstats.statistics.views.periods import Period, period_of
from storage.database import ReadTransaction
from storage.server_days import ServerDays, fetch_server_days
from storage.statistics.catalogue import Group, Kind
from storage.statistics.downtimes import Downtime, fetch_downtimes
from storage.statistics.pages import RecordPage, fetch_record_page
from storage.statistics.queries import Query
from storage.statistics.series import Sample, fetch_days, fetch_hours, fetch_samples
from storage.statistics.tops import Dimension, Ranked, fetch_distinct, fetch_top

DAYS_LEAST: Final = 1
DAYS_MOST: Final = 30
KEPT_DAYS: Final = 32
"""No record is older: 31 days and today."""
DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see: how many server days including today, and whose or where."""

    days: int = 7
    user_id: int | None = None
    channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of some kinds over one period."""

    period: Period
    figures: tuple[Figures, ...]
    gaps: tuple[Gap, ...]
    """When there was nobody to record."""
    lost_records: int
    """How many had to be given up because the database could not be written."""

    def of(self, kind: Kind) -> Figures:
        """Return the figures of one of its kinds."""
        return next(figures for figures in self.figures if figures.kind is kind)


@dataclass(frozen=True, slots=True)
class Sampling:
    """What was sampled over one period, the earliest first."""

    period: Period
    samples: tuple[Sample, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Who, where or what had the most, and how many there were in all."""

    period: Period
    kind: Kind
    by: Dimension
    rows: tuple[Ranked, ...]
    distinct: int
    """How many different ones the whole period has, whatever the user or channel."""
    gaps: tuple[Gap, ...]


class StatisticsService:
    """What can be asked of the statistics of a guild."""

    def __init__(self, client: HeadcountClient, module: ServerstatsService) -> None:
        self.client = client
        self.module = module
        self._database = client.parts.database
        self._clock = client.parts.clock

    # Without a wait

    def enabled_groups(self, guild_id: int) -> frozenset[Group]:
        """Return what the guild records; raises ModuleDisabledError where the module is not enabled."""
        return self.module.require_settings(guild_id).enabled_groups

    def require_group(self, guild_id: int, group: Group) -> None:
        """Raise ModuleDisabledError where the module or this group of it is switched off."""
        if group not in self.enabled_groups(guild_id):
            raise ModuleDisabledError(
                _(
                    "“{group}” is not recorded in this server; "
                    "an admin can switch it on with `/serverstats settings`.",
                    group=_(group.label),
                )
            )

    def check(self, guild_id: int, kinds: Sequence[Kind], wish: Wish, by: Dimension | None = None) -> None:
        """Raise what reading these would raise: the module or a group is off, days, user, channel or `by` do not fit."""
        for kind in kinds:
            self.require_group(guild_id, kind.group)
            _check_wish(kind, wish, has_user=kind.has_user)
            if by is not None and not dimension_fits(kind, by):
                raise UnprocessableEntityError(_does_not_fit(kind, by))

    # What is read

    async def fetch_report(self, guild_id: int, kinds: Sequence[Kind], wish: Wish) -> Report:
        """Return the figures of these kinds.

        Raises ModuleDisabledError where a group of theirs is off, UnprocessableEntityError for days out of range and for a
        filter that a kind does not have.
        """
        self.check(guild_id, kinds, wish)
        async with self._database.read() as rx:
            days, period = await self._read_period(rx, guild_id, wish)
            downtimes = await _read_downtimes(rx, guild_id, period)
            gaps = gaps_of(downtimes, period)
            measured = [await self._measure(rx, guild_id, kind, wish, days, period) for kind in kinds]
        return Report(
            period=period,
            figures=tuple(figures_of(one, period, gaps) for one in measured),
            gaps=gaps,
            lost_records=sum(downtime.lost_records for downtime in downtimes),
        )

    async def fetch_sampling(self, guild_id: int, kind: Kind, wish: Wish) -> Sampling:
        """Return what was sampled of a kind; raises as `fetch_report` does."""
        self.check(guild_id, (kind,), wish)
        async with self._database.read() as rx:
            _days, period = await self._read_period(rx, guild_id, wish)
            gaps = gaps_of(await _read_downtimes(rx, guild_id, period), period)
            samples = await fetch_samples(rx, guild_id, kind, period.start_ms, period.end_ms)
        return Sampling(period, tuple(samples), gaps)

    async def fetch_ranking(
        self, guild_id: int, kind: Kind, by: Dimension, wish: Wish, limit: int = 10
    ) -> Ranking:
        """Return the most of a kind by user, channel or name; raises as `fetch_report` does, and for a kind without these."""
        self.check(guild_id, (kind,), wish, by)
        async with self._database.read() as rx:
            days, period = await self._read_period(rx, guild_id, wish)
            query = _query(guild_id, kind, wish, period.first_day, period.last_day)
            gaps = gaps_of(await _read_downtimes(rx, guild_id, period), period)
            rows = await fetch_top(rx, query, by, limit, days, period.now_ms)
            distinct = await fetch_distinct(rx, query, by)
        return Ranking(period, kind, by, tuple(rows), max(distinct, len(rows)), gaps)

    async def fetch_downtimes(self, guild_id: int) -> tuple[Downtime, ...]:
        """Return all downtimes that are on record, the earliest first."""
        now_ms = self._clock.now_ms()
        async with self._database.read() as rx:
            return await fetch_downtimes(rx, guild_id, now_ms - KEPT_DAYS * DAY_MS, now_ms)

    async def fetch_record_page(
        self, guild_id: int, kind: Kind, wish: Wish, *, offset: int, limit: int
    ) -> RecordPage:
        """Return up to `limit` raw records after the `offset` latest ones, and how many there are in all.

        Also where the kind's group is switched off: what was recorded until then is kept for as long as everything else.
        Raises SettingsError where the bot is not a member, ModuleDisabledError where the module is off, and
        UnprocessableEntityError for days out of range and for a filter that the kind does not have.
        """
        self.module.require_guild(guild_id)
        self.module.require_settings(guild_id)
        _check_wish(kind, wish, has_user=kind.keeps_user)
        async with self._database.read() as rx:
            days = await fetch_server_days(rx, guild_id)
            last_day = days.day_of(self._clock.now_ms())
            query = _query(guild_id, kind, wish, last_day - wish.days + 1, last_day)
            return await fetch_record_page(rx, query, days, offset=offset, limit=limit)

    def timezone_of(self, guild_id: int) -> str:
        """Return the IANA name of the guild's timezone."""
        return self.client.parts.guild_settings.settings_of(guild_id).timezone

    async def _read_period(self, rx: ReadTransaction, guild_id: int, wish: Wish) -> tuple[ServerDays, Period]:
        days = await fetch_server_days(rx, guild_id)
        return days, period_of(days, wish.days, self._clock.now_ms())

    async def _measure(
        self, rx: ReadTransaction, guild_id: int, kind: Kind, wish: Wish, days: ServerDays, period: Period
    ) -> Measured:
        last_day, now_ms = period.last_day, period.now_ms
        everything = _query(guild_id, kind, Wish(), last_day - KEPT_DAYS, last_day)
        recorded = await fetch_days(rx, everything, days, now_ms)
        both = _query(guild_id, kind, wish, period.first_day_before, last_day)
        by_day = recorded
        if wish.user_id is not None or wish.channel_id is not None:
            by_day = await fetch_days(rx, both, days, now_ms)
        if period.is_hourly:
            by_hour = await fetch_hours(rx, both, days, now_ms)
        else:
            by_hour = {}
            for day in (period.last_day_before, last_day):
                by_hour |= await fetch_hours(rx, _query(guild_id, kind, wish, day, day), days, now_ms)
        since_ms = self._recorded_since(guild_id, min(recorded), days) if recorded else None
        return Measured(kind, by_day, by_hour, since_ms)

    def _recorded_since(self, guild_id: int, first_day: int, days: ServerDays) -> int:
        enabled_at_ms = self.module.enabled_at_ms(guild_id)
        if enabled_at_ms is not None and days.day_of(enabled_at_ms) == first_day:
            return enabled_at_ms
        return days.start_of(first_day)


def _check_wish(kind: Kind, wish: Wish, *, has_user: bool) -> None:
    if not DAYS_LEAST <= wish.days <= DAYS_MOST:
        raise UnprocessableEntityError(
            _(
                "days: must be from {least} to {most}, not {days}.",
                least=DAYS_LEAST,
                most=DAYS_MOST,
                days=wish.days,
            )
        )
    if wish.user_id is not None and not has_user:
        raise UnprocessableEntityError(_("user: {kind} cannot be filtered by a user.", kind=_(kind.title)))
    if wish.channel_id is not None and not kind.has_channel:
        raise UnprocessableEntityError(
            _("channel: {kind} cannot be filtered by a channel.", kind=_(kind.title))
        )


_UNFIT: Final = {
    Dimension.USER: N_("of: {kind} cannot be ranked by members."),
    Dimension.CHANNEL: N_("of: {kind} cannot be ranked by channels."),
    Dimension.TEXT: N_("of: {kind} cannot be ranked by names."),
}
_UNFIT_BUT: Final = {
    Dimension.USER: N_("of: {kind} cannot be ranked by members; choose {fitting}."),
    Dimension.CHANNEL: N_("of: {kind} cannot be ranked by channels; choose {fitting}."),
    Dimension.TEXT: N_("of: {kind} cannot be ranked by names; choose {fitting}."),
}
DIMENSION_WORDS: Final = {
    Dimension.USER: N_("members"),
    Dimension.CHANNEL: N_("channels"),
    Dimension.TEXT: N_("names"),
}


def _does_not_fit(kind: Kind, by: Dimension) -> str:
    fitting = [_(words) for one, words in DIMENSION_WORDS.items() if dimension_fits(kind, one)]
    if not fitting:
        return _(_UNFIT[by], kind=_(kind.title))
    both = _("{names} or {last}", names=fitting[0], last=fitting[-1])
    return _(_UNFIT_BUT[by], kind=_(kind.title), fitting=both if len(fitting) > 1 else fitting[0])


def dimension_fits(kind: Kind, by: Dimension) -> bool:
    """Whether records of the kind name what is to be ranked."""
    match by:
        case Dimension.USER:
            return kind.has_user
        case Dimension.CHANNEL:
            return kind.has_channel
        case Dimension.TEXT:
            return kind.has_text


def _query(guild_id: int, kind: Kind, wish: Wish, first_day: int, last_day: int) -> Query:
    return Query(guild_id, kind, first_day, last_day, wish.user_id, wish.channel_id)


async def _read_downtimes(rx: ReadTransaction, guild_id: int, period: Period) -> tuple[Downtime, ...]:
    return await fetch_downtimes(rx, guild_id, period.start_ms, period.now_ms)
