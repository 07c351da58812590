"""The page of serverstats on the settings screen."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import discord

from bot.settings.pages import Component, Form, Snapshot
from bot.text.language import N_
from bot.ui.look import Interaction
from cogs.serverstats.commands.disabling import Disabling
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import MODULE, MODULE_TITLE, SERVERSTATS_FIELDS, ServerstatsSettings

COUNTERS_SWITCH: Final = "counters_enabled"
STARBOARD_SWITCH: Final = "starboard_enabled"


class Switchable(Protocol):
    """A part of the module that is turned on and off by a use case of its own: counters, starboard."""

    async def set_enabled(self, guild_id: int, *, enabled: bool, expected_version: int | None = None) -> None:
        """Turn the part on or off; raises what stands in the way."""
        ...


class ServerstatsPage:
    """What is recorded, what is left out, and the switches of counters and starboard."""

    key = MODULE
    title = MODULE_TITLE
    about = N_("Statistics with charts, channels that count, and a starboard.")
    emoji = "📊"
    fields = SERVERSTATS_FIELDS
    can_be_disabled = True

    def __init__(
        self,
        module: ServerstatsService,
        *,
        counters: Switchable,
        starboard: Switchable,
        disabling: Disabling,
        forms: tuple[Form, ...],
    ) -> None:
        self.forms = forms
        self._module = module
        self._disabling = disabling
        self._switches = {STARBOARD_SWITCH: starboard, COUNTERS_SWITCH: counters}

    async def is_enabled(self, guild_id: int) -> bool:
        """Whether the module is enabled."""
        return self._module.settings_of(guild_id) is not None

    async def enable(self, guild_id: int) -> None:
        """Enable the module; everything in it stays off."""
        await self._module.enable(guild_id)

    async def ask_to_disable(self, interaction: Interaction) -> None:
        """Ask as `/serverstats disable` does."""
        await self._disabling.ask(interaction)

    async def read(self, guild_id: int) -> Snapshot[ServerstatsSettings]:
        """Return the settings; raises ModuleDisabledError."""
        return await self._module.fetch_settings(guild_id)

    async def save(
        self, guild_id: int, changes: dict[str, Any], expected_version: int
    ) -> Snapshot[ServerstatsSettings]:
        """Store these fields; the switches do what `starboard switch` and `counter switch` do, before the rest is stored."""
        before, version = (await self.read(guild_id)).values, expected_version
        for name, part in self._switches.items():
            if name in changes:
                await part.set_enabled(guild_id, enabled=changes[name], expected_version=version)
                version += changes[name] != getattr(before, name)
        others = {name: value for name, value in changes.items() if name not in self._switches}
        if others:
            await self._module.change_settings(
                guild_id, lambda now: now.model_copy(update=others), expected_version=version
            )
        return await self.read(guild_id)

    async def components(self, guild: discord.Guild) -> Sequence[Component]:
        """Return the state of statistics, counters and starboard."""
        return self._module.components(guild)
