"""What a guild has chosen for everything that the bot does there."""

from storage.database import Database
from storage.guild_settings import StoredGuildSettings, fetch_all_guild_settings, update_guild_settings
from storage.guilds import upsert_guild_timezone


async def test_a_save_is_refused_when_another_one_came_first(database: Database) -> None:
    async with database.write() as tx:
        assert await update_guild_settings(tx, 1, "nl", 5, 0)
        assert not await update_guild_settings(tx, 1, "de", None, 0)
        assert await update_guild_settings(tx, 1, "de", None, 1)
        await upsert_guild_timezone(tx, 1, "Asia/Tokyo")
    async with database.read() as rx:
        assert await fetch_all_guild_settings(rx) == {1: StoredGuildSettings("Asia/Tokyo", "de", None, 2)}


async def test_a_guild_without_choices_has_those_of_a_new_one(database: Database) -> None:
    async with database.write() as tx:
        await upsert_guild_timezone(tx, 1, "UTC")
    async with database.read() as rx:
        assert await fetch_all_guild_settings(rx) == {1: StoredGuildSettings()}
        assert not await rx.fetch_all("SELECT 1 FROM guild_settings")
