"""Modules that are enabled per guild, and settings that nobody overwrites unseen."""

import sqlite3

import pytest

from storage.database import Database
from storage.guild_modules import (
    StoredModule,
    delete_module,
    fetch_enabled_guild_ids,
    fetch_module,
    insert_module,
    update_module_settings,
)
from tests.storage.rows import ELSEWHERE, GUILD

MODULE = "invite_tracker"


async def test_a_module_is_stored_with_its_settings_until_it_is_deleted(database: Database) -> None:
    async with database.write() as tx:
        assert await fetch_module(tx, GUILD, MODULE) is None
        await insert_module(tx, GUILD, MODULE, 500, '{"a":1}')
        await insert_module(tx, ELSEWHERE, MODULE, 600, "{}")
        await insert_module(tx, GUILD, "serverstats", 700, "{}")
        assert await fetch_module(tx, GUILD, MODULE) == StoredModule(500, '{"a":1}', 1)
        assert await fetch_enabled_guild_ids(tx, MODULE) == [GUILD, ELSEWHERE]
        await delete_module(tx, GUILD, MODULE)
        assert await fetch_module(tx, GUILD, MODULE) is None
        assert await fetch_module(tx, GUILD, "serverstats") is not None
        assert await fetch_enabled_guild_ids(tx, MODULE) == [ELSEWHERE]


async def test_a_module_cannot_be_enabled_twice(database: Database) -> None:
    async with database.write() as tx:
        await insert_module(tx, GUILD, MODULE, 500, "{}")
        with pytest.raises(sqlite3.IntegrityError):
            await insert_module(tx, GUILD, MODULE, 600, "{}")


async def test_a_save_that_rests_on_an_older_version_is_refused(database: Database) -> None:
    async with database.write() as tx:
        await insert_module(tx, GUILD, MODULE, 500, "old")
        await insert_module(tx, ELSEWHERE, MODULE, 500, "old")
        assert await update_module_settings(tx, GUILD, MODULE, "first", 1)
        assert not await update_module_settings(tx, GUILD, MODULE, "second", 1)
        assert await fetch_module(tx, GUILD, MODULE) == StoredModule(500, "first", 2)
        assert await update_module_settings(tx, GUILD, MODULE, "second", 2)
        assert await fetch_module(tx, GUILD, MODULE) == StoredModule(500, "second", 3)
        assert await fetch_module(tx, ELSEWHERE, MODULE) == StoredModule(500, "old", 1)


async def test_settings_of_a_module_that_is_not_enabled_are_not_saved(database: Database) -> None:
    async with database.write() as tx:
        assert not await update_module_settings(tx, GUILD, MODULE, "first", 1)
        assert await fetch_module(tx, GUILD, MODULE) is None
