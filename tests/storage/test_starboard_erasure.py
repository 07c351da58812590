"""A person's stars and authorship are erased; how many stars there are, and who else gave them, stays."""

from typing import Any

import pytest

from storage import starboard_erasure
from storage.database import Database
from storage.starboard import fetch_entries, update_stars, upsert_entry
from storage.starboard_erasure import FIRST, StarboardReferences, count_starboard_references
from storage.starboard_records import Entry, EntryState
from storage.starboard_tops import fetch_top_givers, fetch_top_receivers

GUILD, ELSEWHERE = 100, 200
ERASED = 2**60 + 1
OTHER = 7
BOARD = 1


@pytest.fixture
async def filled(database: Database) -> Database:
    """Five messages, two by the person, who has starred the other three, in each of two guilds."""
    async with database.write() as tx:
        for guild_id in (GUILD, ELSEWHERE):
            for message_id in range(1, 6):
                is_theirs = message_id <= 2
                author_id = ERASED if is_theirs else OTHER
                entry = Entry(
                    guild_id,
                    BOARD,
                    message_id,
                    5,
                    author_id,
                    1_000,
                    EntryState.POSTED,
                    1,
                    3,
                    6,
                    message_id + 50,
                )
                await upsert_entry(tx, entry)
                givers = {11, 12, 13} if is_theirs else {11, 12, ERASED}
                await update_stars(tx, guild_id, BOARD, message_id, givers)
    return database


async def erase(database: Database) -> list[int]:
    """Erase in steps of two, and return how many rows each changed."""
    changed = []
    for fetch, forget in (
        (starboard_erasure.fetch_stars_of_user, starboard_erasure.delete_stars_of_user),
        (starboard_erasure.fetch_entries_of_author, starboard_erasure.erase_author),
    ):
        after = FIRST
        while True:
            async with database.read() as rx:
                places = await fetch(rx, GUILD, ERASED, after, 2)
            if not places:
                break
            async with database.write() as tx:
                changed.append(await forget(tx, GUILD, ERASED, places))
            after = places[-1]
    return changed


async def rows_of(database: Database, guild_id: int) -> list[Any]:
    async with database.read() as rx:
        return [
            await rx.fetch_all(f"SELECT * FROM {table} WHERE guild_id = {guild_id}")
            for table in ("starboard_stars", "starboard_entries")
        ]


async def test_the_person_is_found_and_then_nowhere(filled: Database) -> None:
    async with filled.read() as rx:
        assert await count_starboard_references(rx, GUILD, ERASED) == StarboardReferences(stars=3, entries=2)
    assert await erase(filled) == [2, 1, 2]
    async with filled.read() as rx:
        assert await count_starboard_references(rx, GUILD, ERASED) == StarboardReferences(0, 0)
    assert str(ERASED) not in str(await rows_of(filled, GUILD))


async def test_entries_keep_their_posts_and_their_stars(filled: Database) -> None:
    await erase(filled)
    async with filled.read() as rx:
        (entry,) = (await fetch_entries(rx, GUILD, 1)).values()
    assert (entry.author_id, entry.stars, entry.post_id) == (None, 3, 51)


async def test_the_others_are_ranked_as_before(filled: Database) -> None:
    async with filled.read() as rx:
        before = await fetch_top_givers(rx, GUILD, BOARD, 10), await fetch_top_receivers(rx, GUILD, BOARD, 10)
    await erase(filled)
    async with filled.read() as rx:
        after = await fetch_top_givers(rx, GUILD, BOARD, 10), await fetch_top_receivers(rx, GUILD, BOARD, 10)
    assert after == tuple([one for one in ranking if one.user_id != ERASED] for ranking in before)


async def test_another_guild_is_not_touched(filled: Database) -> None:
    before = await rows_of(filled, ELSEWHERE)
    await erase(filled)
    assert await rows_of(filled, ELSEWHERE) == before
