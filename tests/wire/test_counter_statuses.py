"""Statuses of large servers on the wire: no number is shown before Discord has told all of them."""

from pathlib import Path
from typing import Any

import pytest

from bot.errors import DiscordRefusedError
from cogs.serverstats.counters.census import STATUSES_UNKNOWN
from tests.wire.harbour import Harbour, counters_alone, harbour

__all__ = ["counters_alone"]


def come_online(here: Harbour, people: int) -> None:
    for user_id in list(here.guild.members)[-people:]:
        here.world.set_presence(here.guild.id, user_id, "online")


async def test_a_list_that_discord_refuses_gives_no_number_and_is_asked_for_again(tmp_path: Path) -> None:
    async with harbour(tmp_path, crowd=2_000) as here:
        come_online(here, 50)
        await here.grow()
        first = await here.make(2)
        assert here.name_of(first) == "Online: 50"
        await here.service.delete(here.guild.id, first.counter_id)

        # At first the bot knows that it would be refused; a minute later it asks, and is refused.
        for _attempt in range(2):
            with pytest.raises(
                DiscordRefusedError, match="who is online in this large server; try again in a minute"
            ):
                await here.make(2)
            here.clock.pass_time(1)
        refusals = [entry for entry in here.world.transcript if entry[1] == "RATE_LIMITED"]
        assert len(refusals) == 1

        here.world.switches.chunk_window_s = None
        assert here.name_of(await here.make(2)) == "Online: 50"


async def test_a_counter_stands_still_and_says_why_until_all_statuses_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.serverstats.statistics.statuses.COMPLETE_TO", 1_000)
    async with harbour(tmp_path, crowd=2_000) as here:
        come_online(here, 50)
        await here.grow()
        counter = await here.make(2)
        await here.stop()
        come_online(here, 60)
        await here.start()

        await here.update()
        assert here.name_of(counter) == "Online: 50"
        assert here.module.troubles(here.guild.id) == (STATUSES_UNKNOWN,)

        here.world.switches.chunk_window_s = None
        await here.update(minutes=10)
        assert here.name_of(counter) == "Online: 60"
        assert here.module.troubles(here.guild.id) == ()


async def test_statuses_that_somebody_else_reads_already_are_asked_for_all_the_same(tmp_path: Path) -> None:
    async with harbour(tmp_path, crowd=2_000) as here:
        come_online(here, 50)
        await here.grow()
        board: Any = here.service._statuses
        board.watch(here.guild.id, "statistics")
        assert here.name_of(await here.make(2)) == "Online: 50"
