"""The end of the counters of a guild, when the module is disabled: their channels go, and none is made any more."""

import asyncio
from collections.abc import Callable

from bot.errors import ModuleDisabledError
from bot.text.language import _
from cogs.serverstats.counters.book import CounterBook
from cogs.serverstats.counters.updating import Updater
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import ServerstatsSettings


class Ending:
    """Knows in which guilds the module is being disabled."""

    def __init__(
        self,
        module: ServerstatsService,
        book: CounterBook,
        updater: Updater,
        lock: Callable[[int], asyncio.Lock],
    ) -> None:
        """`lock(guild_id)` is what whoever makes a counter holds."""
        self._module = module
        self._book = book
        self._updater = updater
        self._lock = lock
        self._guild_ids: set[int] = set()

    def open(self) -> None:
        """Take part in the disabling of the module from now on."""
        self._module.before_disabling(self._take_down)
        self._module.on_change(self._note_settings)

    def require_staying(self, guild_id: int) -> None:
        """Raise ModuleDisabledError unless the module is enabled and remains so."""
        self._module.require_settings(guild_id)
        if guild_id in self._guild_ids:
            raise ModuleDisabledError(_("Serverstats is being disabled at this moment."))

    async def _take_down(self, guild_id: int) -> tuple[str, ...]:
        """Delete the channels that were made for counters, before the module is disabled; from now on none is made.

        Returns a sentence for each that could not be deleted.
        """
        self._guild_ids.add(guild_id)
        try:
            async with self._lock(guild_id):
                left = await self._updater.delete_channels(await self._book.load(guild_id))
        except BaseException:
            self._guild_ids.discard(guild_id)
            raise
        return tuple(
            _(
                "Discord did not let me delete {channel}, which was a counter; please delete it yourself.",
                channel=f"<#{counter.channel_id}>",
            )
            for counter in left
        )

    def _note_settings(self, guild_id: int, settings: ServerstatsSettings | None) -> None:
        if settings is None:
            self._guild_ids.discard(guild_id)
