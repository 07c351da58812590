"""What the log says of joins: how each was decided, once that some wait, and never whose they are."""

import logging
from typing import Any

import pytest

from cogs.invite_tracker.tracking.decision_log import UNUSUAL_WAIT_MS, DecisionLog
from storage.records import Arrival

GUILD, MEMBER = 400, 123_456_789_012_345_678
BEGAN_MS = 1_767_268_800_000
REASON = "the connection is interrupted."


def arrival(received_at_ms: int = BEGAN_MS) -> Arrival:
    return Arrival(
        GUILD, MEMBER, received_at_ms, received_at_ms, is_bot=False, had_avatar=True, is_rejoin=False
    )


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    names = ("guild_id", "waiting", "reason")
    return [{name: vars(record)[name] for name in names} for record in caplog.records]


def test_joins_that_wait_as_long_as_is_usual_are_no_news(caplog: pytest.LogCaptureFixture) -> None:
    log = DecisionLog(GUILD)
    log.note_waiting([], BEGAN_MS, REASON)
    log.note_waiting([arrival()], BEGAN_MS + UNUSUAL_WAIT_MS - 1, REASON)
    assert told(caplog) == []


def test_joins_that_wait_long_are_told_once_with_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    log = DecisionLog(GUILD)
    waiting = [arrival(BEGAN_MS + UNUSUAL_WAIT_MS), arrival()]
    for minute in range(3):
        log.note_waiting(waiting, BEGAN_MS + UNUSUAL_WAIT_MS + minute * 60_000, REASON)
    assert told(caplog) == [{"guild_id": GUILD, "waiting": 2, "reason": REASON}]
    assert caplog.records[0].levelno == logging.WARNING
    assert str(MEMBER) not in str([vars(record) for record in caplog.records])


def test_once_all_are_decided_the_next_long_wait_is_told_again(caplog: pytest.LogCaptureFixture) -> None:
    log = DecisionLog(GUILD)
    late_ms = BEGAN_MS + UNUSUAL_WAIT_MS
    log.note_waiting([arrival()], late_ms, REASON)
    log.note_waiting([], late_ms, REASON)
    log.note_waiting([arrival()], late_ms, REASON)
    assert len(told(caplog)) == 2
