"""What can be asked of the statistics, whoever asks: a command or a route."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ModuleDisabledError, UnprocessableEntityError
from cogs.serverstats.statistics.service import Wish, dimension_fits
from storage.statistics.catalogue import (
    CATALOGUE,
    COMMANDS_USED,
    KINDS,
    MEMBERS_JOINED,
    MESSAGES_SENT,
    VOICE,
    Aggregate,
    Group,
)
from storage.statistics.changes import SessionOpened
from storage.statistics.tops import Dimension
from tests.cogs.serverstats.commands.stage import DAY_MS, HOUR_MS, Stage, set_stage

AMSTERDAM = "Europe/Amsterdam"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A server in which everything is recorded."""
    async with set_stage(tmp_path) as stage:
        await stage.module.enable(stage.guild.id)
        await stage.switch_on(*Group)
        yield stage


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@pytest.mark.parametrize("days", [-1, 0, 31])
async def test_days_are_from_1_to_30(stage: Stage, days: int) -> None:
    with pytest.raises(UnprocessableEntityError, match=f"days: must be from 1 to 30, not {days}"):
        await stage.statistics.fetch_report(stage.guild.id, [MESSAGES_SENT], Wish(days))


async def test_a_filter_that_a_kind_does_not_have_is_refused_by_its_name(stage: Stage) -> None:
    guild_id = stage.guild.id
    with pytest.raises(UnprocessableEntityError, match="user: Members joined cannot be filtered"):
        await stage.statistics.fetch_report(guild_id, [MEMBERS_JOINED], Wish(user_id=1))
    with pytest.raises(UnprocessableEntityError, match="channel: Commands used cannot be filtered"):
        await stage.statistics.fetch_ranking(guild_id, COMMANDS_USED, Dimension.USER, Wish(channel_id=1))
    with pytest.raises(UnprocessableEntityError, match="of: Messages sent cannot be ranked by names"):
        await stage.statistics.fetch_ranking(guild_id, MESSAGES_SENT, Dimension.TEXT, Wish())


async def test_a_group_that_is_off_and_a_module_that_is_off_are_told_apart(stage: Stage) -> None:
    await stage.switch_on(Group.VOICE)
    with pytest.raises(ModuleDisabledError, match="“Messages” is not recorded"):
        await stage.statistics.fetch_report(stage.guild.id, [MESSAGES_SENT], Wish())

    await stage.module.disable(stage.guild.id)
    with pytest.raises(ModuleDisabledError, match="Serverstats is not enabled"):
        await stage.statistics.fetch_report(stage.guild.id, [VOICE], Wish())


async def test_every_kind_can_be_reported_and_ranked(stage: Stage) -> None:
    at_ms = stage.now_ms - HOUR_MS
    for kind in CATALOGUE:
        if kind.aggregate is Aggregate.LAST:
            continue
        if kind.aggregate is Aggregate.SECONDS:
            session = stage.session(kind, at_ms, stage.now_ms, user_id=5, channel_id=6, text="a")
            await stage.put_on_record(*session)
        else:
            facts = {"user_id": 5, "channel_id": 6, "text": "a", "duration_us": 3_600_000_000}
            await stage.put_on_record(stage.event(kind.key, at_ms, **facts))

        report = await stage.statistics.fetch_report(stage.guild.id, [kind], Wish(7))

        assert report.of(kind).value == (1 if kind.aggregate is Aggregate.COUNT else 3600), kind.key
        for by in Dimension:
            if dimension_fits(kind, by):
                ranking = await stage.statistics.fetch_ranking(stage.guild.id, kind, by, Wish(7))
                assert len(ranking.rows) == ranking.distinct == 1, kind.key


async def test_an_open_session_counts_until_now(stage: Stage) -> None:
    began_ms = stage.now_ms - 3 * HOUR_MS
    record_id = stage.recorder.next_id(began_ms)
    await stage.put_on_record(SessionOpened(stage.guild.id, VOICE.number, record_id, 5, 6))

    report = await stage.statistics.fetch_report(stage.guild.id, [VOICE], Wish(2))
    own = await stage.statistics.fetch_report(stage.guild.id, [VOICE], Wish(2, user_id=5, channel_id=6))

    assert report.of(VOICE).value == own.of(VOICE).value == 3 * 3600


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
async def test_an_event_in_every_hour_of_a_day_of_summer_time_is_counted_once(
    stage: Stage, day: tuple[int, int, int], hours: int
) -> None:
    """And the day after, its hours are compared with those of that day."""
    await stage.recorder.change_timezone(stage.guild.id, AMSTERDAM)
    year, month, day_of_month = day
    midnight = datetime(year, month, day_of_month, tzinfo=ZoneInfo(AMSTERDAM))
    start_ms = _ms(midnight)
    await stage.put_on_record(
        *(
            stage.event("messages/sent", start_ms + hour * HOUR_MS + 1, user_id=5)
            for hour in range(-1, hours + 1)
        )
    )

    stage.place.clock.skip_to(_ms(midnight.replace(hour=23, minute=59)))
    today = await stage.statistics.fetch_report(stage.guild.id, [MESSAGES_SENT], Wish(1))
    own = await stage.statistics.fetch_report(stage.guild.id, [MESSAGES_SENT], Wish(1, user_id=5))

    for report in (today, own):
        assert report.of(MESSAGES_SENT).values == (1,) * hours
        assert report.of(MESSAGES_SENT).value == hours

    stage.place.clock.skip_to(stage.now_ms + HOUR_MS)
    tomorrow = await stage.statistics.fetch_report(stage.guild.id, [MESSAGES_SENT], Wish(2))
    assert len(tomorrow.period.buckets) == hours + 24
    assert tomorrow.of(MESSAGES_SENT).value == hours + 1


async def test_thirty_days_of_figures_are_the_sum_of_each_day(stage: Stage) -> None:
    now_ms = stage.now_ms
    for ago in range(35):
        await stage.put_on_record(*stage.events("messages/sent", ago + 1, now_ms - ago * DAY_MS))

    month = await stage.statistics.fetch_report(stage.guild.id, [MESSAGES_SENT], Wish(30))
    day = await stage.statistics.fetch_report(stage.guild.id, [MESSAGES_SENT], Wish(1))

    assert month.of(MESSAGES_SENT).values == tuple(range(30, 0, -1))
    assert month.of(MESSAGES_SENT).value == 465
    assert month.of(MESSAGES_SENT).change is None
    assert day.of(MESSAGES_SENT).value == 1


async def test_what_was_recorded_before_is_compared_with(stage: Stage) -> None:
    noon_ms = stage.now_ms // DAY_MS * DAY_MS + DAY_MS // 2
    await stage.put_on_record(
        *stage.events("messages/sent", 3, noon_ms - HOUR_MS - DAY_MS),
        *stage.events("messages/sent", 9, noon_ms + HOUR_MS - DAY_MS),
        *stage.events("messages/sent", 6, noon_ms - HOUR_MS),
    )
    stage.place.clock.skip_to(noon_ms)

    report = await stage.statistics.fetch_report(stage.guild.id, [MESSAGES_SENT], Wish(1))

    assert report.of(MESSAGES_SENT).change == 1.0


def test_kinds_are_ranked_by_what_their_records_name() -> None:
    fits = {kind.key: {by for by in Dimension if dimension_fits(kind, by)} for kind in CATALOGUE}

    assert fits["messages/sent"] == fits["voice"] == {Dimension.USER, Dimension.CHANNEL}
    assert fits["commands/used"] == fits["activities/presence"] == {Dimension.USER, Dimension.TEXT}
    assert fits["members/total"] == fits["modules/rules/check-time"] == set()
    assert KINDS.keys() == fits.keys()
