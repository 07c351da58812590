"""A long page is the same as a short one, and is written without holding up everything else."""

import asyncio

import orjson
import pytest

from bot.web.envelope import RECORDS_PER_TURN, TOTAL_HEADER, bare_list, success, success_with_list
from bot.web.fields import Record


class NumberRecord(Record):
    number: int


def record_of(number: int) -> NumberRecord:
    return NumberRecord(number=number)


@pytest.mark.parametrize("length", [0, 1, RECORDS_PER_TURN, RECORDS_PER_TURN + 1, 3 * RECORDS_PER_TURN])
async def test_a_list_that_is_written_in_turns_is_the_same(length: int) -> None:
    items = list(range(length))
    answer = await success_with_list(items, record_of, total=7)
    whole = success([record_of(item) for item in items], total=7)
    assert (answer.body, answer.raw_headers) == (whole.body, whole.raw_headers)
    alone = await bare_list(items, record_of, total=7)
    assert orjson.loads(alone.body) == orjson.loads(answer.body)["data"]
    assert alone.headers[TOTAL_HEADER] == "7"


async def test_everything_else_has_its_turn_while_a_list_is_written() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await success_with_list(range(20 * RECORDS_PER_TURN), record_of, total=0)
    counting.cancel()
    assert turns >= 19


async def test_of_many_long_lists_at_once_no_more_is_written_in_a_turn_than_of_one() -> None:
    written, most = 0, 0

    def count(number: int) -> NumberRecord:
        nonlocal written
        written += 1
        return record_of(number)

    async def watch() -> None:
        nonlocal written, most
        while True:
            most, written = max(most, written), 0
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(success_with_list(range(5 * RECORDS_PER_TURN), count, total=0) for _ in range(10)))
    watching.cancel()
    assert 0 < most <= 2 * RECORDS_PER_TURN
