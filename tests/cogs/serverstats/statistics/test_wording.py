"""How figures read: in English as ever, in other languages by their own rules."""

import pytest

from bot.text.language import Language, speaking
from cogs.serverstats.statistics.views.periods import Period, period_of
from cogs.serverstats.statistics.views.wording import (
    activity_name,
    against_words,
    amount_with_unit,
    lowered,
    missing_words,
    period_title,
    period_words,
)
from storage.server_days import ServerDays
from storage.statistics.catalogue import CATALOGUE, KINDS, Aggregate

NOON_MS = 1_790_000_000_000 // 86_400_000 * 86_400_000 + 43_200_000


def of_days(count: int) -> Period:
    """Return the period of so many days up to noon of a day."""
    return period_of(ServerDays("UTC", ()), count, NOON_MS)


def test_today_is_compared_with_yesterday_and_a_week_with_the_week_before() -> None:
    day, week = of_days(1), of_days(7)

    assert (period_words(day), period_title(day)) == ("today", "Today")
    assert (period_words(week), period_title(week)) == ("in the last 7 days", "Last 7 days")
    assert against_words(day) == "against yesterday, up to the same hour"
    assert against_words(week) == "against the 7 days before, up to the same hour"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("messages/sent", 1, "1 message"),
        ("messages/sent", 12_940, "12,940 messages"),
        ("functions/giveaways/responders", 1, "1 entry"),
        ("commands/used", 0, "0 uses"),
        ("voice", 5_400, "1 h 30 min"),
    ],
)
def test_a_value_has_its_unit(key: str, value: float, words: str) -> None:
    assert amount_with_unit(KINDS[key], value) == words


@pytest.mark.parametrize("language", list(Language))
def test_every_kind_that_is_counted_has_a_unit_in_every_language(language: Language) -> None:
    with speaking(language):
        for kind in CATALOGUE:
            if kind.aggregate is not Aggregate.MEAN:
                assert amount_with_unit(kind, 2), kind.key


def test_titles_keep_their_capitals_only_where_nouns_have_them() -> None:
    title = "Messages sent"

    assert lowered(title) == "messages sent"
    with speaking(Language.DUTCH):
        assert lowered(title) == "messages sent"
    with speaking(Language.GERMAN):
        assert lowered(title) == "Messages sent"


def test_a_name_with_braces_is_shown_as_it_is() -> None:
    """People choose what their activities are called."""
    assert activity_name("{name} {0} {", 2) == "{name} {0} { (listening)"
    assert activity_name("Chess", 0) == "Chess"


def test_missing_time_and_lost_records_are_told() -> None:
    assert missing_words([(0, 60_000), (120_000, 150_000)], 1) == "1 min 30 s without data · 1 record lost"
    assert missing_words([]) == ""
