"""The roles that links bring, and what is still to be given."""

from dataclasses import replace

from storage.database import Database, WriteTransaction
from storage.invite_erasure import erase_member_from_joins
from storage.invites import upsert_known_invites
from storage.joiner_roles import (
    VANITY_URL,
    JoinerRole,
    RoleGift,
    delete_joiner_role,
    delete_joiner_roles_unreferenced,
    delete_role_gifts_before,
    fetch_guilds_with_role_gifts,
    fetch_joiner_roles,
    fetch_role_gift_count,
    fetch_role_gift_due_at_ms,
    fetch_role_gifts,
    insert_joiner_role,
    insert_role_gifts,
    update_role_gift_settled,
    update_role_gifts_postponed,
)
from storage.joins import insert_joins, upsert_attribution, upsert_left
from storage.records import Certainty, Join, Method, Source
from tests.storage.rows import ELSEWHERE, GUILD, ORDINARY_INVITE, ORDINARY_JOIN, joins_of

RULE = JoinerRole(GUILD, "code", 50, 10, is_given_by_discord=False)


async def wait_for(tx: WriteTransaction, *joins: Join, rule: JoinerRole = RULE) -> None:
    """Let joins be on record, and bring the role from time 100 on."""
    await insert_joiner_role(tx, rule)
    await insert_joins(tx, joins)
    await insert_role_gifts(tx, rule.guild_id, [(one.join_id, rule.role_id, rule.code) for one in joins], 100)


async def test_a_link_brings_a_role_once(database: Database) -> None:
    async with database.write() as tx:
        assert await insert_joiner_role(tx, RULE)
        assert not await insert_joiner_role(tx, replace(RULE, set_at_ms=99))
        vanity = replace(RULE, code=VANITY_URL, is_given_by_discord=True)
        await insert_joiner_role(tx, vanity)
        await insert_joiner_role(tx, replace(RULE, guild_id=ELSEWHERE))
        assert await fetch_joiner_roles(tx, GUILD) == [vanity, RULE]
        await delete_joiner_role(tx, GUILD, "code", 50)
        assert await fetch_joiner_roles(tx, GUILD) == [vanity]
        assert len(await fetch_joiner_roles(tx, ELSEWHERE)) == 1


async def test_what_is_due_is_given_in_its_order_and_never_twice(database: Database) -> None:
    async with database.write() as tx:
        await wait_for(tx, ORDINARY_JOIN)
        gift = RoleGift(1, 50, "code", ORDINARY_JOIN.member_id, is_wanted=True)
        assert await fetch_role_gifts(tx, GUILD, 99, 10) == []
        assert await fetch_role_gifts(tx, GUILD, 100, 10) == [gift]
        assert await fetch_role_gift_due_at_ms(tx, GUILD) == 100
        assert await fetch_guilds_with_role_gifts(tx) == [GUILD]

        await update_role_gift_settled(tx, GUILD, gift)
        assert await insert_role_gifts(tx, GUILD, [(1, 50, "code")], 200) == 0

        assert await fetch_role_gifts(tx, GUILD, 1_000, 10) == []
        assert await fetch_role_gift_due_at_ms(tx, GUILD) is None
        assert await fetch_role_gift_count(tx, GUILD) == 0
        assert await fetch_guilds_with_role_gifts(tx) == []


async def test_nothing_is_wanted_any_more_of_what_turned_out_otherwise(database: Database) -> None:
    """Gone, decided otherwise, ambiguous after all, or a link that brings the role no more."""
    gone, otherwise, open_again, vanity, kept, corrected = joins_of(6)
    async with database.write() as tx:
        await wait_for(tx, gone, otherwise, open_again, vanity, kept, corrected)
        await upsert_left(tx, GUILD, gone.member_id or 0, 5_000)
        await upsert_attribution(tx, replace(otherwise, code="other", credited_code="other"))
        await upsert_attribution(tx, replace(open_again, code=None, certainty=Certainty.AMBIGUOUS))
        await upsert_attribution(tx, replace(vanity, source=Source.VANITY))
        await upsert_attribution(tx, replace(corrected, code="other", method=Method.MANUAL))

        gifts = await fetch_role_gifts(tx, GUILD, 100, 10)
        assert [gift.join_id for gift in gifts if gift.is_wanted] == [kept.join_id, corrected.join_id]

        await delete_joiner_role(tx, GUILD, "code", 50)
        assert not any(gift.is_wanted for gift in await fetch_role_gifts(tx, GUILD, 100, 10))


async def test_a_role_of_the_vanity_url_is_wanted_whatever_it_is_called(database: Database) -> None:
    rule = replace(RULE, code=VANITY_URL)
    join = replace(ORDINARY_JOIN, source=Source.VANITY, code="harbour")
    async with database.write() as tx:
        await wait_for(tx, join, rule=rule)
        assert [gift.is_wanted for gift in await fetch_role_gifts(tx, GUILD, 100, 10)] == [True]


async def test_a_role_that_cannot_be_given_waits_for_all_and_is_given_up_in_the_end(
    database: Database,
) -> None:
    old, young = joins_of(2)
    async with database.write() as tx:
        await wait_for(tx, old, young)
        await insert_role_gifts(tx, GUILD, [(young.join_id, 51, "code")], 100)
        given_up_before_ms = young.join_id >> 20

        assert await update_role_gifts_postponed(tx, GUILD, 50, 900, given_up_before_ms) == 1

        assert [gift.role_id for gift in await fetch_role_gifts(tx, GUILD, 899, 10)] == [51]
        due = await fetch_role_gifts(tx, GUILD, 900, 10)
        assert [(gift.join_id, gift.role_id) for gift in due] == [(young.join_id, 51), (young.join_id, 50)]


async def test_whoever_is_erased_is_not_to_get_anything_any_more(database: Database) -> None:
    async with database.write() as tx:
        await wait_for(tx, ORDINARY_JOIN)
        await erase_member_from_joins(tx, GUILD, ORDINARY_JOIN.member_id or 0, 100)
        assert await tx.fetch_all("SELECT * FROM role_gifts") == []


async def test_gifts_go_with_their_time_and_roles_with_their_link(database: Database) -> None:
    async with database.write() as tx:
        old, young = joins_of(2)
        await wait_for(tx, old, young)
        assert await delete_role_gifts_before(tx, young.join_id >> 20, 10) == 1
        assert await fetch_role_gift_count(tx, GUILD) == 1

        await insert_joiner_role(tx, replace(RULE, code=VANITY_URL))
        await upsert_known_invites(tx, [ORDINARY_INVITE])
        await insert_joiner_role(tx, replace(RULE, guild_id=ELSEWHERE))
        assert await delete_joiner_roles_unreferenced(tx, 10) == 1
        assert [rule.code for rule in await fetch_joiner_roles(tx, GUILD)] == [VANITY_URL, "code"]
        assert await fetch_joiner_roles(tx, ELSEWHERE) == []
