"""Joins that wait to be confirmed, and the messages that announced joins."""

from dataclasses import replace

from storage.confirmations import (
    Due,
    JoinMessage,
    UnconfirmedJoin,
    delete_join_messages,
    delete_join_messages_before,
    delete_unconfirmed_joins,
    delete_unconfirmed_joins_before,
    fetch_changed_join_ids,
    fetch_confirmations_due,
    fetch_guilds_with_changed_messages,
    fetch_join_message,
    fetch_unconfirmed_joins,
    insert_join_message,
    update_join_message_shown,
    update_join_messages_changed,
    update_rise_explained,
    update_unconfirmed_joins,
    upsert_unconfirmed_join,
)
from storage.database import Database, WriteTransaction
from storage.invite_erasure import erase_member_from_joins
from storage.invites import fetch_unexplained_rises, insert_unexplained_rises
from storage.joins import fetch_ambiguous_joins, fetch_joins_by_id, insert_joins
from storage.records import Certainty, UnexplainedRise
from tests.storage.rows import ELSEWHERE, GUILD, ORDINARY_JOIN, joins_of

MESSAGE = JoinMessage(5, 6, 0)


async def wait_for(tx: WriteTransaction, *due_at_ms: int) -> list[int]:
    """Let one join of the guild after the other be due at these times; return their ids."""
    joins = joins_of(len(due_at_ms))
    await insert_joins(tx, joins)
    for join, at_ms in zip(joins, due_at_ms, strict=True):
        await upsert_unconfirmed_join(tx, GUILD, join.join_id, at_ms)
    return [join.join_id for join in joins]


async def test_who_waits_comes_in_the_order_of_the_times(database: Database) -> None:
    async with database.write() as tx:
        first, second, third = await wait_for(tx, 300, 100, 200)
        await insert_joins(tx, joins_of(1, guild_id=ELSEWHERE))
        await upsert_unconfirmed_join(tx, ELSEWHERE, first, 50)
        assert await fetch_unconfirmed_joins(tx, GUILD, 10_000, 2) == [
            UnconfirmedJoin(second, 100, 0),
            UnconfirmedJoin(third, 200, 0),
        ]
        assert await fetch_confirmations_due(tx) == {GUILD: Due(100, None), ELSEWHERE: Due(50, None)}


async def test_doubtful_joins_go_first_as_soon_as_their_time_has_come(database: Database) -> None:
    doubtful = [
        replace(join, certainty=certainty)
        for join, certainty in zip(joins_of(2), (Certainty.AMBIGUOUS, Certainty.UNKNOWN), strict=True)
    ]
    certain = joins_of(2, first_recorded_at_ms=100)
    async with database.write() as tx:
        await insert_joins(tx, doubtful)
        await insert_joins(tx, [replace(join, member_id=join.join_id) for join in certain])
        for join, at_ms in zip((*doubtful, *certain), (300, 800, 100, 900), strict=True):
            await upsert_unconfirmed_join(tx, GUILD, join.join_id, at_ms)
        assert await fetch_confirmations_due(tx) == {GUILD: Due(100, 300)}
        for now_ms, expected in ((50, (100, 300, 800, 900)), (500, (300, 100, 800, 900))):
            found = await fetch_unconfirmed_joins(tx, GUILD, now_ms, 10)
            assert tuple(one.due_at_ms for one in found) == expected


async def test_what_is_asked_about_again_has_its_new_time_and_its_tries(database: Database) -> None:
    async with database.write() as tx:
        first, second = await wait_for(tx, 100, 200)
        await update_unconfirmed_joins(tx, GUILD, [UnconfirmedJoin(first, 500, 2), UnconfirmedJoin(9, 9, 9)])
        assert await fetch_unconfirmed_joins(tx, GUILD, 10_000, 10) == [
            UnconfirmedJoin(second, 200, 0),
            UnconfirmedJoin(first, 500, 2),
        ]
        await delete_unconfirmed_joins(tx, GUILD, [first])
        await delete_unconfirmed_joins(tx, ELSEWHERE, [second])
        assert [one.join_id for one in await fetch_unconfirmed_joins(tx, GUILD, 10_000, 10)] == [second]


async def test_a_join_that_is_anonymous_or_not_stored_does_not_wait_and_has_no_message(
    database: Database,
) -> None:
    async with database.write() as tx:
        await insert_joins(tx, [replace(ORDINARY_JOIN, member_id=None)])
        for join_id in (ORDINARY_JOIN.join_id, 77):
            await upsert_unconfirmed_join(tx, GUILD, join_id, 100)
            await insert_join_message(tx, GUILD, join_id, MESSAGE)
            assert await fetch_join_message(tx, GUILD, join_id) is None
        assert await fetch_confirmations_due(tx) == {}


async def test_what_waits_for_too_long_is_given_up_in_steps(database: Database) -> None:
    async with database.write() as tx:
        ids = await wait_for(tx, 1, 1, 1)
        assert await delete_unconfirmed_joins_before(tx, 3, 1) == 1
        assert await delete_unconfirmed_joins_before(tx, 3, 10) == 1
        assert [one.join_id for one in await fetch_unconfirmed_joins(tx, GUILD, 10_000, 10)] == [ids[2]]


async def test_a_change_during_an_edit_is_not_lost(database: Database) -> None:
    async with database.write() as tx:
        first, second = await wait_for(tx, 1, 1)
        await insert_join_message(tx, GUILD, first, MESSAGE)
        await insert_join_message(tx, GUILD, second, MESSAGE)
        await update_join_messages_changed(tx, GUILD, [first])
        read = await fetch_join_message(tx, GUILD, first)
        await update_join_messages_changed(tx, GUILD, [first])
        assert read is not None
        await update_join_message_shown(tx, GUILD, first, read.changes)
        assert await fetch_join_message(tx, GUILD, first) == replace(MESSAGE, changes=1)
        assert await fetch_changed_join_ids(tx, GUILD) == [first]
        assert await fetch_guilds_with_changed_messages(tx) == {GUILD}
        await update_join_message_shown(tx, GUILD, first, 1)
        assert await fetch_changed_join_ids(tx, GUILD) == []
        assert await fetch_guilds_with_changed_messages(tx) == set()


async def test_messages_are_forgotten_one_by_one_or_with_time(database: Database) -> None:
    async with database.write() as tx:
        ids = await wait_for(tx, 1, 1, 1)
        for join_id in ids:
            await insert_join_message(tx, GUILD, join_id, MESSAGE)
        await delete_join_messages(tx, GUILD, [ids[2]])
        assert await delete_join_messages_before(tx, 2, 10) == 1
        left = [join_id for join_id in ids if await fetch_join_message(tx, GUILD, join_id) is not None]
        assert left == [ids[1]]


async def test_who_is_erased_is_not_asked_about_and_has_no_message(database: Database) -> None:
    async with database.write() as tx:
        ids = await wait_for(tx, 1, 1)
        for join_id in ids:
            await insert_join_message(tx, GUILD, join_id, MESSAGE)
        await erase_member_from_joins(tx, GUILD, 1, 100)
        assert [one.join_id for one in await fetch_unconfirmed_joins(tx, GUILD, 10_000, 10)] == [ids[1]]
        assert await fetch_join_message(tx, GUILD, ids[0]) is None
        assert await fetch_join_message(tx, GUILD, ids[1]) == MESSAGE


async def test_a_rise_that_is_explained_after_all_loses_a_use(database: Database) -> None:
    rise, vanity = UnexplainedRise("code", 2, 1_000, 2_000), UnexplainedRise(None, 1, 1_000, 2_000)
    async with database.write() as tx:
        await insert_unexplained_rises(tx, GUILD, [rise, vanity], 3_000)
        assert not await update_rise_explained(tx, GUILD, "code", 2_001, 3_000)
        assert not await update_rise_explained(tx, GUILD, "code", 1, 999)
        assert not await update_rise_explained(tx, GUILD, "other", 1, 9_000)
        assert not await update_rise_explained(tx, ELSEWHERE, "code", 1, 9_000)
        assert await update_rise_explained(tx, GUILD, "code", 2_000, 3_000)
        assert await fetch_unexplained_rises(tx, GUILD, 10) == [vanity, replace(rise, units=1)]
        assert await update_rise_explained(tx, GUILD, None, 500, 1_000)
        assert await update_rise_explained(tx, GUILD, "code", 500, 1_000)
        assert await fetch_unexplained_rises(tx, GUILD, 10) == []


async def test_joins_are_found_by_id_and_ambiguous_ones_by_the_time_of_their_recording(
    database: Database,
) -> None:
    joins = [
        replace(join, certainty=Certainty.AMBIGUOUS if number % 2 else Certainty.CERTAIN)
        for number, join in enumerate(joins_of(8))
    ]
    async with database.write() as tx:
        await insert_joins(tx, joins)
        found = await fetch_joins_by_id(tx, GUILD, [joins[3].join_id, joins[0].join_id, 5])
        assert found == {join.join_id: join for join in (joins[0], joins[3])}
        assert await fetch_joins_by_id(tx, ELSEWHERE, [joins[0].join_id]) == {}
        assert await fetch_ambiguous_joins(tx, GUILD, 2, 6, 10) == [joins[1], joins[3], joins[5]]
        assert await fetch_ambiguous_joins(tx, GUILD, 2, 6, 1) == [joins[1]]
