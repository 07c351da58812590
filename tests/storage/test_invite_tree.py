"""Who brought whom: nobody hangs in two places, and no branch comes back to where it began."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.invite_tree import _FETCH_CHILDREN, Child, Unshown, fetch_children, fetch_unshown
from storage.joins import insert_joins
from storage.records import Certainty, Join, Method, Source
from tests.storage.rows import ELSEWHERE, GUILD, ORDINARY_JOIN

MANY = 1_000


def join(join_id: int, member_id: int | None, inviter_id: int | None, **changes: object) -> Join:
    """Return a join at the time of its id."""
    facts = {"joined_at_ms": join_id, "credited_inviter_id": inviter_id, **changes}
    return replace(ORDINARY_JOIN, join_id=join_id, member_id=member_id, inviter_id=inviter_id, **facts)  # type: ignore[arg-type]


async def children(database: Database, joins: Sequence[Join], *parents: int) -> list[Child]:
    async with database.write() as tx:
        await tx.execute("DELETE FROM joins")
        await insert_joins(tx, joins)
    async with database.read() as rx:
        return await fetch_children(rx, GUILD, parents, MANY)


async def pairs(database: Database, joins: Sequence[Join], *parents: int) -> list[tuple[int, int]]:
    return [(child.parent_id, child.member_id) for child in await children(database, joins, *parents)]


async def test_a_member_hangs_on_whoever_brought_them_first(database: Database) -> None:
    joins = [join(1, 10, 7), join(2, 10, 8), join(3, 11, 8)]

    assert await pairs(database, joins, 7, 8) == [(7, 10), (8, 11)]


async def test_an_own_invite_a_bot_and_an_open_join_hang_nowhere(database: Database) -> None:
    joins = [
        join(1, 7, 7, is_own_invite=True),
        join(2, 11, 7, source=Source.BOT),
        join(3, 12, None, credited_inviter_id=7, certainty=Certainty.AMBIGUOUS),
        join(4, None, 7),
        join(5, 13, 7, guild_id=ELSEWHERE),
        join(6, 14, 7),
    ]

    assert await pairs(database, joins, 7) == [(7, 14)]
    async with database.read() as rx:
        assert await fetch_unshown(rx, GUILD, [7]) == Unshown(uncertain=1, unnamed=1)


async def test_two_who_brought_each_other_make_no_circle(database: Database) -> None:
    # 7 was here before anything is on record, brought 10, left, and came back by 10's link.
    joins = [join(1, 10, 7), join(2, 7, 10)]

    assert await pairs(database, joins, 7, 10) == [(7, 10)]


async def test_what_another_bot_says_is_not_sure_and_a_certain_inviter_is(database: Database) -> None:
    joins = [
        join(1, 10, 7),
        join(2, 11, 7, certainty=Certainty.AMBIGUOUS, code=None),
        join(3, 12, 7, certainty=Certainty.AMBIGUOUS, method=Method.IMPORTED),
    ]

    sure = {child.member_id: child.is_sure for child in await children(database, joins, 7)}
    assert sure == {10: True, 11: True, 12: False}


async def test_who_left_is_told_and_who_came_back_is_here(database: Database) -> None:
    joins = [join(1, 10, 7, left_at_ms=5), join(2, 11, 7, left_at_ms=3), join(4, 11, 8)]

    assert {child.member_id: child.has_left for child in await children(database, joins, 7)} == {
        10: True,
        11: False,
    }


async def test_who_brought_the_most_comes_first_and_the_others_are_counted(database: Database) -> None:
    joins = [
        join(1, 10, 7),
        join(2, 11, 7),
        join(3, 12, 7),
        join(4, 20, 12),
        join(5, 21, 12),
        join(6, 22, 11),
    ]
    async with database.write() as tx:
        await insert_joins(tx, joins)

    async with database.read() as rx:
        found = await fetch_children(rx, GUILD, [7], 2)

    assert [(child.member_id, child.siblings) for child in found] == [(12, 3), (11, 3)]


PEOPLE = st.integers(1, 6)
HISTORIES = st.lists(
    st.tuples(
        st.none() | PEOPLE,
        st.none() | PEOPLE,
        st.integers(1, 12),
        st.sampled_from((Source.INVITE, Source.INVITE, Source.EXISTING, Source.BOT)),
        st.booleans(),
    ),
    max_size=14,
    unique_by=lambda row: (row[0], row[2]) if row[0] is not None else object(),
)


def recount(joins: Sequence[Join]) -> set[tuple[int, int]]:
    """Return the pairs of inviter and member by the words of the rule, each join looked at by itself."""
    found = set()
    for one in joins:
        member, inviter = one.member_id, one.inviter_id
        if member is None or inviter is None or member == inviter or one.source is Source.BOT:
            continue
        if one.credited_inviter_id != inviter:
            continue
        if any(other.member_id == member and other.joined_at_ms < one.joined_at_ms for other in joins):
            continue
        brought = [
            other
            for other in joins
            if other.inviter_id == other.credited_inviter_id == member and other.member_id != member
        ]
        if any(other.joined_at_ms <= one.joined_at_ms for other in brought):
            continue
        found.add((inviter, member))
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(HISTORIES)
async def test_no_history_makes_a_circle_or_hangs_anybody_twice(
    database: Database, history: list[tuple[int | None, int | None, int, Source, bool]]
) -> None:
    joins = [
        join(
            number,
            member_id,
            inviter_id,
            joined_at_ms=at_ms,
            source=source,
            credited_inviter_id=inviter_id if is_credited else None,
        )
        for number, (member_id, inviter_id, at_ms, source, is_credited) in enumerate(history, 1)
    ]

    found = await pairs(database, joins, *range(1, 7))

    assert set(found) == recount(joins)
    members = [member_id for _parent_id, member_id in found]
    assert len(members) == len(set(members))
    parents = {member_id: parent_id for parent_id, member_id in found}
    for member_id in parents:
        above, at = set(), member_id
        while at in parents:
            assert at not in above
            above.add(at)
            at = parents[at]


async def test_a_level_is_found_along_the_index_of_inviters(database: Database) -> None:
    """Among 100,000 joins, whoever looks through all of them for each member never ends."""
    sql = _FETCH_CHILDREN.format(parents="(?, ?)")
    async with database.read() as rx:
        plan = await rx.fetch_all(f"EXPLAIN QUERY PLAN {sql}", (GUILD, GUILD, 7, 8, 9, 9, GUILD))
    steps = [str(row[3]) for row in plan]

    assert not [step for step in steps if step.endswith("USING PRIMARY KEY (guild_id=?)")]
    assert not [step for step in steps if step.startswith("SCAN joins")]


@pytest.mark.parametrize("count", [0, 1, 600])
async def test_any_number_of_parents_is_asked_about(database: Database, count: int) -> None:
    joins = [join(number, 10_000 + number, number) for number in range(1, count + 1)]

    assert len(await pairs(database, joins, *range(1, count + 1))) == count
