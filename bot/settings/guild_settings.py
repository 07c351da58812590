"""The settings that hold for everything that the bot does in a server: timezone, language, log channel."""

import asyncio
from typing import Final, Literal
from weakref import WeakValueDictionary

import discord
from pydantic import BaseModel, ConfigDict

from bot.errors import ConflictError
from bot.recorder import Recorder
from bot.settings.fields import FieldKind, SettingField
from bot.snowflakes import Snowflake
from bot.text.dates import timezone_named
from bot.text.language import N_, Language, _, language_of_locale
from storage.database import Database
from storage.guild_settings import StoredGuildSettings, fetch_all_guild_settings, update_guild_settings

CHANGED_MEANWHILE: Final = N_(
    "Somebody else changed these settings in the meantime, so nothing was saved; this is how they are now."
)


class GuildSettings(BaseModel):
    """What a server has set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timezone: str = "UTC"
    """An IANA name."""
    language: Literal["en", "nl", "de"] | None = None
    """None follows the language that the server has set at Discord."""
    log_channel_id: Snowflake | None = None


GUILD_FIELDS: Final = (
    SettingField(
        name="timezone",
        label=N_("Timezone"),
        about=N_("Days begin at midnight there, from now on; times are shown in it."),
        kind=FieldKind.NAME,
        form="timezone",
    ),
    SettingField(
        name="language",
        label=N_("Language"),
        about=N_("What everybody reads comes in it; what only you see comes in yours."),
        kind=FieldKind.CHOICE,
        choices={None: N_("As set at Discord"), **{each.value: each.title for each in Language}},
    ),
    SettingField(
        name="log_channel_id",
        label=N_("Log channel"),
        about=N_("Every change of settings is told there, with who and what."),
        kind=FieldKind.CHANNEL,
    ),
)


class GuildSettingsBook:
    """The settings of every server, in memory: each public message asks for the language."""

    def __init__(self, database: Database, recorder: Recorder) -> None:
        self._database = database
        self._recorder = recorder
        self._stored: dict[int, StoredGuildSettings] = {}
        self._saving: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def open(self) -> None:
        """Load them."""
        async with self._database.read() as rx:
            self._stored = await fetch_all_guild_settings(rx)

    def settings_of(self, guild_id: int) -> GuildSettings:
        """Return the settings, those of a new server where nothing was chosen."""
        stored = self._stored.get(guild_id, StoredGuildSettings())
        return GuildSettings.model_validate(
            {
                "timezone": stored.timezone,
                "language": stored.language,
                "log_channel_id": stored.log_channel_id,
            }
        )

    def version_of(self, guild_id: int) -> int:
        """Return the version of the settings; it goes back with a save."""
        return self._stored.get(guild_id, StoredGuildSettings()).version

    def language_of(self, guild_id: int, preferred_locale: str) -> Language:
        """Return the language for everybody there; `preferred_locale` is what the server has set at Discord."""
        chosen = self._stored.get(guild_id, StoredGuildSettings()).language
        return Language(chosen) if chosen else language_of_locale(preferred_locale) or Language.ENGLISH

    def language_for(self, guild: discord.Guild) -> Language:
        """Return the language of what everybody in the guild reads."""
        return self.language_of(guild.id, guild.preferred_locale.value)

    def log_channel_id_of(self, guild_id: int) -> int | None:
        """Return the channel in which changes of settings are told."""
        return self._stored.get(guild_id, StoredGuildSettings()).log_channel_id

    async def save(self, guild_id: int, settings: GuildSettings, expected_version: int) -> GuildSettings:
        """Store the settings and return those of before.

        Raises ConflictError when somebody else saved since they were read, and UnprocessableEntityError for a timezone
        that does not exist. A new timezone holds from now on: days that are over stay what they were.
        """
        timezone_named(settings.timezone)
        async with self._saving.setdefault(guild_id, asyncio.Lock()):
            before = self.settings_of(guild_id)
            async with self._database.write() as tx:
                if not await update_guild_settings(
                    tx, guild_id, settings.language, settings.log_channel_id, expected_version
                ):
                    raise ConflictError(_(CHANGED_MEANWHILE))
            timezone = before.timezone
            try:
                if settings.timezone != timezone:
                    await self._recorder.change_timezone(guild_id, settings.timezone)
                    timezone = settings.timezone
            finally:
                # Only now the new version is seen: a save that began in between must not bring the old timezone back.
                self._stored[guild_id] = StoredGuildSettings(
                    timezone, settings.language, settings.log_channel_id, expected_version + 1
                )
            return before

    def forget(self, guild_id: int) -> None:
        """Drop what is in memory of a server whose data was deleted."""
        self._stored.pop(guild_id, None)
