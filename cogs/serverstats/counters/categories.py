"""The category in which counters are made."""

from collections.abc import Callable
from typing import Literal

import discord

from bot.errors import UnprocessableEntityError
from bot.text.language import Language, _, speaking
from cogs.serverstats.counters.channels import CATEGORY_NAME, create_category, delete_channel
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import ServerstatsSettings

WantedCategory = int | Literal["create"] | None
"""An existing one by its id, a new one, or (None) the one of the settings, and a new one where there is none."""


class Categories:
    """Finds and makes categories for counters."""

    def __init__(self, module: ServerstatsService, language_of: Callable[[discord.Guild], Language]) -> None:
        """`language_of(guild)` is the language that everybody there reads."""
        self._module = module
        self._language_of = language_of

    async def choose(self, guild: discord.Guild, wanted: WantedCategory) -> discord.CategoryChannel:
        """Return the category to use; a new one is put into the settings at once, so that it is never made twice."""
        if isinstance(wanted, int):
            found = guild.get_channel(wanted)
            if not isinstance(found, discord.CategoryChannel):
                raise UnprocessableEntityError(_("This server has no such category."))
            return found
        configured = self._module.require_settings(guild.id).counters_category_id
        known = None if configured is None or wanted == "create" else guild.get_channel(configured)
        if isinstance(known, discord.CategoryChannel):
            return known
        with speaking(self._language_of(guild)):
            name = _(CATEGORY_NAME)
        made = await create_category(guild, name)
        try:
            await self._module.change_settings(
                guild.id, lambda now: now.model_copy(update={"counters_category_id": made.id})
            )
        except Exception:
            # Nobody would know of it, and whoever tries again would have one more.
            await delete_channel(self._module.client, made.id)
            raise
        return made

    async def turn_on(self, guild_id: int, category_id: int) -> None:
        """Turn counters on, with this category for those to come."""

        def turn_on(now: ServerstatsSettings) -> ServerstatsSettings:
            return now.model_copy(update={"counters_enabled": True, "counters_category_id": category_id})

        settings = self._module.settings_of(guild_id)
        if settings is not None and turn_on(settings) != settings:
            await self._module.change_settings(guild_id, turn_on)
