"""What is told of joins and leaves once they are on record, and why some joins wait."""

from collections.abc import Sequence
from typing import Any

import pytest

from cogs.invite_tracker.tracking.decision_log import UNUSUAL_WAIT_MS
from cogs.invite_tracker.tracking.events import MemberLeft
from cogs.invite_tracker.tracking.inbox import Leave
from cogs.invite_tracker.tracking.keys import key_of
from cogs.invite_tracker.tracking.pending import PendingJoins
from cogs.invite_tracker.tracking.telling import AWAY, CATCHING_UP, STILL_COMING, Telling
from storage.records import Arrival, Join
from tests.storage.rows import ORDINARY_JOIN

GUILD = ORDINARY_JOIN.guild_id
BEGAN_MS = ORDINARY_JOIN.joined_at_ms
USER: dict[str, Any] = {"id": str(ORDINARY_JOIN.member_id)}
LACKING = "I lack Manage Server."


class Board:
    """Takes down what was announced, in its order."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []

    def announce_joins(self, guild_id: int, joins: Sequence[Join]) -> None:
        self.rows += [(guild_id, "came", join.member_id) for join in joins]

    def announce_leave(self, guild_id: int, user: Any, join: Join | None) -> None:
        self.rows.append((guild_id, "went", user["id"], join))


def make_telling() -> tuple[Telling, Board]:
    board = Board()
    return Telling(GUILD, board), board  # type: ignore[arg-type] # as much of an announcer as is asked for


def arrival() -> Arrival:
    return Arrival(
        GUILD,
        ORDINARY_JOIN.member_id or 0,
        BEGAN_MS,
        BEGAN_MS,
        is_bot=False,
        had_avatar=True,
        is_rejoin=False,
    )


def test_who_left_before_the_join_was_decided_is_told_after_it() -> None:
    telling, board = make_telling()
    pending = PendingJoins()
    pending.add([arrival()])
    pending.hold_leaves({key_of(arrival()): MemberLeft(arrival().member_id, BEGAN_MS + 9, USER)})

    telling.tell_joins([ORDINARY_JOIN], pending)

    assert board.rows == [
        (GUILD, "came", ORDINARY_JOIN.member_id),
        (GUILD, "went", USER["id"], ORDINARY_JOIN),
    ]


def test_a_leave_of_which_only_the_id_is_known_is_no_news() -> None:
    telling, board = make_telling()
    telling.tell_leave(Leave(MemberLeft(7, BEGAN_MS, None), None))
    assert board.rows == []


@pytest.mark.parametrize(
    ("trouble", "is_present", "is_steady", "reason"),
    [
        (None, True, True, STILL_COMING),
        (LACKING, True, True, LACKING),
        (LACKING, True, False, CATCHING_UP),
        (LACKING, False, False, AWAY),
    ],
)
def test_why_a_join_waits_is_told_by_what_it_waits_for_first(
    caplog: pytest.LogCaptureFixture, trouble: str | None, is_present: bool, is_steady: bool, reason: str
) -> None:
    telling, _board = make_telling()
    pending = PendingJoins()
    pending.add([arrival()])
    late_ms = BEGAN_MS + UNUSUAL_WAIT_MS
    telling.tell_waiting(pending, late_ms, trouble, is_present=is_present, is_steady=is_steady)
    assert [vars(record)["reason"] for record in caplog.records] == [reason]


def test_a_join_that_is_on_record_for_the_time_being_does_not_wait(caplog: pytest.LogCaptureFixture) -> None:
    telling, _board = make_telling()
    pending = PendingJoins()
    pending.add([arrival()])
    pending.settle(key_of(arrival()), is_provisional=True)
    telling.tell_waiting(pending, BEGAN_MS + UNUSUAL_WAIT_MS, None, is_present=True, is_steady=True)
    assert not caplog.records
