"""The promises of attribution over many random histories of guilds whose truth is known.

HEADCOUNT_TEST_HISTORIES sets how many histories each property is tried on.
"""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cogs.invite_tracker.attribution import Bounds
from tests.cogs.invite_tracker.attribution.simulation import play
from tests.cogs.invite_tracker.attribution.story import Outcome, Story

HISTORIES = int(os.environ.get("HEADCOUNT_TEST_HISTORIES", "120"))
SEEDS = 8

many = settings(
    max_examples=HISTORIES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def stories(**fixed: object) -> st.SearchStrategy[Story]:
    return st.builds(
        lambda story, changes: replace(story, **changes),
        st.builds(
            Story,
            seed=st.integers(0, 2**32),
            joins=st.integers(1, 30),
            joins_per_second=st.sampled_from([0.3, 1.0, 3.0, 10.0, 50.0]),
            codes=st.sampled_from([1, 2, 5, 20]),
            one_time_share=st.sampled_from([0.0, 0.15, 0.5]),
            link_age_ms=st.sampled_from([(5, 600), (500, 20_000)]),
            clock_offset_ms=st.integers(-300, 300),
        ),
        st.just(fixed),
    )


def assert_sound(outcome: Outcome) -> None:
    assert outcome.wrong == []
    assert outcome.pending == 0
    assert outcome.verdicts.keys() == outcome.truth.keys()
    assert not any(verdict.is_provisional for verdict in outcome.verdicts.values())


def assert_totals_add_up(outcome: Outcome) -> None:
    """Compare credited and unexplained uses of each code with the truth, where the counters can show the truth."""
    for code in outcome.uses.keys() | outcome.credited.keys():
        if code in outcome.uncertain_codes:
            continue
        assert outcome.credited[code] == outcome.uses[code], code


@many
@given(stories())
def test_a_certain_answer_is_never_wrong_and_totals_add_up(story: Story) -> None:
    outcome = play(story)
    assert_sound(outcome)
    assert_totals_add_up(outcome)
    assert outcome.unexplained == []


@many
@given(
    stories(failure_share=0.25, outages=1, hand_deletions=2, expiring_share=0.3),
    st.sampled_from(
        [{}, {"audit_log": False}, {"create_events": False}, {"bounds": Bounds(patience_ms=1_500)}]
    ),
)
# An invite that was made while a list was under way, and was missing in it.
@example(Story(seed=575, joins=26, joins_per_second=0.3, codes=5, expiring_share=0.5, one_time_share=0.5), {})
def test_failures_outages_deletions_and_expiries_make_nothing_wrong(
    story: Story, changes: dict[str, object]
) -> None:
    outcome = play(replace(story, **changes))  # type: ignore[arg-type]
    assert_sound(outcome)
    if story.bounds == Bounds():
        assert_totals_add_up(outcome)


@many
@given(
    stories(crashes=3),
    st.sampled_from([{"downtime_ms": (0, 0)}, {}, {"failure_share": 0.2, "outages": 1, "hand_deletions": 1}]),
    st.sampled_from([Bounds(), Bounds(patience_ms=1_500)]),
)
def test_crashes_at_random_points_lose_and_double_nothing(
    story: Story, changes: dict[str, object], bounds: Bounds
) -> None:
    outcome = play(replace(story, bounds=bounds, **changes))  # type: ignore[arg-type]
    assert_sound(outcome)
    assert_totals_add_up(outcome)


def test_old_members_who_use_links_again_are_the_known_exception(
    record_property: Callable[[str, object], None],
) -> None:
    """Such a use cannot be told from a join's; the error rate is reported, and stays small at an ordinary pace."""
    for uses_per_join, most in ((0.02, 0.01), (0.1, 0.04)):
        outcomes = [
            play(Story(seed=seed, joins=100, joins_per_second=0.3, old_member_uses_per_join=uses_per_join))
            for seed in range(SEEDS)
        ]
        rate = sum(len(outcome.wrong) for outcome in outcomes) / sum(
            len(outcome.truth) for outcome in outcomes
        )
        record_property(f"wrong_at_{uses_per_join}_foreign_uses_per_join", rate)
        print(f"{uses_per_join} uses by old members per join: {rate:.2%} wrong")
        assert rate <= most
        for outcome in outcomes:
            assert_totals_add_up(outcome)


@pytest.mark.parametrize(
    ("joins_per_second", "read_at", "least"),
    [
        (1 / 60, (0.0, 0.0), 0.996),
        (1.0, (0.0, 0.0), 0.78),
        (3.0, (0.0, 0.0), 0.45),
        (1 / 60, (0.0, 1.0), 0.994),
        (1.0, (0.0, 1.0), 0.70),
        (3.0, (0.0, 1.0), 0.37),
    ],
)
def test_enough_answers_are_certain_and_none_is_wrong(
    joins_per_second: float,
    read_at: tuple[float, float],
    least: float,
    record_property: Callable[[str, object], None],
) -> None:
    """The share of joins whose counter rose that get their certain answer.

    What bounds it is how long after a join the counters are read: nothing tells two joins apart that both happened before
    the first reading. So it depends on whether Discord reads them at the beginning of a request or at any point of it.
    """
    outcomes = [
        play(Story(seed=seed, joins=200, joins_per_second=joins_per_second, read_at=read_at))
        for seed in range(SEEDS)
    ]
    share = sum(outcome.certain_share for outcome in outcomes) / SEEDS
    requests = sum(outcome.requests for outcome in outcomes) / SEEDS
    record_property("certain_share", share)
    record_property("requests_per_200_joins", requests)
    print(
        f"{joins_per_second:.3f}/s read at {read_at}: {share:.1%} certain, {requests:.0f} requests for 200 joins"
    )
    for outcome in outcomes:
        assert_sound(outcome)
        assert_totals_add_up(outcome)
    assert share >= least
    assert requests <= 220


@many
@given(stories(), st.integers(-20_000, 20_000))
def test_clocks_that_are_far_apart_never_make_a_certain_answer_wrong(story: Story, offset_ms: int) -> None:
    """A machine without time synchronisation loses certainty, not truth."""
    assert_sound(play(replace(story, clock_offset_ms=offset_ms)))
