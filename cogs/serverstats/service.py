"""The module itself: enabled or not, its settings, and what it stores. The parts have services of their own."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol
from weakref import WeakValueDictionary

import discord
from pydantic import ValidationError

from bot.client import HeadcountClient
from bot.errors import (
    ConflictError,
    ModuleDisabledError,
    ModuleEnabledError,
    SettingsError,
    UnprocessableEntityError,
)
from bot.modules import Job
from bot.settings.fields import describe_changes
from bot.settings.guild_settings import CHANGED_MEANWHILE
from bot.settings.pages import Component, Snapshot
from bot.text.language import _
from bot.text.numbers import format_number
from cogs.serverstats.settings import (
    IGNORED_MOST,
    MODULE,
    MODULE_TITLE,
    SERVERSTATS_FIELDS,
    ServerstatsSettings,
)
from storage import guild_modules
from storage.database import WriteTransaction

_log = logging.getLogger(__name__)

SAVE_ATTEMPTS = 5

Change = Callable[[ServerstatsSettings], ServerstatsSettings]
Listener = Callable[[int, ServerstatsSettings | None], None]
Amounts = tuple[str, ...]
"""What is stored and how much of it, in the language of the context: `**3** counters`."""


class ModulePart(Protocol):
    """A part of the module: statistics, counters, starboard."""

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The work that is done again and again."""
        ...

    async def open(self) -> None:
        """Begin to listen."""
        ...

    async def close(self) -> None:
        """Finish what is under way, while Discord can still be reached."""
        ...

    async def forget(self, guild_id: int) -> None:
        """Stop all work for this guild: its data is about to be deleted."""
        ...

    async def count_stored(self, guild_id: int) -> Amounts:
        """Return what is stored of this guild."""
        ...

    async def delete_stored(self, tx: WriteTransaction, guild_id: int) -> None:
        """Delete all of it."""
        ...

    def troubles(self, guild: discord.Guild) -> tuple[str, ...]:
        """Return what keeps the part from its work, one sentence each."""
        ...

    def component(self, guild: discord.Guild) -> Component:
        """Return the state of the part as an admin wants to know it, in the language of the context."""
        ...


class ServerstatsService:
    """What can be done with the module in a guild."""

    def __init__(self, client: HeadcountClient) -> None:
        self.client = client
        self._database = client.parts.database
        self._clock = client.parts.clock
        self._parts: Sequence[ModulePart] = ()
        self._settings: dict[int, ServerstatsSettings] = {}
        self._enabled_at_ms: dict[int, int] = {}
        self._listeners: list[Listener] = []
        self._switching: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._before_disabling: list[Callable[[int], Awaitable[Sequence[str]]]] = []
        self._after_disabling: list[Callable[[int], Awaitable[None]]] = []

    async def open(self, parts: Sequence[ModulePart]) -> None:
        """Load the settings of all guilds; `parts` are what the module is made of."""
        self._parts = parts
        async with self._database.read() as rx:
            for guild_id in await guild_modules.fetch_enabled_guild_ids(rx, MODULE):
                stored = await guild_modules.fetch_module(rx, guild_id, MODULE)
                if stored is not None:
                    self._enabled_at_ms[guild_id] = stored.enabled_at_ms
                    self._note(guild_id, ServerstatsSettings.model_validate_json(stored.settings))

    # The state, without a wait

    def settings_of(self, guild_id: int) -> ServerstatsSettings | None:
        """Return the settings; None where the module is not enabled."""
        return self._settings.get(guild_id)

    def enabled_guild_ids(self) -> tuple[int, ...]:
        """Return the guilds in which the module is enabled."""
        return tuple(self._settings)

    def enabled_at_ms(self, guild_id: int) -> int | None:
        """Return since when the module is enabled."""
        return self._enabled_at_ms.get(guild_id)

    def on_change(self, listener: Listener) -> None:
        """Call `listener(guild_id, settings)` after every change and for everything that is loaded; None: disabled."""
        self._listeners.append(listener)

    def require_settings(self, guild_id: int) -> ServerstatsSettings:
        """Return the settings; raises ModuleDisabledError."""
        settings = self._settings.get(guild_id)
        if settings is None:
            raise ModuleDisabledError(
                _(
                    "Serverstats is not enabled in this server; "
                    "an admin can enable it with `/serverstats enable` or in `/settings`."
                )
            )
        return settings

    def require_guild(self, guild_id: int) -> discord.Guild:
        """Return the guild; raises SettingsError where the bot is not a member."""
        guild = self.client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            raise SettingsError(_("I am not in this server."))
        return guild

    # The use cases

    async def enable(self, guild_id: int) -> None:
        """Enable the module; every component stays off until it is turned on."""
        self.require_guild(guild_id)
        async with self._switch(guild_id):
            if guild_id not in self._settings:
                # What a crash left behind of an earlier life must not come back.
                await self._sweep(guild_id)
            settings = ServerstatsSettings()
            now_ms = self._clock.now_ms()
            async with self._database.write() as tx:
                if await guild_modules.fetch_module(tx, guild_id, MODULE) is not None:
                    raise ModuleEnabledError(_("Serverstats is enabled already."))
                await guild_modules.insert_module(tx, guild_id, MODULE, now_ms, settings.model_dump_json())
            self._enabled_at_ms[guild_id] = now_ms
            self._note(guild_id, settings)
        _log.info(
            "Serverstats was enabled.",
            extra={"event": "module_enabled", "guild_id": guild_id, "feature": MODULE},
        )
        self.client.settings_log.note_switch(guild_id, MODULE_TITLE, is_on=True)

    async def disable(self, guild_id: int) -> tuple[str, ...]:
        """Stop everything, delete all of the module's data for this guild, and return what is left for people to do."""
        async with self._switch(guild_id):
            settings = self.require_settings(guild_id)
            left = [sentence for act in self._before_disabling for sentence in await act(guild_id)]
            self._note(guild_id, None)
            try:
                for part in self._parts:
                    await part.forget(guild_id)
                async with self._database.write() as tx:
                    for part in self._parts:
                        await part.delete_stored(tx, guild_id)
                    await guild_modules.delete_module(tx, guild_id, MODULE)
            except BaseException:
                # Nothing was deleted: the module is still enabled, so everything must go on being recorded.
                self._note(guild_id, settings)
                raise
            self._enabled_at_ms.pop(guild_id, None)
            await self._sweep(guild_id)
        _log.info(
            "Serverstats was disabled; its data was deleted.",
            extra={"event": "module_disabled", "guild_id": guild_id, "feature": MODULE},
        )
        self.client.settings_log.note_switch(guild_id, MODULE_TITLE, is_on=False)
        return tuple(left)

    def before_disabling(self, act: Callable[[int], Awaitable[Sequence[str]]]) -> None:
        """Do this before anything is deleted, while the settings are still there: tidying up at Discord.

        It returns what people must do themselves, one sentence each.
        """
        self._before_disabling.append(act)

    def after_disabling(self, act: Callable[[int], Awaitable[None]]) -> None:
        """Do this once the module is off: deleting what is too much for one transaction."""
        self._after_disabling.append(act)

    async def forget(self, guild_id: int) -> None:
        """Stop all work for a guild whose data is about to be deleted."""
        self._note(guild_id, None)
        for part in self._parts:
            await part.forget(guild_id)
        await self.client.parts.recorder.forget(guild_id)

    async def count_stored(self, guild_id: int) -> Amounts:
        """Return what disabling would delete."""
        self.require_settings(guild_id)
        return tuple([amount for part in self._parts for amount in await part.count_stored(guild_id)])

    def troubles(self, guild_id: int) -> tuple[str, ...]:
        """Return what keeps the module from its work in this guild, one sentence each."""
        guild = self.require_guild(guild_id)
        return tuple(trouble for part in self._parts for trouble in part.troubles(guild))

    def components(self, guild: discord.Guild) -> tuple[Component, ...]:
        """Return the state of each part, in the language of the context."""
        return tuple(part.component(guild) for part in self._parts)

    async def fetch_settings(self, guild_id: int) -> Snapshot[ServerstatsSettings]:
        """Return the settings with their version; raises ModuleDisabledError."""
        async with self._database.read() as rx:
            stored = await guild_modules.fetch_module(rx, guild_id, MODULE)
        if stored is None:
            self.require_settings(guild_id)
            raise ModuleDisabledError(_("Serverstats was disabled in the meantime."))
        return Snapshot(ServerstatsSettings.model_validate_json(stored.settings), stored.settings_version)

    async def change_settings(
        self, guild_id: int, change: Change, *, expected_version: int | None = None
    ) -> ServerstatsSettings:
        """Apply a change to the settings as they are now, store them, and tell everybody.

        A value out of range is refused with UnprocessableEntityError. Another admin's save in the same moment is kept: the
        change is applied to what they saved; with `expected_version` it is refused with ConflictError.
        """
        for _attempt in range(SAVE_ATTEMPTS):
            found = await self.fetch_settings(guild_id)
            if expected_version not in (None, found.version):
                raise ConflictError(_(CHANGED_MEANWHILE))
            settings = _validated(change(found.values))
            if settings == found.values:
                return settings
            async with self._database.write() as tx:
                is_saved = await guild_modules.update_module_settings(
                    tx, guild_id, MODULE, settings.model_dump_json(), found.version
                )
            if is_saved:
                # Nothing is awaited since the commit: whoever saves next is also heard next.
                self._note(guild_id, settings)
                self._tell(guild_id, found.values, settings)
                return settings
        raise ConflictError(_("Somebody else keeps changing these settings; try again."))

    async def _sweep(self, guild_id: int) -> None:
        for act in self._after_disabling:
            await act(guild_id)

    def _note(self, guild_id: int, settings: ServerstatsSettings | None) -> None:
        if settings is None:
            self._settings.pop(guild_id, None)
        else:
            self._settings[guild_id] = settings
        for listener in self._listeners:
            listener(guild_id, settings)

    def _tell(self, guild_id: int, before: ServerstatsSettings, after: ServerstatsSettings) -> None:
        self.client.settings_log.note(
            guild_id, MODULE_TITLE, lambda: describe_changes(SERVERSTATS_FIELDS, before, after)
        )

    def _switch(self, guild_id: int) -> asyncio.Lock:
        return self._switching.setdefault(guild_id, asyncio.Lock())


def _validated(settings: ServerstatsSettings) -> ServerstatsSettings:
    try:
        return ServerstatsSettings.model_validate(settings.model_dump())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        if first["type"] == "too_long":
            raise UnprocessableEntityError(
                _("{field}: no more than {most} are possible.", field=field, most=format_number(IGNORED_MOST))
            ) from None
        raise UnprocessableEntityError(
            _("{field}: this is not a value that it can have.", field=field)
        ) from None
