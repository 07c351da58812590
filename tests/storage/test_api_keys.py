"""The keys of the HTTP API as they are stored."""

from dataclasses import replace

from storage.api_keys import (
    KeyUse,
    StoredApiKey,
    delete_api_key,
    fetch_all_api_keys,
    insert_api_key,
    update_api_keys_without_creator,
    update_last_uses,
)
from storage.database import Database
from tests.storage.rows import ELSEWHERE, GUILD

KEY = StoredApiKey(
    guild_id=GUILD,
    key_id=1,
    name="website",
    key_hash="ab" * 32,
    rights=("read", "write"),
    created_by_user_id=7,
    created_at_ms=1_000,
)
SECOND = replace(KEY, key_id=2, name="second", rights=("read",))
FOREIGN = replace(KEY, guild_id=ELSEWHERE, key_id=3)


async def store(database: Database, *keys: StoredApiKey) -> None:
    async with database.write() as tx:
        for key in keys:
            await insert_api_key(tx, key)


async def stored(database: Database) -> list[StoredApiKey]:
    async with database.read() as rx:
        return await fetch_all_api_keys(rx)


async def test_a_key_comes_back_as_it_was_stored(database: Database) -> None:
    await store(database, FOREIGN, SECOND, KEY)
    assert await stored(database) == [KEY, SECOND, FOREIGN]


async def test_only_the_key_that_is_meant_is_deleted(database: Database) -> None:
    await store(database, KEY, SECOND, replace(FOREIGN, key_id=KEY.key_id))
    async with database.write() as tx:
        await delete_api_key(tx, GUILD, KEY.key_id)
        await delete_api_key(tx, GUILD, 99)
    assert await stored(database) == [SECOND, replace(FOREIGN, key_id=KEY.key_id)]


async def test_many_uses_are_noted_at_once_each_at_its_key(database: Database) -> None:
    keys = [replace(KEY, key_id=number) for number in range(300)]
    await store(database, *keys, FOREIGN)
    uses = [KeyUse(GUILD, number, 5_000 + number) for number in range(0, 300, 2)]
    async with database.write() as tx:
        await update_last_uses(tx, uses)
    used = {use.key_id: use.used_at_ms for use in uses}
    assert await stored(database) == [
        *(replace(key, last_used_at_ms=used.get(key.key_id)) for key in keys),
        FOREIGN,
    ]


async def test_the_use_of_a_key_that_is_gone_does_not_bring_it_back(database: Database) -> None:
    async with database.write() as tx:
        await update_last_uses(tx, [KeyUse(GUILD, 1, 5_000)])
        await update_last_uses(tx, [])
    assert await stored(database) == []


async def test_who_made_keys_is_forgotten_in_one_guild_and_the_keys_stay(database: Database) -> None:
    by_somebody_else = replace(SECOND, created_by_user_id=8)
    await store(database, KEY, by_somebody_else, FOREIGN)
    async with database.write() as tx:
        assert await update_api_keys_without_creator(tx, GUILD, 7) == 1
    assert await stored(database) == [replace(KEY, created_by_user_id=None), by_somebody_else, FOREIGN]
