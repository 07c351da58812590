"""Joins and leaves in the order in which they came."""

from dataclasses import replace

import pytest

from cogs.invite_tracker.tracking.events import GuildEvent, JoinReceived, MemberLeft, ScanEnded
from cogs.invite_tracker.tracking.inbox import STEP_ROWS, first_step, split_scan, store_events
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


@pytest.mark.parametrize("count", [0, 1, STEP_ROWS, STEP_ROWS + 1, 5 * STEP_ROWS])
def test_however_many_a_scan_misses_no_step_writes_more_than_others_can_wait_for(count: int) -> None:
    """After an import of old members, 50,000 of them are found to be gone at once."""
    parts = list(split_scan(ScanEnded(frozenset(range(count)), 3_000, 5_000)))
    assert sorted(member_id for part in parts for member_id in part.absent_ids) == list(range(count))
    assert [part.is_last for part in parts] == [False] * (len(parts) - 1) + [True]
    assert {(part.started_at_ms, part.ended_at_ms) for part in parts} == {(3_000, 5_000)}

    joins = [JoinReceived(replace(ORDINARY_ARRIVAL, joined_at_ms=at_ms)) for at_ms in range(STEP_ROWS)]
    waiting: list[GuildEvent] = [*joins, *parts, *joins]
    steps = []
    while waiting:
        steps.append(first_step(waiting))
        del waiting[: len(steps[-1])]
    assert [event for step in steps for event in step] == [*joins, *parts, *joins]
    for step in steps:
        assert sum(len(one.absent_ids) if isinstance(one, ScanEnded) else 1 for one in step) <= STEP_ROWS


async def test_a_scan_has_ended_when_all_who_are_gone_are_marked(database: Database) -> None:
    first, last = split_scan(ScanEnded(frozenset(range(1, STEP_ROWS + 2)), 3_000, 5_000))
    async with database.write() as tx:
        for part, is_over in ((first, False), (last, True)):
            stored = await store_events(tx, GUILD, (part,), PendingJoins(), 0)
            assert (stored.scan is not None) is is_over
