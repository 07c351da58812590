"""Downtimes, as they are stored."""

from storage.database import Database
from storage.statistics.downtimes import Downtime, Reason, fetch_last_absence_ms, insert_downtimes
from tests.storage.rows import ELSEWHERE, GUILD


async def test_the_last_absence_is_that_of_the_guild_whatever_else_was_missing(database: Database) -> None:
    async with database.write() as tx:
        assert await fetch_last_absence_ms(tx, GUILD) is None
        await insert_downtimes(
            tx,
            [
                (GUILD, Downtime(100, 900, Reason.AWAY)),
                (GUILD, Downtime(300, 301, Reason.AWAY)),
                (GUILD, Downtime(500, 600, Reason.OVERFLOW)),
                (ELSEWHERE, Downtime(700, 800, Reason.AWAY)),
            ],
        )
        assert await fetch_last_absence_ms(tx, GUILD) == 300
