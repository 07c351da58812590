"""Transactions: all or nothing, whatever fails and whenever the caller is cancelled."""

import asyncio
import sqlite3
import threading
from collections.abc import Coroutine, Generator
from pathlib import Path
from typing import Any

import pytest

from storage.database import Database, ReadTransaction, WriteTransaction
from storage.guilds import upsert_guild_present
from storage.heartbeats import fetch_oldest_heartbeat_ms, upsert_heartbeats

SECONDS_AT_MOST = 20
SUSPENSIONS_AT_MOST = 60


class Cancelling:
    """Runs a coroutine in the current task, which it cancels where the coroutine is suspended for the n-th time.

    The task is cancelled as it waits for something, exactly as `Task.cancel` from elsewhere would have it.
    """

    def __init__(self, work: Coroutine[Any, Any, None], at: int, *, again: bool) -> None:
        self._work = work
        self._at = at
        self._again = again
        self.was_cancelled = False

    def __await__(self) -> Generator[Any, Any, None]:
        steps = self._work.__await__()
        suspended = 0
        error: BaseException | None = None
        while True:
            try:
                waited_for = next(steps) if error is None else steps.throw(error)
            except StopIteration:
                return
            error = None
            if suspended == self._at or (self._again and suspended > self._at):
                self.was_cancelled = True
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            suspended += 1
            try:
                yield waited_for
            except BaseException as caught:
                error = caught


async def insert_pair(database: Database, first_shard_id: int) -> None:
    async with database.write() as tx:
        await upsert_heartbeats(tx, {first_shard_id: 1})
        await upsert_heartbeats(tx, {first_shard_id + 1: 1})


async def fetch_shard_ids(database: Database) -> set[int]:
    async with database.read() as rx:
        return {shard_id for (shard_id,) in await rx.fetch_all("SELECT shard_id FROM heartbeats")}


@pytest.mark.parametrize("again", [False, True], ids=["once", "again and again"])
async def test_a_write_that_is_cancelled_at_any_await_leaves_all_or_nothing_and_a_usable_writer(
    database: Database, again: bool
) -> None:
    outcomes: list[tuple[bool, bool]] = []
    for at in range(SUSPENSIONS_AT_MOST):
        cancelling = Cancelling(insert_pair(database, 10 * at), at, again=again)

        async def run(work: Cancelling = cancelling) -> None:
            await work

        task = asyncio.create_task(run())
        await asyncio.wait({task}, timeout=SECONDS_AT_MOST)
        assert task.done()
        assert task.cancelled() == cancelling.was_cancelled
        assert not database._writer.in_transaction, "the transaction must have ended before its block has"
        async with asyncio.timeout(SECONDS_AT_MOST):
            await insert_pair(database, 10 * at + 5)
        ids = await fetch_shard_ids(database)
        assert {10 * at + 5, 10 * at + 6} <= ids
        pair = {10 * at, 10 * at + 1}
        assert pair <= ids or pair.isdisjoint(ids)
        outcomes.append((cancelling.was_cancelled, pair <= ids))
        if not cancelling.was_cancelled:
            break
    assert (True, False) in outcomes
    assert outcomes[-1] == (False, True), "the last run must have come through without a cancellation"


async def test_a_read_that_is_cancelled_at_any_await_gives_its_connection_back(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "headcount.sqlite3", now_ms=1, readers=1)
    try:
        for at in range(SUSPENSIONS_AT_MOST):

            async def read_twice() -> None:
                async with database.read() as rx:
                    await fetch_oldest_heartbeat_ms(rx)
                    await fetch_oldest_heartbeat_ms(rx)

            cancelling = Cancelling(read_twice(), at, again=False)

            async def run(work: Cancelling = cancelling) -> None:
                await work

            task = asyncio.create_task(run())
            await asyncio.wait({task}, timeout=SECONDS_AT_MOST)
            async with asyncio.timeout(SECONDS_AT_MOST):
                assert await fetch_shard_ids(database) == set()
            if not cancelling.was_cancelled:
                break
        assert not cancelling.was_cancelled
    finally:
        await database.close()


async def test_a_writer_that_is_cancelled_while_it_waits_for_its_turn_does_not_take_it(
    database: Database,
) -> None:
    async with database.write():
        waiting = asyncio.create_task(insert_pair(database, 1))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
    assert waiting.cancelled()
    await insert_pair(database, 5)
    assert await fetch_shard_ids(database) == {5, 6}


async def test_a_row_that_was_rolled_back_is_not_saved_by_the_next_commit(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.write() as tx:
            await upsert_heartbeats(tx, {1: 1})
            raise LookupError

    with pytest.raises(LookupError):
        await write_and_fail()
    await insert_pair(database, 5)
    assert await fetch_shard_ids(database) == {5, 6}


async def test_a_failing_statement_rolls_back_the_whole_transaction(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.write() as tx:
            await upsert_heartbeats(tx, {1: 1})
            await tx.execute("INSERT INTO heartbeats (shard_id, beat_at_ms) VALUES (1, 1)")

    with pytest.raises(sqlite3.IntegrityError):
        await write_and_fail()
    assert await fetch_shard_ids(database) == set()
    await insert_pair(database, 5)


async def test_a_full_disk_rolls_back_and_writing_goes_on_once_there_is_space(database: Database) -> None:
    async def fill(text: str) -> None:
        async with database.write() as tx:
            await upsert_heartbeats(tx, {1: 1})
            await tx.execute(
                "INSERT INTO guild_modules (guild_id, module, enabled_at_ms, settings) VALUES (1, 'm', 1, ?)",
                (text,),
            )

    async with database.write() as tx:
        pages = await tx.fetch_one("PRAGMA page_count")
        assert pages is not None
        await tx.fetch_all(f"PRAGMA max_page_count = {pages[0] + 2}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        await fill("x" * 1_000_000)
    assert await fetch_shard_ids(database) == set()
    async with database.write() as tx:
        await tx.fetch_all("PRAGMA max_page_count = 100000")
    await fill("x" * 1_000_000)
    assert await fetch_shard_ids(database) == {1}


async def test_writers_take_turns_for_their_whole_transactions(database: Database) -> None:
    async def count_up() -> None:
        async with database.write() as tx:
            before = await fetch_oldest_heartbeat_ms(tx) or 0
            await upsert_heartbeats(tx, {0: before + 1})

    await asyncio.gather(*(count_up() for _ in range(20)))
    async with database.read() as rx:
        assert await fetch_oldest_heartbeat_ms(rx) == 20


async def test_what_is_read_in_one_block_is_of_one_moment(database: Database) -> None:
    async with database.read() as rx:
        assert await fetch_oldest_heartbeat_ms(rx) is None
        await insert_pair(database, 1)
        assert await fetch_oldest_heartbeat_ms(rx) is None
    assert await fetch_shard_ids(database) == {1, 2}


async def test_more_readers_than_connections_wait_for_each_other(database: Database) -> None:
    async with asyncio.timeout(SECONDS_AT_MOST):
        found = await asyncio.gather(*(fetch_shard_ids(database) for _ in range(20)))
    assert found == [set()] * 20


async def test_a_reading_connection_refuses_to_write(database: Database) -> None:
    async with database.read() as rx:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await rx.fetch_all("INSERT INTO heartbeats (shard_id, beat_at_ms) VALUES (1, 1) RETURNING 1")


async def test_a_transaction_is_unusable_after_its_block(database: Database) -> None:
    async with database.write() as tx, database.read() as rx:
        kept: tuple[WriteTransaction, ReadTransaction] = (tx, rx)
    with pytest.raises(RuntimeError, match="ended"):
        await kept[0].execute("DELETE FROM heartbeats")
    with pytest.raises(RuntimeError, match="ended"):
        await kept[1].fetch_one("SELECT 1")


async def test_closing_waits_for_the_transaction_under_way_and_then_refuses_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "headcount.sqlite3"
    database = await Database.open(path, now_ms=1)
    async with database.write() as tx:
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0)
        await upsert_heartbeats(tx, {1: 1})
    await closing
    await database.close()

    async def read() -> None:
        async with database.read():
            pass

    with pytest.raises(RuntimeError, match="closed"):
        await insert_pair(database, 5)
    with pytest.raises(RuntimeError, match="closed"):
        await read()
    again = await Database.open(path, now_ms=2)
    try:
        assert await fetch_shard_ids(again) == {1}
    finally:
        await again.close()


async def test_closing_ends_every_thread_that_opening_began(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    database = await Database.open(tmp_path / "headcount.sqlite3", now_ms=1, readers=3)
    connections = [thread for thread in set(threading.enumerate()) - before if not thread.daemon]
    await database.close()
    # The pool's threads of `asyncio.to_thread` are idle, not ours to end: they have a name of their own.
    ours = [thread for thread in connections if not thread.name.startswith("asyncio_")]
    assert len(ours) == 4
    for thread in ours:
        await asyncio.to_thread(thread.join, SECONDS_AT_MOST)
        assert not thread.is_alive()


async def test_writes_are_flushed_to_the_disk_and_foreign_keys_hold(database: Database) -> None:
    async with database.write() as tx:
        assert await tx.fetch_one("PRAGMA journal_mode") == ("wal",)
        assert await tx.fetch_one("PRAGMA synchronous") == (2,)
        assert await tx.fetch_one("PRAGMA foreign_keys") == (1,)


async def test_check_finds_nothing_in_a_sound_file(database: Database) -> None:
    await insert_pair(database, 1)
    assert await database.check() == ()


async def change_schema(database: Database, change: str) -> None:
    """Damage a file in a way with which it can still be opened; the other connections notice by the number."""
    async with database.write() as tx:
        await tx.fetch_all("PRAGMA writable_schema = ON")
        await tx.execute(f"UPDATE sqlite_master SET {change}")
        await tx.fetch_all("PRAGMA schema_version = 1000")


async def test_check_names_a_row_that_breaks_the_schema(database: Database) -> None:
    async with database.write() as tx:
        await upsert_guild_present(tx, [1])
    await change_schema(
        database,
        "sql = REPLACE(sql, 'departed_at_ms BIGINT', 'departed_at_ms BIGINT NOT NULL') WHERE name = 'guilds'",
    )
    assert await database.check() == ("NULL value in guilds.departed_at_ms",)


async def test_check_reports_a_file_that_it_cannot_even_read(database: Database) -> None:
    await change_schema(database, "rootpage = 1 WHERE name = 'joins_of_member'")
    (problem,) = await database.check()
    assert "malformed" in problem
