"""Everything of a guild page by page, in an order that does not change between two pages."""

from dataclasses import replace

from storage.database import Database
from storage.invites import fetch_invites_after, upsert_known_invites
from storage.join_transfer import ExportedBonus, fetch_anonymous_ages, fetch_bonuses_after
from storage.joins import fetch_joins_after, insert_joins
from tests.storage.rows import ELSEWHERE, GUILD, ORDINARY_INVITE, ORDINARY_JOIN, insert_bonus, joins_of

DAY_MS = 86_400_000


async def test_joins_come_in_the_order_of_their_recording(database: Database) -> None:
    joins = joins_of(5)
    async with database.write() as tx:
        await insert_joins(tx, joins[::-1])
        await insert_joins(tx, joins_of(2, guild_id=ELSEWHERE))
        assert await fetch_joins_after(tx, GUILD, 0, 3) == joins[:3]
        assert await fetch_joins_after(tx, GUILD, joins[2].join_id, 3) == joins[3:]
        assert await fetch_joins_after(tx, GUILD, joins[4].join_id, 3) == []


async def test_invites_come_in_the_order_of_their_codes_with_those_that_are_gone(database: Database) -> None:
    gone = replace(ORDINARY_INVITE, code="b", deleted_at_ms=5)
    invites = [replace(ORDINARY_INVITE, code="a"), gone, replace(ORDINARY_INVITE, code="c")]
    async with database.write() as tx:
        await upsert_known_invites(tx, [*invites, replace(ORDINARY_INVITE, guild_id=ELSEWHERE)])
        assert await fetch_invites_after(tx, GUILD, "", 2) == invites[:2]
        assert await fetch_invites_after(tx, GUILD, "b", 2) == invites[2:]


async def test_bonuses_come_in_the_order_of_their_granting(database: Database) -> None:
    async with database.write() as tx:
        for number in (3, 1, 2):
            await insert_bonus(tx, number, 7, -number)
        await insert_bonus(tx, 4, 7, 1, ELSEWHERE)
        first = await fetch_bonuses_after(tx, GUILD, 0, 2)
        assert first == [
            ExportedBonus(GUILD, 1, 7, -1, None, 1, 1),
            ExportedBonus(GUILD, 2, 7, -2, None, 1, 1),
        ]
        assert [bonus.amount for bonus in await fetch_bonuses_after(tx, GUILD, 2, 2)] == [-3]


async def test_joins_without_a_member_come_as_time_and_age_the_earliest_first(database: Database) -> None:
    hidden = replace(ORDINARY_JOIN, member_id=None, joined_at_ms=9 * DAY_MS, account_created_at_ms=2 * DAY_MS)
    async with database.write() as tx:
        await insert_joins(
            tx,
            [
                hidden,
                replace(hidden, join_id=2, joined_at_ms=3 * DAY_MS),
                replace(hidden, join_id=3, guild_id=ELSEWHERE),
                replace(ORDINARY_JOIN, join_id=4),
            ],
        )
        assert await fetch_anonymous_ages(tx, GUILD) == [(3 * DAY_MS, 1), (9 * DAY_MS, 7)]
