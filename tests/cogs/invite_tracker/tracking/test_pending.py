"""Leaves that come before the join that they end is decided."""

from cogs.invite_tracker.tracking.events import MemberLeft
from cogs.invite_tracker.tracking.keys import key_of
from cogs.invite_tracker.tracking.pending import PendingJoins
from storage.records import Arrival


def arrival(member_id: int, received_at_ms: int) -> Arrival:
    return Arrival(
        guild_id=1,
        member_id=member_id,
        joined_at_ms=received_at_ms - 50,
        received_at_ms=received_at_ms,
        is_bot=False,
        had_avatar=True,
        is_rejoin=False,
    )


def test_a_leave_waits_for_the_join_that_it_ends() -> None:
    pending = PendingJoins()
    pending.add([arrival(7, 1_000)])
    left = MemberLeft(7, 1_500, None)
    key = pending.ended_by(left)
    assert key == (7, 950)
    pending.hold_leaves({key: left})
    assert pending.left_at_ms() == {(7, 950): 1_500}
    assert pending.settle((7, 950)) == left
    assert not pending.arrivals
    assert not pending.leaves


def test_a_leave_ends_the_latest_join_before_it() -> None:
    pending = PendingJoins()
    pending.add([arrival(7, 1_000), arrival(7, 5_000)])
    assert pending.ended_by(MemberLeft(7, 4_000, None)) == (7, 950)
    assert pending.ended_by(MemberLeft(7, 5_000, None)) == (7, 4_950)


def test_a_leave_from_before_the_join_does_not_end_it() -> None:
    pending = PendingJoins()
    pending.add([arrival(7, 1_000)])
    assert pending.ended_by(MemberLeft(7, 900, None), [arrival(7, 950)]) is None


def test_the_first_of_two_leaves_counts() -> None:
    pending = PendingJoins()
    pending.add([arrival(7, 1_000)])
    pending.hold_leaves({(7, 950): MemberLeft(7, 1_500, None)})
    pending.hold_leaves({(7, 950): MemberLeft(7, 1_900, None)})
    assert pending.left_at_ms() == {(7, 950): 1_500}


def test_who_joins_again_has_left_before_even_if_nobody_saw_it() -> None:
    pending = PendingJoins()
    again = [arrival(7, 5_000), arrival(8, 5_000)]
    pending.add([arrival(7, 1_000), *again])
    pending.end_earlier_joins(map(key_of, again))
    assert pending.left_at_ms() == {(7, 950): 4_950}


def test_the_next_join_ends_the_one_before_and_not_the_one_after() -> None:
    pending = PendingJoins()
    pending.add([arrival(7, 1_000), arrival(7, 9_000)])
    pending.end_earlier_joins([(7, 950), (7, 2_950), (7, 4_950), (7, 8_950)])
    assert pending.left_at_ms() == {(7, 950): 2_950}


def test_the_leave_that_was_seen_counts_and_not_the_next_join() -> None:
    pending = PendingJoins()
    again = arrival(7, 5_000)
    pending.add([arrival(7, 1_000), again])
    pending.hold_leaves({(7, 950): MemberLeft(7, 4_000, None)})
    pending.end_earlier_joins([key_of(again)])
    assert pending.left_at_ms() == {(7, 950): 4_000}


def test_a_join_on_record_provisionally_stays_undecided_and_its_leave_is_marked_there() -> None:
    pending = PendingJoins()
    pending.add([arrival(7, 1_000)])
    pending.settle((7, 950), is_provisional=True)
    assert (7, 950) in pending.arrivals
    assert pending.ended_by(MemberLeft(7, 1_500, None)) is None
    pending.settle((7, 950))
    assert not pending.arrivals
    assert not pending.on_record
