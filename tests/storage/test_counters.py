"""Counters in the database."""

import sqlite3
from dataclasses import replace

import pytest

from storage.counters import (
    Counter,
    delete_counters,
    delete_counters_data,
    fetch_all_counters,
    fetch_counter,
    fetch_counter_count,
    fetch_counter_of_channel,
    fetch_counters,
    fetch_next_counter_id,
    insert_counter,
    update_counter,
    update_counter_blocked,
    update_counter_reached,
    update_counter_renamed,
    update_counter_unreached,
)
from storage.database import Database
from tests.storage.rows import ELSEWHERE, GUILD

COUNTER = Counter(
    guild_id=GUILD,
    counter_id=10,
    channel_id=900,
    counter_type=6,
    format="Members: <value>",
    role_id=None,
    goal=100,
    announce_channel_id=800,
    is_adopted=False,
    created_at_ms=1_000,
    goal_reached_at_ms=None,
    renamed_at_ms=None,
    blocked_until_ms=None,
)


async def test_a_counter_is_read_as_it_was_stored(database: Database) -> None:
    every_field = replace(
        COUNTER, role_id=7, is_adopted=True, goal_reached_at_ms=3, renamed_at_ms=4, blocked_until_ms=5
    )
    async with database.write() as tx:
        await insert_counter(tx, every_field)
        assert await fetch_counter(tx, GUILD, 10) == every_field
        assert await fetch_counter(tx, ELSEWHERE, 10) is None
        assert await fetch_counter_of_channel(tx, GUILD, 900) == every_field
        assert await fetch_counter_of_channel(tx, GUILD, 901) is None


async def test_counters_come_by_guild_and_the_oldest_first(database: Database) -> None:
    late = replace(COUNTER, counter_id=12, channel_id=901)
    other = replace(COUNTER, guild_id=ELSEWHERE)
    async with database.write() as tx:
        for counter in (late, other, COUNTER):
            await insert_counter(tx, counter)
        assert await fetch_counters(tx, GUILD) == (COUNTER, late)
        everywhere = await fetch_all_counters(tx)
        assert set(everywhere) == {COUNTER, late, other}
        assert [counter.guild_id for counter in everywhere] == sorted([GUILD, GUILD, ELSEWHERE])
        assert await fetch_counter_count(tx, GUILD) == 2


async def test_a_channel_shows_one_counter_only(database: Database) -> None:
    async with database.write() as tx:
        await insert_counter(tx, COUNTER)
        with pytest.raises(sqlite3.IntegrityError):
            await insert_counter(tx, replace(COUNTER, counter_id=11))


async def test_ids_rise_with_time_and_within_a_millisecond(database: Database) -> None:
    async with database.write() as tx:
        first = await fetch_next_counter_id(tx, GUILD, 5_000)
        await insert_counter(tx, replace(COUNTER, counter_id=first))
        second = await fetch_next_counter_id(tx, GUILD, 5_000)
        assert second == first + 1
        assert await fetch_next_counter_id(tx, GUILD, 4_000) == first + 1
        assert await fetch_next_counter_id(tx, GUILD, 5_001) > second


async def test_an_edit_changes_what_can_be_edited_and_nothing_else(database: Database) -> None:
    async with database.write() as tx:
        await insert_counter(tx, replace(COUNTER, renamed_at_ms=77))
        edited = replace(
            COUNTER, format="<value>", goal=None, announce_channel_id=None, role_id=5, goal_reached_at_ms=9
        )
        assert await update_counter(tx, replace(edited, channel_id=1, counter_type=9, renamed_at_ms=None))
        assert await fetch_counter(tx, GUILD, 10) == replace(edited, renamed_at_ms=77)
        assert not await update_counter(tx, replace(edited, counter_id=11))


async def test_a_rename_is_claimed_once(database: Database) -> None:
    async with database.write() as tx:
        await insert_counter(tx, COUNTER)
        assert await update_counter_renamed(tx, COUNTER, 1_000)
        assert not await update_counter_renamed(tx, COUNTER, 1_000)
        renamed = await fetch_counter(tx, GUILD, 10)
        assert renamed is not None
        assert renamed.renamed_at_ms == 1_000
        assert await update_counter_renamed(tx, renamed, 2_000)


async def test_a_rename_cannot_be_claimed_while_discord_forbids_it(database: Database) -> None:
    async with database.write() as tx:
        await insert_counter(tx, COUNTER)
        await update_counter_blocked(tx, GUILD, COUNTER.channel_id, 1_500)
        assert not await update_counter_renamed(tx, COUNTER, 1_499)
        assert await update_counter_renamed(tx, COUNTER, 1_500)


async def test_an_announcement_is_claimed_once_and_for_the_present_goal_only(database: Database) -> None:
    async with database.write() as tx:
        await insert_counter(tx, COUNTER)
        assert not await update_counter_reached(tx, replace(COUNTER, goal=99), 1_000)
        assert await update_counter_reached(tx, COUNTER, 1_000)
        assert not await update_counter_reached(tx, COUNTER, 2_000)
        await update_counter_unreached(tx, COUNTER, 999)
        assert not await update_counter_reached(tx, COUNTER, 2_000)
        await update_counter_unreached(tx, COUNTER, 1_000)
        assert await update_counter_reached(tx, COUNTER, 2_000)


async def test_deleting_counters_leaves_the_others_and_other_guilds_alone(database: Database) -> None:
    second = replace(COUNTER, counter_id=11, channel_id=901)
    third = replace(COUNTER, counter_id=12, channel_id=902)
    other = replace(COUNTER, guild_id=ELSEWHERE)
    async with database.write() as tx:
        for counter in (COUNTER, second, third, other):
            await insert_counter(tx, counter)
        assert await delete_counters(tx, GUILD, [10, 12, 99]) == 2
        assert await fetch_counters(tx, GUILD) == (second,)
        await delete_counters_data(tx, GUILD)
        assert await fetch_all_counters(tx) == (other,)
