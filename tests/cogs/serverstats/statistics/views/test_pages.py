"""What an answer says."""

from datetime import UTC, datetime

import pytest

from bot.charts.specs import RankingChart, TimeChart
from cogs.serverstats.statistics.views.figures import Figures, Measured, figures_of
from cogs.serverstats.statistics.views.pages import (
    RankedLine,
    comings_page,
    group_page,
    kind_page,
    members_page,
    overview_page,
    ranking_page,
    statuses_page,
)
from cogs.serverstats.statistics.views.periods import Period, period_of
from cogs.serverstats.statistics.views.wording import (
    Subject,
    activity_name,
    bucket_words,
    change_line,
    missing_words,
)
from storage.server_days import HOUR_MS, ServerDays
from storage.statistics.catalogue import (
    CATALOGUE,
    KINDS,
    MEMBERS_JOINED,
    MEMBERS_LEFT,
    MESSAGES_DELETED,
    MESSAGES_SENT,
    VOICE,
    Aggregate,
    Group,
    Kind,
    kinds_of,
)
from storage.statistics.series import Sample, Sum

NOW_MS = round(datetime(2026, 3, 10, 15, 30, tzinfo=UTC).timestamp() * 1000)
DAYS = ServerDays("Europe/Amsterdam")
TODAY = DAYS.day_of(NOW_MS)
WEEK = period_of(DAYS, 7, NOW_MS)
SERVER = Subject()


def figures(kind: Kind, by_day: dict[int, int], period: Period = WEEK, since_ms: int | None = 0) -> Figures:
    """Return the figures of events at 10 o'clock on days that are counted back from today."""
    one = 1000 if kind.aggregate is Aggregate.SECONDS else 100_000
    sums = {TODAY - ago: Sum(count, count * one) for ago, count in by_day.items()}
    hours = {(day, 10): found for day, found in sums.items()}
    return figures_of(Measured(kind, sums, hours, since_ms), period)


def test_a_page_tells_total_change_peak_and_mean() -> None:
    sent = figures(MESSAGES_SENT, {0: 30, 1: 90, 8: 80, 9: 20})

    page = kind_page("messages", [sent], WEEK, (), SERVER, title="Messages", enabled_at_ms=0)

    assert page.text == (
        "**120 messages** in the last 7 days\n▲ +20% against the 7 days before, up to the same hour"
    )
    assert page.facts == (
        ("Busiest day", "90\n-# Mon 09-03-2026"),
        ("Per day", "15\n-# on average, whole days only"),
    )
    assert page.footer == "Europe/Amsterdam"
    assert isinstance(page.chart, TimeChart)
    assert page.chart.subtitle == "Last 7 days · 120 messages · ▲ +20%"
    assert page.chart.before == (0, 0, 0, 0, 20, 80, 0)


def test_a_second_kind_stands_beside_the_first_only_if_it_has_something_to_show() -> None:
    sent = figures(MESSAGES_SENT, {0: 30})
    deleted, none_deleted = figures(MESSAGES_DELETED, {1: 3}), figures(MESSAGES_DELETED, {})
    legend = ("sent", "deleted")

    both = kind_page("m", [sent, deleted], WEEK, (), SERVER, title="M", enabled_at_ms=0, legend=legend)
    one = kind_page("m", [sent, none_deleted], WEEK, (), SERVER, title="M", enabled_at_ms=0, legend=legend)

    assert isinstance(both.chart, TimeChart)
    assert isinstance(one.chart, TimeChart)
    assert [series.name for series in both.chart.series] == ["sent", "deleted"]
    assert [series.name for series in one.chart.series] == ["sent"]


@pytest.mark.parametrize(
    ("by_day", "since_ms", "day_count", "sentence"),
    [
        ({0: 6, 7: 3}, 0, 7, "▲ +100% against the 7 days before, up to the same hour"),
        ({0: 3, 7: 6}, 0, 7, "▼ −50% against the 7 days before, up to the same hour"),
        ({0: 3, 7: 3}, 0, 7, "▬ ±0% against the 7 days before, up to the same hour"),
        ({0: 3, 1: 2}, 0, 1, "▲ +50% against yesterday, up to the same hour"),
        ({0: 3}, 0, 7, "No comparison: there was nothing in the 7 days before, up to the same hour."),
        (
            {0: 3},
            NOW_MS - 80 * HOUR_MS,
            7,
            "No comparison: there are records only since 07-03-2026.",
        ),
        ({}, None, 7, ""),
    ],
)
def test_the_comparison_is_told_or_why_there_is_none(
    by_day: dict[int, int], since_ms: int | None, day_count: int, sentence: str
) -> None:
    period = period_of(DAYS, day_count, NOW_MS)

    assert change_line(figures(MESSAGES_SENT, by_day, period, since_ms), period) == sentence


def test_right_after_midnight_there_is_no_comparison_yet() -> None:
    midnight = period_of(DAYS, 1, DAYS.start_of(TODAY) + 60_000)

    sentence = change_line(figures(MESSAGES_SENT, {0: 1, 1: 5}, midnight), midnight)

    assert sentence == "No comparison yet: the day has just begun."


def test_without_any_record_a_page_says_since_when_the_module_is_enabled() -> None:
    nothing = figures(MESSAGES_SENT, {}, since_ms=None)

    pages = [
        kind_page("m", [nothing], WEEK, (), SERVER, title="M", enabled_at_ms=5_000),
        group_page([nothing], WEEK, (), SERVER, title="M", enabled_at_ms=5_000),
        overview_page([nothing], WEEK, (), enabled_at_ms=5_000),
        comings_page(nothing, nothing, WEEK, (), enabled_at_ms=5_000),
        members_page([], WEEK, (), 5_000),
        statuses_page([], WEEK, (), 5_000),
    ]

    for page in pages:
        assert page.text.startswith("Nothing is recorded yet")
        assert "<t:5:f>" in page.text
        assert page.chart is None


def test_a_peak_hour_names_day_and_hour_of_the_server() -> None:
    today = period_of(DAYS, 1, NOW_MS)
    peak = figures(VOICE, {0: 7200}, today).peak

    assert peak is not None
    assert bucket_words(peak, "Europe/Amsterdam") == "Tue 10-03-2026, 10:00–11:00"


def test_missing_time_and_lost_records_are_told() -> None:
    gaps = ((0, 2 * HOUR_MS), (5 * HOUR_MS, 5 * HOUR_MS + 600_000))

    assert missing_words(gaps) == "2 h 10 min without data"
    assert missing_words(gaps, 1) == "2 h 10 min without data · 1 record lost"
    assert missing_words(()) == ""


def test_a_chart_shows_the_gaps_and_the_timezone() -> None:
    gap = (WEEK.start_ms + HOUR_MS, WEEK.start_ms + 3 * HOUR_MS)

    page = kind_page("m", [figures(VOICE, {0: 60})], WEEK, (gap,), SERVER, title="Voice", enabled_at_ms=0)

    assert isinstance(page.chart, TimeChart)
    assert page.chart.gaps == (gap,)
    assert page.chart.timezone == "Europe/Amsterdam"
    assert page.footer == "Europe/Amsterdam · 2 h without data"


@pytest.mark.parametrize("group", [group for group in Group if group.is_module])
def test_a_module_tells_every_kind_of_it(group: Group) -> None:
    kinds = kinds_of(group)

    page = group_page([figures(kind, {0: 4}) for kind in kinds], WEEK, (), SERVER, title="T", enabled_at_ms=0)

    assert [line.partition(":")[0] for line in page.text.splitlines()] == [kind.title for kind in kinds]
    assert isinstance(page.chart, TimeChart)
    assert len(page.chart.series) <= 4


def test_counts_and_durations_of_a_module_do_not_share_an_axis() -> None:
    kinds = [KINDS["modules/tags/check-time"], KINDS["modules/tags/tag/created"]]

    page = group_page([figures(kind, {0: 4}) for kind in kinds], WEEK, (), SERVER, title="T", enabled_at_ms=0)

    assert "Tag check time: **100 ms** on average, measured 4×" in page.text
    assert isinstance(page.chart, TimeChart)
    assert [series.name for series in page.chart.series] == ["Tags created"]


def test_comings_and_goings_are_told_together() -> None:
    page = comings_page(
        figures(MEMBERS_JOINED, {0: 5, 8: 4}), figures(MEMBERS_LEFT, {1: 2}), WEEK, (), enabled_at_ms=0
    )

    assert page.text.startswith("**5** joined and **2** left in the last 7 days")
    assert page.facts[:2] == (("Joined", "**5** ▲ +25%"), ("Left", "**2**"))


def test_members_and_statuses_are_told_by_their_samples() -> None:
    samples = [Sample(WEEK.start_ms + at * HOUR_MS, 100 + at, 50, 7) for at in range(48)]

    members, statuses = members_page(samples, WEEK, (), 0), statuses_page(samples, WEEK, (), 0)

    assert members.text == "**147 members** now\n+47 in the last 7 days"
    assert members.facts == (("Most", "147"), ("Fewest", "100"))
    assert isinstance(members.chart, TimeChart)
    assert list(members.chart.series[0].values) == [123, 147, None, None, None, None, None]
    assert statuses.text == "**124** online on average in the last 7 days"
    assert isinstance(statuses.chart, TimeChart)
    assert [series.values[0] for series in statuses.chart.series] == [111.5, 7, 50]


def test_a_ranking_names_the_places_in_the_text_and_in_the_picture() -> None:
    lines = [RankedLine("<@1>", "Mia", 3720.0), RankedLine("<@2>", "Max", 60.0)]

    page = ranking_page("top", VOICE, lines, WEEK, (), SERVER, title="Top", distinct="9 members in all")

    assert page.text == "**1.** <@1> · **1 h 2 min**\n**2.** <@2> · **1 min**"
    assert page.footer == "9 members in all · Europe/Amsterdam"
    assert isinstance(page.chart, RankingChart)
    assert [row.name for row in page.chart.rows] == ["Mia", "Max"]
    assert ranking_page("top", VOICE, [], WEEK, (), SERVER, title="Top").chart is None


def test_names_in_titles_have_no_effect_in_embeds_and_are_plain_in_pictures() -> None:
    subject = Subject("@everyone **x**", "#general")

    assert subject.title("Messages") == "Messages · @everyone **x** · #general"
    assert "@everyone" not in subject.escaped_title("Messages")
    assert "**x**" not in subject.escaped_title("Messages")


def test_an_activity_that_is_not_played_says_what_is_done() -> None:
    assert activity_name("Minecraft", 0) == "Minecraft"
    assert activity_name("Spotify", 2) == "Spotify (listening)"
    assert activity_name("help", None) == "help"


@pytest.mark.parametrize("kind", [kind for kind in CATALOGUE if kind.aggregate is not Aggregate.LAST])
@pytest.mark.parametrize("day_count", [1, 2, 3, 30])
def test_every_kind_can_be_shown_for_every_number_of_days(kind: Kind, day_count: int) -> None:
    period = period_of(DAYS, day_count, NOW_MS)

    page = kind_page(
        "k", [figures(kind, {0: 3, 1: 2}, period)], period, (), SERVER, title=kind.title, enabled_at_ms=0
    )

    assert kind.title in page.title
    assert page.chart is not None
