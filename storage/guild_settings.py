"""What a guild has chosen for everything that the bot does there."""

from dataclasses import dataclass

from storage.database import ReadTransaction, WriteTransaction
from storage.guilds import DEFAULT_TIMEZONE

_FETCH = """
SELECT guilds.guild_id, guilds.timezone, settings.language, settings.log_channel_id, COALESCE(settings.version, 0)
FROM guilds LEFT JOIN guild_settings AS settings ON settings.guild_id = guilds.guild_id
"""
_UPDATE = """
INSERT INTO guild_settings (guild_id, language, log_channel_id, version) VALUES (:guild_id, :language, :channel_id, 1)
ON CONFLICT (guild_id) DO UPDATE SET
    language = excluded.language, log_channel_id = excluded.log_channel_id, version = guild_settings.version + 1
WHERE guild_settings.version = :version
"""
_FETCH_VERSION = "SELECT version FROM guild_settings WHERE guild_id = ?"


@dataclass(frozen=True, slots=True)
class StoredGuildSettings:
    """The settings of a guild; their version is 0 while nothing was ever saved, and rises with every save."""

    timezone: str = DEFAULT_TIMEZONE
    """An IANA name."""
    language: str | None = None
    """An ISO 639 code; None follows what is set at Discord."""
    log_channel_id: int | None = None
    version: int = 0


async def fetch_all_guild_settings(rx: ReadTransaction) -> dict[int, StoredGuildSettings]:
    """Return the settings of all guilds that anything is stored of."""
    return {guild_id: StoredGuildSettings(*row) for guild_id, *row in await rx.fetch_all(_FETCH)}


async def update_guild_settings(
    tx: WriteTransaction,
    guild_id: int,
    language: str | None,
    log_channel_id: int | None,
    expected_version: int,
) -> bool:
    """Save language and log channel unless the version is another one than expected; return whether they were saved."""
    row = await tx.fetch_one(_FETCH_VERSION, (guild_id,))
    if (0 if row is None else row[0]) != expected_version:
        return False
    values = {"guild_id": guild_id, "language": language, "channel_id": log_channel_id}
    return await tx.execute(_UPDATE, values | {"version": expected_version}) == 1
