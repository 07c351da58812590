"""How far putting members from before on record is, and where their joins count."""

from dataclasses import replace

import pytest

from storage.database import Database
from storage.invite_counts import fetch_counts, fetch_leaderboard
from storage.invites import delete_invite_tracker_data
from storage.joins import insert_joins
from storage.leaderboards import fetch_ranking
from storage.member_syncs import (
    MemberSync,
    Stage,
    fetch_guilds_syncing,
    fetch_member_sync,
    upsert_existing_counted,
    upsert_member_sync,
)
from storage.records import FakeRules, Join, Source
from tests.storage.rows import ELSEWHERE, GUILD, ORDINARY_JOIN

RULES = FakeRules(own_invite=False, rejoin=False, no_avatar=False, minimum_account_age_days=0)
DAY_MS = 86_400_000
SINCE_MS = 100 * DAY_MS
SYNC = MemberSync(GUILD, 1, None, 2, Stage.LISTING)


def existing(member_id: int, recorded_at_ms: int, joined_at_ms: int = 1_000, **facts: object) -> Join:
    row = replace(
        ORDINARY_JOIN,
        join_id=(recorded_at_ms << 20) + member_id,
        member_id=member_id,
        joined_at_ms=joined_at_ms,
        recorded_at_ms=recorded_at_ms,
        source=Source.EXISTING,
    )
    return replace(row, **facts)  # type: ignore[arg-type]


async def total(database: Database, guild_id: int = GUILD) -> int:
    async with database.read() as rx:
        counts = await fetch_counts(rx, guild_id, 7, RULES, SINCE_MS)
        board = await fetch_leaderboard(rx, guild_id, RULES, SINCE_MS, 5, 0, with_bonus_alone=False)
    assert dict(board) == ({7: counts} if counts.total else {})
    return counts.total


async def test_what_was_stored_last_is_read_again(database: Database) -> None:
    further = replace(
        SYNC, stage=Stage.SEARCHING, listed_until_ms=DAY_MS, searched_down_to_ms=5, listed=3, recorded=2
    )
    async with database.write() as tx:
        await upsert_member_sync(tx, SYNC)
        await upsert_member_sync(tx, further)
        assert await fetch_member_sync(tx, GUILD) == further
        assert await fetch_member_sync(tx, ELSEWHERE) is None


async def test_where_it_ended_nothing_is_under_way(database: Database) -> None:
    async with database.write() as tx:
        await upsert_member_sync(tx, SYNC)
        await upsert_member_sync(tx, replace(SYNC, guild_id=ELSEWHERE, stage=Stage.DONE, ended_at_ms=9))
        assert await fetch_guilds_syncing(tx) == {GUILD}
        await delete_invite_tracker_data(tx, GUILD)
        assert await fetch_guilds_syncing(tx) == set()


async def test_they_count_from_their_recording_on_and_only_where_the_server_wants_it(
    database: Database,
) -> None:
    async with database.write() as tx:
        await insert_joins(
            tx,
            [
                existing(1, SINCE_MS),
                # Put on record too long ago.
                existing(2, SINCE_MS - 1),
                # Of those who joined lately it is their joining that counts, as of everybody.
                existing(3, SINCE_MS + 5, SINCE_MS + 1),
                existing(4, SINCE_MS, guild_id=ELSEWHERE),
            ],
        )
    assert await total(database) == 0
    async with database.write() as tx:
        await upsert_existing_counted(tx, GUILD, is_counted=True)
        await upsert_existing_counted(tx, GUILD, is_counted=True)
    assert (await total(database), await total(database, ELSEWHERE)) == (2, 0)
    async with database.write() as tx:
        await upsert_existing_counted(tx, GUILD, is_counted=False)
    assert await total(database) == 0


@pytest.mark.parametrize("is_counted", [True, False])
async def test_a_leave_is_taken_off_only_what_was_counted(database: Database, is_counted: bool) -> None:
    async with database.write() as tx:
        await insert_joins(tx, [existing(1, SINCE_MS, left_at_ms=SINCE_MS + 9)])
        await upsert_existing_counted(tx, GUILD, is_counted=is_counted)
    async with database.read() as rx:
        counts = await fetch_counts(rx, GUILD, 7, RULES, SINCE_MS)
    assert (counts.total, counts.leaves, counts.real) == (is_counted, is_counted, 0)


async def test_who_joined_before_the_time_of_a_leaderboard_is_not_on_it(database: Database) -> None:
    async with database.write() as tx:
        await insert_joins(tx, [existing(1, SINCE_MS), existing(2, SINCE_MS, SINCE_MS)])
        await upsert_existing_counted(tx, GUILD, is_counted=True)
    async with database.read() as rx:
        ((inviter_id, counts),) = await fetch_ranking(rx, GUILD, RULES, SINCE_MS, SINCE_MS + DAY_MS, 5, 0)
    assert (inviter_id, counts.total) == (7, 1)
