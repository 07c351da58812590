"""Polls on record."""

from dataclasses import replace

from storage.database import Database
from storage.polls import Poll, delete_polls, fetch_polls, upsert_polls
from tests.storage.rows import ELSEWHERE, GUILD

POLL = Poll(GUILD, 1, 5, 7, 9_000)


async def stored(database: Database) -> list[Poll]:
    async with database.read() as rx:
        return await fetch_polls(rx)


async def test_polls_are_stored_and_replaced(database: Database) -> None:
    other = replace(POLL, message_id=2, user_id=None, expires_at_ms=None)
    async with database.write() as tx:
        await upsert_polls(tx, [POLL, other])
    async with database.write() as tx:
        await upsert_polls(tx, [replace(POLL, user_id=None, expires_at_ms=3)])
    assert await stored(database) == [replace(POLL, user_id=None, expires_at_ms=3), other]


async def test_polls_are_deleted_one_by_one(database: Database) -> None:
    polls = [replace(POLL, message_id=number) for number in range(5)]
    elsewhere = replace(POLL, guild_id=ELSEWHERE, message_id=1)
    async with database.write() as tx:
        await upsert_polls(tx, [*polls, elsewhere])
        await delete_polls(tx, [(GUILD, 1), (GUILD, 3), (GUILD, 99)])
    assert await stored(database) == [polls[0], polls[2], polls[4], elsewhere]
