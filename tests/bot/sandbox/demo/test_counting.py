"""What is objected to in the records of a server's life, and what may be missing."""

from dataclasses import replace

import pytest

from bot.sandbox.demo.counting import OnRecord, compare, say_duration
from bot.sandbox.demo.truth import Blindness, Truth, VoiceStay
from storage.statistics.downtimes import Downtime, Reason
from storage.statistics.record_ids import first_record_id

ANTON, BEA = 1, 2
NAMES = {ANTON: "Anton", BEA: "Bea"}
AT_MS = 1_700_000_000_000
KILLED_MS, BACK_MS = AT_MS + 60_000, AT_MS + 65_000
BEFORE, AROUND = first_record_id(AT_MS), first_record_id(KILLED_MS)
HARBOUR, WATCH = 20, 21


def truth() -> Truth:
    """Make a truth with a kill in the middle of Bea's time in voice."""
    return Truth(
        sent={BEFORE: ANTON, AROUND: BEA},
        deleted={BEFORE: AT_MS + 1000},
        stays=[
            VoiceStay(ANTON, HARBOUR, AT_MS, AT_MS + 20_000),
            VoiceStay(BEA, HARBOUR, AT_MS + 30_000, BACK_MS + 30_000),
        ],
        joined=[(BEA, AT_MS)],
        left=[(BEA, KILLED_MS)],
        votes=[(ANTON, AT_MS), (ANTON, AT_MS + 10)],
        blind=[Blindness(AT_MS - 10_000, KILLED_MS - 1000, BACK_MS)],
    )


RIGHT = OnRecord(
    sent={BEFORE: ANTON},
    deleted={BEFORE: ANTON},
    stays=[
        VoiceStay(ANTON, HARBOUR, AT_MS + 40, AT_MS + 20_030),
        VoiceStay(BEA, HARBOUR, AT_MS + 30_010, KILLED_MS - 500),
        VoiceStay(BEA, HARBOUR, BACK_MS, BACK_MS + 30_020),
    ],
    downtimes=[Downtime(KILLED_MS - 500, BACK_MS, Reason.AWAY)],
    joined=[(BEA, AT_MS)],
    left=[],
    votes=[(ANTON, AT_MS + 20), (ANTON, AT_MS + 30)],
    votes_back=[],
    sums={"statistics_hours": ({1: (1, 0), 3: (3, 80_000)}, {1: (1, 0), 3: (3, 80_000)})},
)


def problems(found: OnRecord, true: Truth | None = None) -> list[str]:
    return [problem for one in compare(true or truth(), found, NAMES) for problem in one.problems]


def test_all_that_the_bot_could_see_and_no_more_is_right() -> None:
    assert problems(RIGHT) == []


def test_what_is_missing_around_a_kill_is_said() -> None:
    notes = {one.what: one.note for one in compare(truth(), RIGHT, NAMES) if one.note}

    assert notes == {
        "Messages sent": "1 around the kill",
        "Leaves": "1 around the kill",
        "Time in voice": "5.5 s around the kill",
    }


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (replace(RIGHT, sent={}), "1 messages of Anton are not on record."),
        (replace(RIGHT, sent={BEFORE: BEA}), f"Message {BEFORE} is on record for the wrong author."),
        (replace(RIGHT, sent={BEFORE: ANTON, 7: ANTON}), "Message 7 is on record and was never sent."),
        (replace(RIGHT, deleted={}), f"The deletion of message {BEFORE} is not on record."),
        (
            replace(RIGHT, deleted={BEFORE: ANTON, AROUND: BEA}),
            f"Message {AROUND} is on record as deleted and was not.",
        ),
        (
            replace(RIGHT, deleted={BEFORE: BEA}),
            f"The deletion of message {BEFORE} is not on record as one of Anton.",
        ),
        (replace(RIGHT, joined=[]), "Joins: Bea is not on record."),
        (replace(RIGHT, joined=[(BEA, AT_MS), (BEA, AT_MS)]), "Joins: Bea is on record too often."),
        (replace(RIGHT, votes=RIGHT.votes[:1]), "Votes in polls: Anton is not on record."),
        (replace(RIGHT, votes_back=[(ANTON, AT_MS)]), "Votes taken back: Anton is on record too often."),
        (replace(RIGHT, downtimes=[]), "The bot was away 1 times, and has 0 on record."),
    ],
)
def test_what_is_lost_doubled_or_invented_is_found(found: OnRecord, problem: str) -> None:
    assert problem in problems(found)


@pytest.mark.parametrize(
    ("place", "stay", "problem"),
    [
        # Shorter by more than any lateness, in the wrong room, and through the time without the bot.
        (0, VoiceStay(ANTON, HARBOUR, AT_MS, AT_MS + 2_000), "Anton was in voice for 20.0 s"),
        (
            0,
            VoiceStay(ANTON, WATCH, AT_MS, AT_MS + 20_000),
            "A time of Anton in voice is on record that never was.",
        ),
        (
            1,
            VoiceStay(BEA, HARBOUR, AT_MS + 30_000, BACK_MS),
            "Bea is on record in voice while the bot was away.",
        ),
        (2, VoiceStay(BEA, HARBOUR, BACK_MS, BACK_MS + 60_000), "A time of Bea in voice is on record"),
    ],
)
def test_time_in_voice_that_is_lost_or_invented_is_found(place: int, stay: VoiceStay, problem: str) -> None:
    stays = [*RIGHT.stays]
    stays[place] = stay

    assert any(problem in one for one in problems(replace(RIGHT, stays=stays)))


def test_who_is_still_in_voice_at_the_end_is_found() -> None:
    true = truth()
    true.stays[0].ended_at_ms = None

    assert "Anton is still in voice at the end." in problems(RIGHT, true)


def test_a_time_of_absence_before_the_life_that_was_killed_is_wrong() -> None:
    early = Downtime(AT_MS - 60_000, BACK_MS, Reason.AWAY)

    assert any("when it was not" in one for one in problems(replace(RIGHT, downtimes=[early])))


def test_a_sum_that_differs_from_its_records_is_found() -> None:
    found = replace(RIGHT, sums={"statistics_hours": ({3: (3, 80_000)}, {3: (2, 80_000)})})

    assert problems(found) == ["statistics_hours says (2, 80000) for voice, the records come to (3, 80000)."]


def test_a_duration_is_said_in_hours_minutes_and_seconds() -> None:
    assert say_duration(3 * 3600 + 62.4) == "3 h 1 min 2 s"
