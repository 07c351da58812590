"""Boards and watched messages as they are stored."""

from dataclasses import replace

from storage.database import Database
from storage.guilds import fetch_guild_tables
from storage.starboard import (
    STARBOARD_TABLES,
    count_watched,
    delete_board,
    delete_board_step,
    delete_entry,
    delete_expired_entries,
    delete_starboard_data,
    fetch_boards,
    fetch_entries,
    fetch_half_done_places,
    fetch_highest_board_id,
    fetch_newest_places,
    fetch_places_of_channel,
    fetch_posts,
    fetch_starboard_amounts,
    fetch_tombstones,
    fetch_unposted_places,
    fetch_watched_ids,
    insert_tombstone,
    update_stars,
    upsert_board,
    upsert_entry,
)
from storage.starboard_records import (
    Board,
    Entry,
    EntryState,
    StarboardAmounts,
    StarredMessage,
    StarredPerson,
)
from storage.starboard_tops import fetch_top_givers, fetch_top_messages, fetch_top_receivers
from tests.storage.rows import ELSEWHERE, GUILD

BOARD = Board(
    guild_id=GUILD,
    board_id=1,
    name="starboard",
    channel_id=50,
    emoji="⭐",
    threshold=3,
    counts_self_stars=False,
)
ENTRY = Entry(guild_id=GUILD, board_id=1, message_id=70, channel_id=5, author_id=9, recorded_at_ms=1_000)
POSTED = replace(ENTRY, state=EntryState.POSTED, generation=1, stars=4, post_channel_id=50, post_id=700)


async def store(database: Database, *records: Board | Entry) -> None:
    async with database.write() as tx:
        for record in records:
            if isinstance(record, Board):
                await upsert_board(tx, record)
            else:
                await upsert_entry(tx, record)


async def test_a_board_is_read_as_it_was_stored(database: Database) -> None:
    board = replace(
        BOARD,
        emoji="a:party:12345678901234567",
        counts_self_stars=True,
        ignored_channel_ids=frozenset({5, 6}),
        ignored_role_ids=frozenset({7}),
    )
    await store(database, BOARD, board, replace(BOARD, guild_id=ELSEWHERE))
    async with database.read() as rx:
        assert await fetch_boards(rx, GUILD) == [board]
        assert await fetch_highest_board_id(rx, GUILD) == 1


async def test_boards_come_oldest_first(database: Database) -> None:
    newer = replace(BOARD, board_id=2)
    await store(database, newer, BOARD)
    async with database.read() as rx:
        assert await fetch_boards(rx, GUILD) == [BOARD, newer]


async def test_an_entry_is_read_as_it_was_stored(database: Database) -> None:
    entry = replace(POSTED, reserved_at_ms=1_500, shown="abc")
    await store(database, ENTRY, entry, replace(ENTRY, board_id=2), replace(ENTRY, message_id=71))
    async with database.read() as rx:
        assert await fetch_entries(rx, GUILD, 70) == {1: entry, 2: replace(ENTRY, board_id=2)}


async def test_the_time_of_the_first_recording_stays(database: Database) -> None:
    """Or whoever is starred again and again would be monitored for ever."""
    await store(database, ENTRY, replace(ENTRY, recorded_at_ms=9_000, stars=2))
    async with database.read() as rx:
        (entry,) = (await fetch_entries(rx, GUILD, 70)).values()
    assert (entry.recorded_at_ms, entry.stars) == (1_000, 2)


async def test_unfinished_is_what_waits_for_a_post_or_may_have_one_that_is_not_known(
    database: Database,
) -> None:
    states = {
        70: replace(ENTRY, state=EntryState.POSTING),
        71: replace(ENTRY, state=EntryState.REMOVING, stars=1),
        72: replace(ENTRY, stars=3),
        73: replace(ENTRY, stars=2),
        74: POSTED,
    }
    await store(database, BOARD, *(replace(entry, message_id=key) for key, entry in states.items()))
    async with database.read() as rx:
        assert await fetch_half_done_places(rx, BOARD, 10) == [(71, 5), (70, 5)]
        assert await fetch_half_done_places(rx, BOARD, 1) == [(71, 5)]
        assert await fetch_unposted_places(rx, BOARD, 10) == [(72, 5)]
        assert await fetch_unposted_places(rx, replace(BOARD, threshold=2), 1) == [(73, 5)]
        for other in (replace(BOARD, guild_id=ELSEWHERE), replace(BOARD, board_id=2)):
            assert await fetch_half_done_places(rx, other, 10) == []
            assert await fetch_unposted_places(rx, other, 10) == []


async def test_places_are_found_by_age_by_channel_and_by_post(database: Database) -> None:
    other = replace(ENTRY, message_id=71, channel_id=6)
    await store(database, POSTED, replace(ENTRY, board_id=2), other)
    async with database.read() as rx:
        assert await fetch_newest_places(rx, GUILD, 1_000, 10, with_post=True) == [(70, 5)]
        assert await fetch_newest_places(rx, GUILD, 1_000, 10, with_post=False) == [(71, 6)]
        assert await fetch_newest_places(rx, GUILD, 71, 10, with_post=False) == []
        assert await count_watched(rx, GUILD) == 2
        assert await fetch_places_of_channel(rx, GUILD, 50) == [(70, 5)]
        assert await fetch_places_of_channel(rx, GUILD, 5) == [(70, 5)]
        assert await fetch_posts(rx, GUILD) == {700: (70, 5)}
        assert await fetch_watched_ids(rx, GUILD) == {70, 71}


async def test_who_starred_replaces_who_did_so_far(database: Database) -> None:
    async with database.write() as tx:
        await update_stars(tx, GUILD, 1, 70, {1, 2})
        await update_stars(tx, GUILD, 1, 71, {1})
        await update_stars(tx, GUILD, 1, 70, {2, 3})
        rows = await tx.fetch_all("SELECT message_id, user_id FROM starboard_stars ORDER BY 1, 2")
    assert rows == [(70, 2), (70, 3), (71, 1)]


async def test_a_forgotten_entry_takes_its_stars_along_and_no_others(database: Database) -> None:
    await store(database, ENTRY, replace(ENTRY, message_id=71))
    async with database.write() as tx:
        await update_stars(tx, GUILD, 1, 70, {1})
        await update_stars(tx, GUILD, 1, 71, {1})
        await delete_entry(tx, ENTRY)
        assert await fetch_watched_ids(tx, GUILD) == {71}
        assert await tx.fetch_all("SELECT message_id FROM starboard_stars") == [(71,)]


async def test_a_tombstone_holds_for_its_board_only(database: Database) -> None:
    await store(database, BOARD, replace(BOARD, board_id=2))
    async with database.write() as tx:
        await insert_tombstone(tx, GUILD, 2, 70)
        await insert_tombstone(tx, GUILD, 2, 70)
        assert await fetch_tombstones(tx, GUILD, 70) == {2}
        assert await fetch_tombstones(tx, GUILD, 71) == set()


async def test_only_what_was_on_a_board_leaves_a_tombstone_when_monitoring_ends(database: Database) -> None:
    never = replace(ENTRY, message_id=71)
    fresh = replace(POSTED, message_id=72, post_id=702, recorded_at_ms=2_000)
    under_way = replace(ENTRY, message_id=73, state=EntryState.POSTING, generation=1)
    await store(database, BOARD, POSTED, never, fresh, under_way)
    async with database.write() as tx:
        await update_stars(tx, GUILD, 1, 70, {1, 2})
        assert await delete_expired_entries(tx, 2_000, 100) == [GUILD] * 2
        assert await fetch_watched_ids(tx, GUILD) == {72, 73}
        assert await fetch_tombstones(tx, GUILD, 70) == {1}
        assert await fetch_tombstones(tx, GUILD, 71) == set()
        assert await tx.fetch_all("SELECT * FROM starboard_stars") == []


async def test_monitoring_ends_in_steps(database: Database) -> None:
    await store(database, *(replace(ENTRY, message_id=number) for number in range(5)))
    async with database.write() as tx:
        assert await delete_expired_entries(tx, 2_000, 3) == [GUILD] * 3
        assert await delete_expired_entries(tx, 2_000, 3) == [GUILD] * 2
        assert await delete_expired_entries(tx, 2_000, 3) == []


async def test_a_board_goes_in_steps_and_no_other_with_it(database: Database) -> None:
    kept = replace(BOARD, board_id=2)
    await store(database, BOARD, kept, ENTRY, replace(ENTRY, message_id=71), replace(ENTRY, board_id=2))
    async with database.write() as tx:
        for board_id in (1, 2):
            await update_stars(tx, GUILD, board_id, 70, {1, 2})
            await insert_tombstone(tx, GUILD, board_id, 99)
        assert await fetch_starboard_amounts(tx, GUILD, 1) == StarboardAmounts(1, 2, 2, 1)
        assert await fetch_starboard_amounts(tx, GUILD) == StarboardAmounts(2, 3, 4, 2)
        steps = []
        while deleted := await delete_board_step(tx, GUILD, 1, 1):
            steps.append(deleted)
        assert steps == [1] * 5
        assert await delete_board(tx, GUILD, 1)
        assert not await delete_board(tx, GUILD, 1)
        assert await fetch_starboard_amounts(tx, GUILD) == StarboardAmounts(1, 1, 2, 1)


async def test_all_data_of_a_guild_goes_and_nothing_of_another(database: Database) -> None:
    for guild_id in (GUILD, ELSEWHERE):
        await store(database, replace(BOARD, guild_id=guild_id), replace(ENTRY, guild_id=guild_id))
        async with database.write() as tx:
            await update_stars(tx, guild_id, 1, 70, {1})
            await insert_tombstone(tx, guild_id, 1, 99)
    async with database.write() as tx:
        await delete_starboard_data(tx, GUILD)
        assert await fetch_starboard_amounts(tx, GUILD) == StarboardAmounts()
        assert await fetch_starboard_amounts(tx, ELSEWHERE) == StarboardAmounts(1, 1, 1, 1)


async def test_no_table_of_the_starboard_is_forgotten(database: Database) -> None:
    async with database.read() as rx:
        tables = await fetch_guild_tables(rx)
    assert {table for table in tables if table.startswith("starboard")} == set(STARBOARD_TABLES)


async def test_tops_count_what_is_on_the_board_and_name_nobody_who_opted_out(database: Database) -> None:
    await store(
        database,
        BOARD,
        POSTED,
        replace(POSTED, message_id=71, post_id=701, stars=6),
        replace(POSTED, message_id=72, post_id=702, stars=5, author_id=8),
        replace(POSTED, message_id=73, post_id=703, stars=9, author_id=None),
        replace(ENTRY, message_id=74, stars=20),
        replace(POSTED, board_id=2, stars=30),
    )
    async with database.write() as tx:
        await update_stars(tx, GUILD, 1, 70, {1, 2})
        await update_stars(tx, GUILD, 1, 71, {2})
    async with database.read() as rx:
        messages = await fetch_top_messages(rx, GUILD, 1, 2)
        receivers = await fetch_top_receivers(rx, GUILD, 1, 10)
        givers = await fetch_top_givers(rx, GUILD, 1, 10)
    assert messages == [StarredMessage(5, 73, None, 9), StarredMessage(5, 71, 9, 6)]
    assert receivers == [StarredPerson(9, 10, 2), StarredPerson(8, 5, 1)]
    assert givers == [StarredPerson(2, 2, 2), StarredPerson(1, 1, 1)]


async def test_messages_of_a_thread_are_found_by_its_channel_once_that_is_known(database: Database) -> None:
    await store(database, replace(ENTRY, parent_id=4), replace(ENTRY, stars=2))
    async with database.read() as rx:
        assert await fetch_places_of_channel(rx, GUILD, 4) == [(70, 5)]
        assert (await fetch_entries(rx, GUILD, 70))[1].parent_id == 4
