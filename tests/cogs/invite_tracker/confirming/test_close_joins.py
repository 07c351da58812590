"""Joins that lie close to each other: of one member who came back at once, and of hundreds in a raid."""

from dataclasses import replace
from typing import Any

from cogs.invite_tracker.confirming.recording import record_findings
from storage.confirmations import fetch_unconfirmed_joins
from storage.database import Database, WriteTransaction
from tests.cogs.invite_tracker.confirming.test_recording import (
    AMBIGUOUS,
    NOW_MS,
    PACE,
    by,
    expect,
    find,
    nobody,
)
from tests.storage.rows import GUILD


async def test_what_the_index_says_of_the_join_before_is_not_taken_for_the_next(database: Database) -> None:
    """Who leaves and comes back at once is in the index as they came first, for a while."""
    first = replace(AMBIGUOUS, left_at_ms=1_300)
    second = replace(AMBIGUOUS, join_id=2 << 20, joined_at_ms=1_800)
    async with database.write() as tx:
        await expect(tx, first, second)
        assert (await find(tx, by("a", joined_at_ms=1_000), tolerance_ms=1_000)).repairs == ()
        [repair] = (await find(tx, by("b", joined_at_ms=1_800), tolerance_ms=1_000)).repairs
        assert (repair.after.join_id, repair.after.code) == (second.join_id, "b")


async def test_in_a_raid_the_joins_around_are_read_once_for_an_answer(database: Database) -> None:
    """They are thousands then, and each was read for each of ten repairs while everybody waited for the writer."""
    joins = [replace(AMBIGUOUS, join_id=number << 20, member_id=number) for number in range(1, 31)]
    async with database.write() as tx:
        await expect(tx, *joins)
        asked = await fetch_unconfirmed_joins(tx, GUILD, NOW_MS, 10)
        counting = CountingTransaction(tx)
        findings = {one.join_id >> 20: by("b", one.join_id >> 20) for one in asked}
        confirmed = await record_findings(
            counting,
            GUILD,
            asked,
            findings,
            pace=PACE,
            now_ms=NOW_MS,
            tolerance_ms=0,
            is_opted_out=nobody,
        )
    assert len(confirmed.repairs) == len(asked) == 10
    assert sum("certainty = 'ambiguous'" in sql for sql in counting.read) == 1


class CountingTransaction(WriteTransaction):
    """A transaction that notes what is read in it."""

    def __init__(self, tx: WriteTransaction) -> None:
        super().__init__(tx._open)
        self.read: list[str] = []

    async def fetch_all(self, sql: str, parameters: Any = ()) -> list[Any]:
        self.read.append(sql)
        return await super().fetch_all(sql, parameters)
