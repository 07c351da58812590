"""What all use cases share: the guild, and whether the module is enabled in it."""

import asyncio
from weakref import WeakValueDictionary

import discord

from bot.client import HeadcountClient
from bot.errors import ModuleDisabledError, SettingsError
from bot.text.language import Language, _
from cogs.invite_tracker.settings import MODULE
from cogs.invite_tracker.tracking.trackers import Tracking
from storage import guild_modules, guilds
from storage.database import ReadTransaction


class UseCases:
    """What every use case works with."""

    def __init__(self, client: HeadcountClient, tracking: Tracking) -> None:
        self._client = client
        self._tracking = tracking
        self._database = client.parts.database
        self._clock = client.parts.clock
        self._switching: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @property
    def bot_id(self) -> int:
        """Who the bot is at Discord; 0 before it knows."""
        user = self._client.user
        return 0 if user is None else user.id

    async def fetch_timezone(self, guild_id: int) -> str:
        """Return the IANA name of the guild's timezone."""
        async with self._database.read() as rx:
            return await guilds.fetch_guild_timezone(rx, guild_id)

    def _switch(self, guild_id: int) -> asyncio.Lock:
        """Return the lock of a guild: enabling must not begin before disabling has ended, nor the other way round."""
        return self._switching.setdefault(guild_id, asyncio.Lock())

    def _guild(self, guild_id: int) -> discord.Guild:
        guild = self._client.get_guild(guild_id)
        if guild is None:
            raise SettingsError(_("I am not in this server."))
        return guild

    def _language_of(self, guild: discord.Guild) -> Language:
        return self._client.parts.guild_settings.language_for(guild)

    async def _require_enabled(self, guild_id: int) -> guild_modules.StoredModule:
        """Return the module; raises SettingsError where the bot is not, ModuleDisabledError where it is not enabled."""
        self._guild(guild_id)
        async with self._database.read() as rx:
            return await self._require_enabled_in(rx, guild_id)

    async def _require_enabled_in(self, rx: ReadTransaction, guild_id: int) -> guild_modules.StoredModule:
        """Return the module as of this transaction; raises ModuleDisabledError.

        To be asked by what inserts rows: they would outlive the data of a module that was disabled a moment before.
        """
        module = await guild_modules.fetch_module(rx, guild_id, MODULE)
        if module is None:
            raise ModuleDisabledError(
                _(
                    "The invite tracker is not enabled in this server; "
                    "an admin can enable it with `/invite_tracker enable` or in `/settings`."
                )
            )
        return module

    async def _fetch_module(self, guild_id: int) -> guild_modules.StoredModule | None:
        async with self._database.read() as rx:
            return await guild_modules.fetch_module(rx, guild_id, MODULE)
