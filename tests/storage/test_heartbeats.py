"""Heartbeats: the shard that is furthest behind decides how far a restart looks back."""

from storage.database import Database
from storage.heartbeats import (
    delete_heartbeats_except,
    fetch_heartbeats,
    fetch_oldest_heartbeat_ms,
    upsert_heartbeats,
)


async def test_there_is_no_heartbeat_before_the_first(database: Database) -> None:
    async with database.read() as rx:
        assert await fetch_oldest_heartbeat_ms(rx) is None


async def test_the_oldest_heartbeat_is_that_of_the_shard_furthest_behind(database: Database) -> None:
    async with database.write() as tx:
        await upsert_heartbeats(tx, {0: 100, 1: 100})
        await upsert_heartbeats(tx, {1: 300})
        assert await fetch_oldest_heartbeat_ms(tx) == 100
        await upsert_heartbeats(tx, {0: 200})
        assert await fetch_oldest_heartbeat_ms(tx) == 200


async def test_each_shard_has_its_own_heartbeat(database: Database) -> None:
    async with database.write() as tx:
        assert await fetch_heartbeats(tx) == {}
        await upsert_heartbeats(tx, {0: 100, 1: 100})
        await upsert_heartbeats(tx, {1: 300})
        assert await fetch_heartbeats(tx) == {0: 100, 1: 300}


async def test_shards_that_are_gone_do_not_hold_the_heartbeat_back(database: Database) -> None:
    async with database.write() as tx:
        await upsert_heartbeats(tx, {0: 500, 1: 100, 2: 400})
        await delete_heartbeats_except(tx, [0, 2])
        assert await fetch_oldest_heartbeat_ms(tx) == 400
