"""Joins and leaves in the order in which they came."""

from dataclasses import replace

from cogs.invite_tracker.tracking.events import JoinReceived, MemberLeft, ScanEnded
from cogs.invite_tracker.tracking.inbox import store_events
from cogs.invite_tracker.tracking.pending import PendingJoins
from storage.database import Database
from storage.joins import insert_joins
from tests.storage.rows import GUILD, ORDINARY_ARRIVAL, ORDINARY_JOIN

MEMBER = ORDINARY_ARRIVAL.member_id


async def test_each_of_two_leaves_of_undecided_joins_ends_its_own(database: Database) -> None:
    """All of it may come within one millisecond."""
    first = replace(ORDINARY_ARRIVAL, joined_at_ms=1_000, received_at_ms=1_500)
    second = replace(ORDINARY_ARRIVAL, joined_at_ms=1_400, received_at_ms=1_500)
    left = MemberLeft(MEMBER, 1_500, None)
    events = (JoinReceived(first), left, JoinReceived(second), left)
    async with database.write() as tx:
        stored = await store_events(tx, GUILD, events, PendingJoins(), 0)

    assert [arrival.joined_at_ms for arrival in stored.arrivals] == [1_000, 1_400]
    assert stored.held == {(MEMBER, 1_000): left, (MEMBER, 1_400): left}


async def test_a_leave_ends_the_later_join_that_was_decided_before_the_earlier_one(
    database: Database,
) -> None:
    pending = PendingJoins()
    pending.add([replace(ORDINARY_ARRIVAL, joined_at_ms=1_000, received_at_ms=1_050)])
    pending.hold_leaves({(MEMBER, 1_000): MemberLeft(MEMBER, 2_000, None)})
    left = MemberLeft(MEMBER, 9_000, None)
    async with database.write() as tx:
        await insert_joins(tx, [replace(ORDINARY_JOIN, member_id=MEMBER, joined_at_ms=5_000)])
        stored = await store_events(tx, GUILD, (left,), pending, 0)

    ((ended),) = stored.leaves
    assert ended.join is not None
    assert (ended.join.joined_at_ms, ended.join.left_at_ms) == (5_000, 9_000)
    assert stored.held == {}


async def test_who_came_back_while_a_scan_ran_has_not_left(database: Database) -> None:
    pending = PendingJoins()
    pending.came_at_ms[MEMBER] = 4_000
    scan = ScanEnded(frozenset({MEMBER}), started_at_ms=3_000, ended_at_ms=5_000)
    async with database.write() as tx:
        await insert_joins(tx, [replace(ORDINARY_JOIN, member_id=MEMBER)])
        stored = await store_events(tx, GUILD, (scan,), pending, 0)
        pending.came_at_ms[MEMBER] = 2_000
        again = await store_events(tx, GUILD, (scan,), pending, 0)

    assert (stored.leaves, len(again.leaves)) == ([], 1)
