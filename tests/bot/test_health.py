"""What is wrong with the bot, by the facts; and when people are told."""

import re
from dataclasses import replace

import pytest

from bot.health import (
    CATCHING_UP_SECONDS,
    DOWN_SECONDS,
    FAILING_SECONDS,
    FAILURES_IN_A_ROW,
    LONG_RUN_SECONDS,
    SPARE_BYTES,
    STUCK_SECONDS,
    Health,
    HealthState,
    Incident,
    ShardHealth,
    health_lines,
    moment_at_discord,
    state_of,
    troubles_of,
)
from bot.heartbeat_claims import PROOF_SECONDS
from bot.recorder import Flush, RecorderStatus
from bot.scheduler import JobHealth

NOW_MS = 1_767_268_800_000
WELL = RecorderStatus(waiting=3, capacity=1000, lost=0, failing_since_ms=None, last_error=None)
FAILING = replace(WELL, failing_since_ms=NOW_MS, failing_seconds=1.0, last_error="the database is locked")
STEADY = ShardHealth(0, NOW_MS - 3_600_000, 3600, 0.04, NOW_MS - 120_000, 120)
JOB = JobHealth("heartbeat", NOW_MS - 15_000, NOW_MS - 15_000, None, 0, 15, 0.002, None, NOW_MS)


def found(health: Health) -> dict[str, HealthState]:
    return {trouble.key: trouble.state for trouble in troubles_of(health)}


def down(shard_id: int, seconds: float) -> ShardHealth:
    return ShardHealth(shard_id, None, seconds, None, NOW_MS)


def test_where_everything_works_there_is_no_trouble() -> None:
    health = Health(WELL, (STEADY,), (JOB,), 5_000_000, 10**12)
    assert troubles_of(health) == ()
    assert state_of(()) is HealthState.OK


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (Health(FAILING), {"database": HealthState.DEGRADED}),
        (Health(replace(FAILING, failing_seconds=FAILING_SECONDS)), {"database": HealthState.FAILING}),
        (Health(replace(WELL, lost=7)), {"lost": HealthState.OK}),
        (Health(replace(WELL, waiting_seconds=STUCK_SECONDS - 1)), {}),
        (Health(replace(WELL, waiting_seconds=STUCK_SECONDS)), {"stuck": HealthState.FAILING}),
        (Health(replace(WELL, waiting=500)), {}),
        (Health(replace(WELL, waiting=501)), {"flood": HealthState.DEGRADED}),
        (Health(WELL, (STEADY, down(1, DOWN_SECONDS - 1))), {}),
        (Health(WELL, (STEADY, down(1, DOWN_SECONDS))), {"shard 1": HealthState.DEGRADED}),
        (Health(WELL, (down(0, DOWN_SECONDS),)), {"shard 0": HealthState.FAILING}),
        (
            Health(WELL, (down(0, DOWN_SECONDS), down(1, DOWN_SECONDS - 1))),
            {"shard 0": HealthState.DEGRADED},
        ),
        (Health(WELL, (replace(STEADY, beat_age_seconds=PROOF_SECONDS + CATCHING_UP_SECONDS - 1),)), {}),
        (
            Health(WELL, (replace(STEADY, beat_age_seconds=PROOF_SECONDS + CATCHING_UP_SECONDS),)),
            {"heartbeat 0": HealthState.DEGRADED},
        ),
        (
            Health(WELL, (replace(STEADY, beat_at_ms=None, beat_age_seconds=None),)),
            {"heartbeat 0": HealthState.DEGRADED},
        ),
        # It has just begun: what it missed may take a while.
        (Health(WELL, (replace(STEADY, seconds=60, beat_at_ms=None, beat_age_seconds=None),)), {}),
        (Health(WELL, jobs=(replace(JOB, failures_in_a_row=FAILURES_IN_A_ROW - 1),)), {}),
        (
            Health(WELL, jobs=(JOB, replace(JOB, name="samples", failures_in_a_row=FAILURES_IN_A_ROW))),
            {"job samples": HealthState.DEGRADED},
        ),
        (Health(WELL, jobs=(replace(JOB, running_seconds=LONG_RUN_SECONDS - 1),)), {}),
        (
            Health(WELL, jobs=(replace(JOB, running_seconds=LONG_RUN_SECONDS),)),
            {"job heartbeat": HealthState.DEGRADED},
        ),
        (Health(WELL, free_bytes=SPARE_BYTES), {}),
        (Health(WELL, free_bytes=SPARE_BYTES - 1), {"disk": HealthState.DEGRADED}),
    ],
)
def test_each_trouble_begins_where_its_bound_is(health: Health, expected: dict[str, HealthState]) -> None:
    assert found(health) == expected
    assert state_of(troubles_of(health)) is max(
        expected.values(), key=list(HealthState).index, default=HealthState.OK
    )


def test_what_follows_from_a_database_that_cannot_be_written_is_not_told_beside_it() -> None:
    late = replace(STEADY, beat_age_seconds=10_000)
    health = Health(FAILING, (late,), (replace(JOB, failures_in_a_row=9),))
    assert found(health) == {"database": HealthState.DEGRADED}
    assert found(replace(health, recorder=WELL)).keys() == {"heartbeat 0", "job heartbeat"}


def test_the_worst_comes_first() -> None:
    recorder = replace(WELL, lost=1, waiting_seconds=STUCK_SECONDS)
    health = Health(recorder, jobs=(replace(JOB, failures_in_a_row=5),), free_bytes=0)
    assert list(found(health).values()) == [
        HealthState.FAILING,
        HealthState.DEGRADED,
        HealthState.DEGRADED,
        HealthState.OK,
    ]


def test_every_trouble_is_told_in_whole_sentences_with_its_numbers() -> None:
    recorder = replace(FAILING, waiting=1200, capacity=200_000, lost=1)
    texts = [trouble.text for trouble in troubles_of(Health(recorder))]
    assert texts == [
        (
            f"The database could not be written since <t:{NOW_MS // 1000}:R>; 1,200 records wait, "
            "and there is room for 200,000. The operator finds the reason in the log."
        ),
        "1 record of all servers had to be given up since my last start, as the database could not be written.",
    ]


def test_the_database_s_own_words_are_for_the_operator_alone() -> None:
    recorder = replace(FAILING, last_error="no such table: secrets")
    told = " ".join(trouble.text for trouble in troubles_of(Health(recorder)))
    assert "secrets" not in told + " ".join(health_lines(Health(recorder), 0))


def test_times_are_shown_the_way_the_reader_reads_them() -> None:
    (trouble,) = troubles_of(Health(FAILING), moment=str)
    assert f"since {NOW_MS};" in trouble.text
    assert moment_at_discord(NOW_MS + 999) == f"<t:{NOW_MS // 1000}:R>"


def test_the_lines_tell_of_the_server_s_own_shard() -> None:
    recorder = replace(WELL, last_flush=Flush(NOW_MS, 0.0123, 41))
    health = Health(recorder, (STEADY, down(1, 5)), (JOB,), 12_345_678, None)
    seconds = NOW_MS // 1000
    common = [
        "Waiting to be stored: 3 of at most 1,000",
        f"Last stored: <t:{seconds}:R>, 41 records in 12 ms",
    ]
    rest = [f"Jobs: 1, it ran <t:{seconds - 15}:R>", "Database: 12.3 MB"]
    assert health_lines(health, 0) == (
        *common,
        f"Connection: steady since <t:{seconds - 3600}:R>, 40 ms to Discord and back",
        f"Certainly complete until: <t:{seconds - 120}:R>",
        *rest,
    )
    assert health_lines(health, 1) == (
        *common,
        "Connection: interrupted",
        f"Certainly complete until: <t:{seconds}:R>",
        *rest,
    )


def test_the_lines_name_the_jobs_that_fail() -> None:
    jobs = (JOB, replace(JOB, name="samples", failures_in_a_row=1))
    assert "Jobs: failing: samples" in health_lines(Health(WELL, jobs=jobs), 0)


def test_before_anything_happened_the_lines_say_so() -> None:
    jobs = (replace(JOB, last_started_at_ms=None, last_ended_at_ms=None), replace(JOB, last_ended_at_ms=None))
    assert health_lines(Health(WELL, jobs=jobs), 0) == (
        "Waiting to be stored: 3 of at most 1,000",
        "Jobs: 2, none has run yet",
    )


def test_the_lines_fit_a_field_of_an_embed() -> None:
    recorder = replace(
        WELL, waiting=5_000_000, capacity=5_000_000, last_flush=Flush(NOW_MS, 100.0, 5_000_000)
    )
    jobs = tuple(replace(JOB, name=f"a job with a long name {n}", failures_in_a_row=1) for n in range(12))
    lines = health_lines(Health(recorder, (STEADY,), jobs, 10**12), 0)
    assert len("\n".join(lines)) <= 1024
    assert not any(re.search(r"[{}]", line) for line in lines)


def told(*seen: float | None, every_seconds: float = 10) -> list[HealthState]:
    """Return what is told when a look every ten seconds finds recording failing for so long (None: working)."""
    incident = Incident()
    notes = [incident.note(failing, every_seconds * number) for number, failing in enumerate(seen)]
    return [note for note in notes if note is not None]


def test_a_failure_of_less_than_a_minute_is_told_to_nobody() -> None:
    assert told(None, 10, 20, 59.9, *[None] * 20) == []


def test_a_failure_is_told_once_and_so_is_its_end() -> None:
    failing = [10.0 * number for number in range(1, 30)]
    assert told(*failing) == [HealthState.FAILING]
    assert told(*failing, *[None] * 20) == [HealthState.FAILING, HealthState.OK]


def test_the_end_is_told_when_it_has_lasted_a_minute() -> None:
    assert told(60, *[None] * 5) == [HealthState.FAILING]
    assert told(60, *[None] * 6) == [HealthState.FAILING, HealthState.OK]


def test_what_works_for_a_moment_and_fails_again_is_one_incident() -> None:
    flapping = [60.0, None, None, 70.0, None, 80.0, *[None] * 6]
    assert told(*flapping) == [HealthState.FAILING, HealthState.OK]


def test_another_incident_is_told_again() -> None:
    assert told(60, *[None] * 6, 10, 60, *[None] * 6) == [HealthState.FAILING, HealthState.OK] * 2
