"""When the search is asked, and when it is left alone."""

from dataclasses import replace

from cogs.invite_tracker.confirming.pace import GIVEN_UP_AFTER_MS, TRIES_MOST, Pace
from cogs.invite_tracker.confirming.refusals import Refusals
from storage.records import Certainty
from tests.storage.rows import GUILD, ORDINARY_JOIN

PACE = Pace(step_ms=5_000, late_counter_ms=30_000)
NOW_MS = 1_000_000
SECOND = 1_000
HOUR = 3_600 * SECOND


def test_doubtful_joins_are_asked_about_first_and_unknown_ones_when_no_counter_can_rise_any_more() -> None:
    first = {
        certainty: PACE.first_at_ms(replace(ORDINARY_JOIN, certainty=certainty), NOW_MS) - NOW_MS
        for certainty in Certainty
    }
    assert first[Certainty.AMBIGUOUS] == 5 * SECOND
    assert first[Certainty.CERTAIN] == 60 * SECOND
    assert first[Certainty.UNKNOWN] > 30 * SECOND


def test_pauses_grow_until_a_join_is_given_up_within_a_day() -> None:
    times = [PACE.again_at_ms(tries, NOW_MS) for tries in range(1, TRIES_MOST + 1)]
    assert times[-1] is None
    pauses = [at_ms - NOW_MS for at_ms in times if at_ms is not None]
    assert pauses == [15_000, 45_000, 135_000, 405_000, 1_215_000]
    assert sum(pauses) < GIVEN_UP_AFTER_MS


def test_two_requests_about_a_server_keep_their_distance() -> None:
    refusals = Refusals(PACE)
    assert refusals.not_before_ms(GUILD) == 0
    refusals.note_request(GUILD, NOW_MS)
    assert refusals.not_before_ms(GUILD) == NOW_MS + 5 * SECOND
    assert PACE.distance_ms == SECOND


def test_failures_in_a_row_make_longer_pauses_up_to_ten_minutes_and_an_answer_ends_them() -> None:
    refusals = Refusals(PACE)
    pauses = []
    for _ in range(12):
        before_ms = refusals.not_before_ms(GUILD) + NOW_MS
        refusals.note_failure(GUILD, before_ms)
        pauses.append(refusals.not_before_ms(GUILD) - before_ms)
    assert pauses[:3] == [10_000, 20_000, 40_000]
    assert max(pauses) == 600 * SECOND
    refusals.note_answer(GUILD)
    later_ms = refusals.not_before_ms(GUILD)
    refusals.note_failure(GUILD, later_ms)
    assert refusals.not_before_ms(GUILD) == later_ms + 10_000
    assert refusals.trouble(GUILD) is None


def test_a_server_that_is_not_indexed_is_left_alone_for_as_long_as_it_asks() -> None:
    refusals = Refusals(PACE)
    refusals.note_failure(GUILD, NOW_MS, least_seconds=90)
    assert refusals.not_before_ms(GUILD) == NOW_MS + 90 * SECOND


def test_a_refusal_holds_for_an_hour_is_news_once_and_an_answer_is_news_again() -> None:
    refusals = Refusals(PACE)
    assert refusals.note_refusal(GUILD, 403, NOW_MS)
    assert refusals.not_before_ms(GUILD) == NOW_MS + HOUR
    assert "403" in (refusals.trouble(GUILD) or "")
    assert not refusals.note_refusal(GUILD, 403, NOW_MS + HOUR)
    assert refusals.note_refusal(GUILD, 404, NOW_MS + 2 * HOUR)
    assert refusals.trouble(GUILD + 1) is None
    assert refusals.note_answer(GUILD)
    assert refusals.trouble(GUILD) is None
    assert not refusals.note_answer(GUILD)


def test_a_server_in_which_the_module_is_enabled_again_begins_anew() -> None:
    refusals = Refusals(PACE)
    refusals.note_refusal(GUILD, 405, NOW_MS)
    refusals.forget(GUILD)
    assert (refusals.not_before_ms(GUILD), refusals.trouble(GUILD)) == (0, None)
