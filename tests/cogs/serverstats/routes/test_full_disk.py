"""While nothing can be stored, nothing is left at Discord either, however often a program tries again."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from cogs.serverstats.starboard.board_wishes import BoardWishes
from tests.cogs.serverstats.routes.outside import Outside

REFUSAL: Final = "503 DatabaseError! The database cannot be used at the moment; try again in a minute."


@contextmanager
def full_disk(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(outside.place.client.parts.database, "write", refuse)
        yield


@pytest.mark.parametrize(
    "changes",
    [{"counters_category_id": "create"}, {"starboard_channel": "create", "starboard_enabled": True}],
)
async def test_what_was_made_for_settings_is_taken_back(
    outside: Outside, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    with full_disk(outside, monkeypatch):
        for _attempt in range(2):
            assert await outside.put_refused(**changes) == REFUSAL


async def test_a_channel_that_a_board_should_move_to_is_taken_back(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await outside.starboard.create_board(
        outside.guild_id, BoardWishes(channel_id=outside.place.channel.id), turns_on=False
    )
    with full_disk(outside, monkeypatch):
        assert await outside.put_refused(starboard_channel="create") == REFUSAL


async def test_a_counter_leaves_neither_its_channel_nor_the_category_that_was_made_for_it(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(outside.world.channels)
    with full_disk(outside, monkeypatch):
        refusal = await outside.refused("POST", "/counters", counter_type=6, new_format="Members: <value>")
    assert refusal == REFUSAL
    assert set(outside.world.channels) == before
