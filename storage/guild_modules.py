"""The modules that are enabled per guild, with their settings."""

from dataclasses import dataclass

from storage.database import ReadTransaction, WriteTransaction

_INSERT = "INSERT INTO guild_modules (guild_id, module, enabled_at_ms, settings) VALUES (?, ?, ?, ?)"
_FETCH = (
    "SELECT enabled_at_ms, settings, settings_version FROM guild_modules WHERE guild_id = ? AND module = ?"
)
_FETCH_GUILD_IDS = "SELECT guild_id FROM guild_modules WHERE module = ? ORDER BY guild_id"
_UPDATE_SETTINGS = """
UPDATE guild_modules SET settings = ?, settings_version = settings_version + 1
WHERE guild_id = ? AND module = ? AND settings_version = ?
"""
_DELETE = "DELETE FROM guild_modules WHERE guild_id = ? AND module = ?"


@dataclass(frozen=True, slots=True)
class StoredModule:
    """A module that is enabled in a guild; `settings` is JSON, its version rises with every save."""

    enabled_at_ms: int
    settings: str
    settings_version: int


async def insert_module(
    tx: WriteTransaction, guild_id: int, module: str, enabled_at_ms: int, settings: str
) -> None:
    """Enable the module with these settings; raises sqlite3.IntegrityError when it is enabled already."""
    await tx.execute(_INSERT, (guild_id, module, enabled_at_ms, settings))


async def fetch_module(rx: ReadTransaction, guild_id: int, module: str) -> StoredModule | None:
    """Return the module as it is stored, None when it is not enabled."""
    row = await rx.fetch_one(_FETCH, (guild_id, module))
    return None if row is None else StoredModule(*row)


async def fetch_enabled_guild_ids(rx: ReadTransaction, module: str) -> list[int]:
    """Return the guilds in which the module is enabled."""
    return [guild_id for (guild_id,) in await rx.fetch_all(_FETCH_GUILD_IDS, (module,))]


async def update_module_settings(
    tx: WriteTransaction, guild_id: int, module: str, settings: str, expected_version: int
) -> bool:
    """Save the settings unless their version is another one than expected; return whether they were saved."""
    return await tx.execute(_UPDATE_SETTINGS, (settings, guild_id, module, expected_version)) == 1


async def delete_module(tx: WriteTransaction, guild_id: int, module: str) -> None:
    """Disable the module and forget its settings; its other data is its own business."""
    await tx.execute(_DELETE, (guild_id, module))
