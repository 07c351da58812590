"""What goes with time, and what stays."""

from dataclasses import replace
from typing import Literal

import pytest

from bot.clock import SystemClock
from bot.config import Config, RetentionConfig
from cogs.invite_tracker.counting import DAY_MS
from cogs.invite_tracker.retention import STEP_ROWS, TOMBSTONE_AGE_MS, retain
from storage.corrections import fetch_standing_correction, insert_correction
from storage.database import Database
from storage.invites import fetch_known_invites, upsert_known_invites
from storage.joins import fetch_joins_of_members, insert_joins
from storage.records import Join
from storage.resets import fetch_last_reset, insert_reset
from tests.storage.rows import GUILD, ORDINARY_INVITE, ORDINARY_JOIN, joins_of

NOW_MS = 100 * DAY_MS


class StoppedClock(SystemClock):
    """Shows one moment; waiting takes no time."""

    def now_ms(self) -> int:
        return NOW_MS

    async def sleep(self, seconds: float) -> None:
        return


async def members_kept(
    database: Database, joins: list[Join], keep: int | Literal["while_member"]
) -> set[int | None]:
    async with database.write() as tx:
        await insert_joins(tx, joins)
    await retain(database, StoppedClock(), Config(retention=RetentionConfig(joins=keep)))
    async with database.read() as rx:
        rows = await rx.fetch_all("SELECT member_id FROM joins")
    return {member_id for (member_id,) in rows}


def join(
    member_id: int | None, age_days: float, *, left_days_ago: float | None = None, number: int = 0
) -> Join:
    at_ms = NOW_MS - int(age_days * DAY_MS)
    return replace(
        ORDINARY_JOIN,
        join_id=(at_ms << 20) + (member_id or number),
        member_id=member_id,
        joined_at_ms=at_ms,
        recorded_at_ms=at_ms,
        left_at_ms=None if left_days_ago is None else NOW_MS - int(left_days_ago * DAY_MS),
    )


async def test_joins_go_after_as_many_days_as_the_operator_keeps(database: Database) -> None:
    assert await members_kept(database, [join(1, 30.9), join(2, 31.1)], 31) == {1}


async def test_zero_days_keep_joins_for_ever(database: Database) -> None:
    assert await members_kept(database, [join(1, 99)], 0) == {1}


async def test_more_rows_than_one_step_deletes_all_go(database: Database) -> None:
    old = joins_of(2 * STEP_ROWS + 7)
    assert await members_kept(database, [*old, join(9_999, 1)], 31) == {9_999}


async def test_while_member_keeps_joins_of_who_is_present(database: Database) -> None:
    joins = [join(1, 90), join(2, 90, left_days_ago=40), join(3, 90, left_days_ago=10)]
    assert await members_kept(database, joins, "while_member") == {1, 3}


async def test_while_member_keeps_the_earlier_joins_of_who_came_back(database: Database) -> None:
    joins = [join(1, 90, left_days_ago=80), join(1, 50)]
    await members_kept(database, joins, "while_member")
    async with database.read() as rx:
        assert len((await fetch_joins_of_members(rx, GUILD, [1]))[1]) == 2


async def test_while_member_lets_joins_without_a_name_go_by_their_age(database: Database) -> None:
    assert await members_kept(database, [join(None, 90), join(None, 3, number=1)], "while_member") == {None}
    async with database.read() as rx:
        assert len(await rx.fetch_all("SELECT join_id FROM joins")) == 1


@pytest.mark.parametrize(("is_referred_to", "kept"), [(True, ["gone"]), (False, [])])
async def test_a_deleted_invite_stays_while_a_join_refers_to_it(
    database: Database, is_referred_to: bool, kept: list[str]
) -> None:
    gone = replace(ORDINARY_INVITE, code="gone", deleted_at_ms=NOW_MS - TOMBSTONE_AGE_MS - 1)
    async with database.write() as tx:
        await upsert_known_invites(tx, [gone])
    joins = [replace(join(1, 1), code="gone", credited_code="gone")] if is_referred_to else []
    await members_kept(database, joins, 31)
    async with database.read() as rx:
        assert [row.code for row in await fetch_known_invites(rx, GUILD, include_deleted=True)] == kept


async def test_what_admins_noted_of_joins_goes_with_them(database: Database) -> None:
    old, young = join(1, 40), join(2, 1)
    async with database.write() as tx:
        await insert_joins(tx, [old])
        await insert_correction(tx, old, old, 9, old.recorded_at_ms)
        await insert_reset(tx, GUILD, None, 9, old.recorded_at_ms)
        await insert_joins(tx, [young])
        await insert_correction(tx, young, young, 9, NOW_MS)
    await retain(database, StoppedClock(), Config(retention=RetentionConfig(joins=31)))
    async with database.read() as rx:
        assert await fetch_last_reset(rx, GUILD) is None
        assert await fetch_standing_correction(rx, GUILD, old.join_id) is None
        assert await fetch_standing_correction(rx, GUILD, young.join_id) is not None
