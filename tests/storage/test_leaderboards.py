"""What is kept of posted leaderboards, and who stands on them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.joins import insert_joins
from storage.leaderboards import (
    LeaderboardRecord,
    Outcome,
    Posting,
    delete_leaderboard_schedule,
    fetch_leaderboard_record,
    fetch_leaderboards,
    fetch_ranking,
    update_leaderboard_posting,
    update_leaderboard_settled,
    update_leaderboard_unsent,
    upsert_leaderboard_schedule,
)
from storage.records import FakeRules, InviteCounts, Join, Source
from tests.storage.rows import ELSEWHERE, GUILD, ORDINARY_JOIN

POSTING = Posting(day=100, due_at_ms=5_000, channel_id=9, began_at_ms=5_001, tried_at_ms=5_002, tries=1)
RULES = FakeRules(own_invite=False, rejoin=False, no_avatar=True, minimum_account_age_days=0)


@pytest.fixture
async def scheduled(database: Database) -> Database:
    """A guild with a schedule since 1,000, and another one."""
    async with database.write() as tx:
        await upsert_leaderboard_schedule(tx, GUILD, 1_000)
        await upsert_leaderboard_schedule(tx, ELSEWHERE, 1_000)
    return database


async def record(database: Database, guild_id: int = GUILD) -> LeaderboardRecord | None:
    async with database.read() as rx:
        return await fetch_leaderboard_record(rx, guild_id)


async def begin(database: Database, posting: Posting = POSTING, since_ms: int = 1_000) -> bool:
    async with database.write() as tx:
        return await update_leaderboard_posting(tx, GUILD, since_ms, posting)


async def test_a_posting_is_noted_settled_and_never_begun_again(scheduled: Database) -> None:
    assert await begin(scheduled)
    assert await record(scheduled) == LeaderboardRecord(GUILD, 1_000, 0, None, POSTING)

    async with scheduled.write() as tx:
        await update_leaderboard_settled(tx, GUILD, 100, Outcome.POSTED)

    assert await record(scheduled) == LeaderboardRecord(GUILD, 1_000, 100, Outcome.POSTED, None)
    assert not await begin(scheduled)
    assert await begin(scheduled, replace(POSTING, day=101))
    assert await record(scheduled, ELSEWHERE) == LeaderboardRecord(ELSEWHERE, 1_000, 0, None, None)


async def test_a_schedule_that_was_changed_meanwhile_lets_no_posting_begin(scheduled: Database) -> None:
    async with scheduled.write() as tx:
        await upsert_leaderboard_schedule(tx, GUILD, 2_000)

    assert not await begin(scheduled)
    assert await begin(scheduled, since_ms=2_000)


async def test_a_schedule_that_is_changed_takes_what_is_under_way_for_done(scheduled: Database) -> None:
    await begin(scheduled)
    async with scheduled.write() as tx:
        await upsert_leaderboard_schedule(tx, GUILD, 2_000)

    assert await record(scheduled) == LeaderboardRecord(GUILD, 2_000, 100, None, None)


async def test_what_was_not_sent_may_begin_again(scheduled: Database) -> None:
    await begin(scheduled)
    async with scheduled.write() as tx:
        await update_leaderboard_unsent(tx, GUILD, 100)

    assert await begin(scheduled)


async def test_a_guild_without_a_schedule_has_no_record(scheduled: Database) -> None:
    async with scheduled.write() as tx:
        await delete_leaderboard_schedule(tx, GUILD)
    async with scheduled.read() as rx:
        assert [one.guild_id for one in await fetch_leaderboards(rx)] == [ELSEWHERE]
    assert not await begin(scheduled)


HISTORIES = st.lists(
    st.tuples(
        st.integers(1, 5), st.integers(0, 30), st.none() | st.integers(7, 9), st.booleans(), st.booleans()
    ),
    max_size=15,
    unique_by=lambda row: row[:2],
)


def recount(joins: Sequence[Join], since_ms: int, until_ms: int) -> list[tuple[int, InviteCounts]]:
    """Count by the words of the rule."""
    found: dict[int, list[int]] = {}
    for one in joins:
        others = [other for other in joins if other.member_id == one.member_id]
        is_earliest = all(one.joined_at_ms <= other.joined_at_ms for other in others)
        latest = max(others, key=lambda other: other.joined_at_ms)
        if one.credited_inviter_id is None or not is_earliest or not since_ms <= one.joined_at_ms < until_ms:
            continue
        counts = found.setdefault(one.credited_inviter_id, [0, 0, 0])
        counts[0] += 1
        counts[1] += not one.had_avatar
        counts[2] += one.had_avatar and latest.left_at_ms is not None
    rows = [
        (inviter_id, InviteCounts(counts[0], counts[1], counts[2], 0)) for inviter_id, counts in found.items()
    ]
    return sorted(
        (row for row in rows if row[1].real > 0), key=lambda row: (-row[1].real, -row[1].total, row[0])
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(HISTORIES, st.integers(0, 15), st.integers(15, 31))
async def test_the_ranking_is_a_recount_of_who_came_in_that_time_and_stayed(
    database: Database,
    history: list[tuple[int, int, int | None, bool, bool]],
    since_ms: int,
    until_ms: int,
) -> None:
    joins = [
        replace(
            ORDINARY_JOIN,
            join_id=number,
            member_id=member_id,
            joined_at_ms=at_ms,
            credited_inviter_id=inviter_id,
            left_at_ms=at_ms + 1 if has_left else None,
            had_avatar=had_avatar,
        )
        for number, (member_id, at_ms, inviter_id, has_left, had_avatar) in enumerate(history, 1)
    ]
    async with database.write() as tx:
        await tx.execute("DELETE FROM joins")
        await insert_joins(tx, joins)
        found = await fetch_ranking(tx, GUILD, RULES, since_ms, until_ms, 10, 0)

    assert found == recount(joins, since_ms, until_ms)


async def test_members_from_before_count_only_if_they_joined_in_that_time(database: Database) -> None:
    recorded = {"source": Source.EXISTING, "credited_inviter_id": 7}
    async with database.write() as tx:
        await tx.execute("INSERT INTO counted_existing (guild_id) VALUES (?)", (GUILD,))
        for number, joined_at_ms in enumerate((5, 15), 1):
            changes = {"join_id": (12 << 20) + number, "member_id": number, "joined_at_ms": joined_at_ms}
            await insert_joins(tx, [replace(ORDINARY_JOIN, **recorded, **changes)])  # type: ignore[arg-type]
        found = await fetch_ranking(tx, GUILD, RULES, 10, 20, 10, 0)

    assert found == [(7, InviteCounts(1, 0, 0, 0))]
