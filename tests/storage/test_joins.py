"""Joins: each stored once, repaired, marked as left, and deleted in steps."""

import sqlite3
from dataclasses import replace

import pytest

from storage.database import Database, ReadTransaction
from storage.joins import (
    JoinIds,
    delete_joins_before,
    fetch_joins_of_members,
    fetch_last_joins_of_inviter,
    fetch_latest_join_of_member,
    fetch_present_member_ids,
    insert_joins,
    upsert_attribution,
    upsert_left,
)
from storage.records import Candidate, Certainty, Evidence, Join, Method, Reason, Source
from tests.storage.rows import ELSEWHERE, GUILD, ORDINARY_JOIN, joins_of

FULL_JOIN = Join(
    guild_id=GUILD,
    join_id=2,
    member_id=None,
    joined_at_ms=1_000,
    recorded_at_ms=1_200,
    source=Source.UNKNOWN,
    code=None,
    inviter_id=None,
    method=Method.NONE,
    certainty=Certainty.AMBIGUOUS,
    candidates=(Candidate(Source.INVITE, "Çode\"'", 5), Candidate(Source.UNKNOWN, None, None)),
    evidence=(Evidence(None, 2, Method.VANITY_DELTA, 10, 20), Evidence("a", 1, Method.USED_UP, 30, 40)),
    reason=Reason.SEVERAL_FIT,
    credited_code="a",
    credited_inviter_id=9,
    account_created_at_ms=900,
    had_avatar=False,
    is_rejoin=True,
    is_own_invite=True,
    left_at_ms=2_000,
    cleared_at_ms=3_000,
)


def join(join_id: int, member_id: int | None, joined_at_ms: int, left_at_ms: int | None = None) -> Join:
    return replace(
        ORDINARY_JOIN, join_id=join_id, member_id=member_id, joined_at_ms=joined_at_ms, left_at_ms=left_at_ms
    )


def ids(joins: list[Join]) -> list[int]:
    return [found.join_id for found in joins]


async def rows_of(tx: ReadTransaction) -> list[Join]:
    """Return all joins of the named members of the guild, in the order of the members."""
    found = await fetch_joins_of_members(tx, GUILD, range(1, 10))
    return [each for joins in found.values() for each in joins]


class TestStoring:
    @pytest.mark.parametrize("stored", [ORDINARY_JOIN, FULL_JOIN], ids=["ordinary", "full"])
    async def test_a_join_comes_back_as_it_was(self, database: Database, stored: Join) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [stored])
            assert stored.credited_inviter_id is not None
            (found,) = await fetch_last_joins_of_inviter(tx, GUILD, stored.credited_inviter_id, 10)
            assert found == stored
            assert type(found.had_avatar) is type(found.is_rejoin) is type(found.is_own_invite) is bool

    async def test_hundreds_of_joins_are_stored_at_once(self, database: Database) -> None:
        joins = joins_of(700)
        async with database.write() as tx:
            await insert_joins(tx, joins)
            await insert_joins(tx, [])
            found = await fetch_joins_of_members(tx, GUILD, [*range(1, 1_500), 1])
            assert found == {number + 1: [stored] for number, stored in enumerate(joins)}

    async def test_one_join_of_a_member_cannot_be_stored_twice(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [ORDINARY_JOIN, replace(ORDINARY_JOIN, guild_id=ELSEWHERE)])
            with pytest.raises(sqlite3.IntegrityError):
                await insert_joins(tx, [replace(ORDINARY_JOIN, join_id=2)])

    async def test_anonymous_joins_of_one_moment_are_all_stored(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [join(1, None, 500), join(2, None, 500)])
            assert await tx.fetch_all("SELECT join_id FROM joins ORDER BY join_id") == [(1,), (2,)]

    async def test_a_repair_rewrites_the_attribution_and_nothing_else(self, database: Database) -> None:
        other = replace(ORDINARY_JOIN, join_id=3, member_id=3)
        better = replace(FULL_JOIN, join_id=1, member_id=1)
        async with database.write() as tx:
            await insert_joins(tx, [ORDINARY_JOIN, other])
            assert await upsert_attribution(tx, better)
            repaired = replace(
                better,
                joined_at_ms=ORDINARY_JOIN.joined_at_ms,
                recorded_at_ms=ORDINARY_JOIN.recorded_at_ms,
                account_created_at_ms=ORDINARY_JOIN.account_created_at_ms,
                had_avatar=ORDINARY_JOIN.had_avatar,
                is_rejoin=ORDINARY_JOIN.is_rejoin,
                left_at_ms=ORDINARY_JOIN.left_at_ms,
                cleared_at_ms=ORDINARY_JOIN.cleared_at_ms,
            )
            assert await rows_of(tx) == [repaired, other]

    async def test_a_repair_of_a_join_that_is_gone_stores_nothing(self, database: Database) -> None:
        async with database.write() as tx:
            assert not await upsert_attribution(tx, ORDINARY_JOIN)
            assert await rows_of(tx) == []


class TestMembers:
    async def test_the_latest_join_is_that_with_the_latest_time_whatever_its_id(
        self, database: Database
    ) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [join(1, 5, 900), join(2, 5, 300), join(3, 6, 999), join(4, None, 2_000)])
            await insert_joins(tx, [replace(join(5, 5, 5_000), guild_id=ELSEWHERE)])
            assert await fetch_latest_join_of_member(tx, GUILD, 5) == join(1, 5, 900)
            assert await fetch_latest_join_of_member(tx, GUILD, 7) is None

    async def test_joins_of_members_come_with_the_earliest_first(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [join(1, 5, 900), join(2, 5, 300), join(3, 6, 999), join(4, 7, 100)])
            assert await fetch_joins_of_members(tx, GUILD, [6, 5, 8]) == {
                5: [join(2, 5, 300), join(1, 5, 900)],
                6: [join(3, 6, 999)],
            }
            assert await fetch_joins_of_members(tx, GUILD, []) == {}

    async def test_members_are_present_unless_their_latest_join_is_marked_as_left(
        self, database: Database
    ) -> None:
        async with database.write() as tx:
            await insert_joins(
                tx,
                [
                    join(1, 1, 100),
                    join(2, 2, 100, left_at_ms=150),
                    join(3, 3, 100, left_at_ms=150),
                    join(4, 3, 200),
                    # It was never seen that this one left before they came back, and left again.
                    join(5, 4, 100),
                    join(6, 4, 200, left_at_ms=250),
                    join(7, None, 100),
                    replace(join(8, 5, 100), guild_id=ELSEWHERE),
                ],
            )
            assert await fetch_present_member_ids(tx, GUILD) == {1, 3}

    async def test_a_leave_marks_the_latest_join_only(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [join(2, 5, 900), join(1, 5, 300), join(3, 6, 300)])
            await insert_joins(tx, [replace(join(2, 5, 900), guild_id=ELSEWHERE)])
            assert await upsert_left(tx, GUILD, 5, 1_000) == join(2, 5, 900, left_at_ms=1_000)
            assert await fetch_joins_of_members(tx, GUILD, [5, 6]) == {
                5: [join(1, 5, 300), join(2, 5, 900, left_at_ms=1_000)],
                6: [join(3, 6, 300)],
            }
            assert await fetch_present_member_ids(tx, ELSEWHERE) == {5}

    async def test_a_repeated_leave_keeps_the_first_time(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [join(1, 5, 300)])
            await upsert_left(tx, GUILD, 5, 1_000)
            assert await upsert_left(tx, GUILD, 5, 2_000) == join(1, 5, 300, left_at_ms=1_000)

    async def test_a_leave_of_somebody_without_a_join_is_none(self, database: Database) -> None:
        async with database.write() as tx:
            await insert_joins(tx, [join(1, None, 300)])
            assert await upsert_left(tx, GUILD, 5, 1_000) is None


class TestLists:
    async def test_an_inviter_has_the_joins_that_credit_or_name_them_latest_first(
        self, database: Database
    ) -> None:
        credited = replace(join(1, 1, 100), inviter_id=None, credited_inviter_id=7)
        named = replace(join(2, 2, 300), inviter_id=7, credited_inviter_id=None)
        both = join(3, 3, 200)
        cleared = replace(join(4, 4, 50), cleared_at_ms=60)
        neither = replace(join(5, 5, 400), inviter_id=8, credited_inviter_id=8)
        async with database.write() as tx:
            await insert_joins(tx, [credited, named, both, cleared, neither])
            await insert_joins(tx, [replace(both, guild_id=ELSEWHERE)])
            assert await fetch_last_joins_of_inviter(tx, GUILD, 7, 10) == [named, both, credited, cleared]
            assert await fetch_last_joins_of_inviter(tx, GUILD, 7, 2, 1) == [both, credited]
            assert await fetch_last_joins_of_inviter(tx, GUILD, 7, 10, 0, 200) == [named, both]


class TestRetention:
    async def test_joins_recorded_before_the_cutoff_go_in_steps_and_the_others_stay(
        self, database: Database
    ) -> None:
        async with database.write() as tx:
            for guild_id in (GUILD, ELSEWHERE, 300):
                await insert_joins(tx, joins_of(10, guild_id=guild_id, first_recorded_at_ms=1_000))
            await insert_joins(tx, joins_of(5, guild_id=50, first_recorded_at_ms=9_000))
            steps = [await delete_joins_before(tx, 1_007, 8) for _ in range(4)]
            assert steps == [8, 8, 5, 0]
            rows = await tx.fetch_all("SELECT guild_id, recorded_at_ms FROM joins ORDER BY guild_id, join_id")
            assert rows == [
                *((50, 9_000 + number) for number in range(5)),
                *(
                    (guild_id, at_ms)
                    for guild_id in (GUILD, ELSEWHERE, 300)
                    for at_ms in (1_007, 1_008, 1_009)
                ),
            ]

    async def test_nothing_is_deleted_from_an_empty_table(self, database: Database) -> None:
        async with database.write() as tx:
            assert await delete_joins_before(tx, 1_000, 10) == 0


class TestJoinIds:
    def test_ids_rise_within_a_millisecond_and_when_the_clock_is_set_back(self) -> None:
        made = JoinIds(0)
        numbers = [made.next_id(at_ms) for at_ms in (5, 5, 5, 6, 2, 2, 7)]
        assert numbers == sorted(set(numbers))
        assert [number >> 20 for number in numbers] == [5, 5, 5, 6, 6, 6, 7]

    async def test_ids_begin_above_all_stored_ones_of_any_guild(self, database: Database) -> None:
        async with database.write() as tx:
            assert (await JoinIds.after_stored(tx)).next_id(5) == 5 << 20
            await insert_joins(tx, joins_of(3, guild_id=GUILD, first_recorded_at_ms=9_000))
            await insert_joins(tx, joins_of(3, guild_id=ELSEWHERE, first_recorded_at_ms=1_000))
            last_id = 9_002 << 20
            assert (await JoinIds.after_stored(tx)).next_id(5) == last_id + 1
            assert (await JoinIds.after_stored(tx)).next_id(9_003) == 9_003 << 20
