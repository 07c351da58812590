"""Arrivals: kept until they are decided, each once."""

from dataclasses import replace

from storage.arrivals import delete_arrivals, fetch_arrivals, insert_arrivals
from storage.database import Database
from tests.storage.rows import ELSEWHERE, GUILD, ORDINARY_ARRIVAL


async def test_arrivals_come_back_as_they_were_in_the_order_in_which_they_reached_us(
    database: Database,
) -> None:
    late = replace(ORDINARY_ARRIVAL, member_id=1, received_at_ms=3_000, is_bot=True)
    early = replace(ORDINARY_ARRIVAL, member_id=2, received_at_ms=2_000, is_rejoin=True, had_avatar=False)
    async with database.write() as tx:
        await insert_arrivals(tx, [late, early, replace(early, guild_id=ELSEWHERE)])
        assert await fetch_arrivals(tx, GUILD) == [early, late]


async def test_a_repeated_arrival_is_stored_once_as_it_came_first(database: Database) -> None:
    again = replace(ORDINARY_ARRIVAL, received_at_ms=9_000)
    later_join = replace(ORDINARY_ARRIVAL, joined_at_ms=5_000, received_at_ms=9_000)
    async with database.write() as tx:
        await insert_arrivals(tx, [ORDINARY_ARRIVAL, again])
        await insert_arrivals(tx, [again, later_join])
        assert await fetch_arrivals(tx, GUILD) == [ORDINARY_ARRIVAL, later_join]


async def test_only_the_named_arrivals_of_the_guild_are_deleted(database: Database) -> None:
    arrivals = [replace(ORDINARY_ARRIVAL, member_id=number) for number in range(1, 701)]
    elsewhere = replace(ORDINARY_ARRIVAL, guild_id=ELSEWHERE)
    async with database.write() as tx:
        await insert_arrivals(tx, [*arrivals, elsewhere])
        await delete_arrivals(
            tx, GUILD, [(arrival.member_id, arrival.joined_at_ms) for arrival in arrivals[:-1]]
        )
        await delete_arrivals(tx, GUILD, [(700, 999), (701, 1_000)])
        await delete_arrivals(tx, GUILD, [])
        assert await fetch_arrivals(tx, GUILD) == [arrivals[-1]]
        assert await fetch_arrivals(tx, ELSEWHERE) == [elsewhere]
