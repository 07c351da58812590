"""Channels that were deleted: a counter goes with its channel, all of them with their category."""

import asyncio
import logging
from collections.abc import Callable

from bot.client import HeadcountClient
from bot.gateway import Payload
from cogs.serverstats.counters.book import CounterBook
from cogs.serverstats.counters.updating import Updater
from cogs.serverstats.service import ServerstatsService

_log = logging.getLogger(__name__)

CLOSE_SECONDS = 5.0


class DeletionWatch:
    """Notices deleted and renamed channels of counters as the gateway tells of them."""

    def __init__(
        self,
        client: HeadcountClient,
        module: ServerstatsService,
        book: CounterBook,
        updater: Updater,
        lock_of: Callable[[int], asyncio.Lock],
    ) -> None:
        """`lock_of(guild_id)` is held by whoever makes a counter: one that is being made is not overlooked."""
        self._client = client
        self._module = module
        self._book = book
        self._updater = updater
        self._lock_of = lock_of
        self._deleted: dict[tuple[int, int], None] = {}
        self._worker: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to listen."""
        self._client.parts.intake.subscribe("CHANNEL_DELETE", self._take_deletion)
        self._client.parts.intake.subscribe("CHANNEL_UPDATE", self._take_update)

    async def close(self) -> None:
        """Finish what is under way; what is left is found at the next start."""
        if self._worker is not None and not self._worker.done():
            _done, late = await asyncio.wait({self._worker}, timeout=CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def drop(self, guild_id: int, channel_id: int) -> None:
        """Forget what a channel was that does not exist any more."""
        async with self._lock_of(guild_id):
            settings = self._module.settings_of(guild_id)
            if settings is not None and settings.counters_category_id == channel_id:
                await self._updater.drop_category(guild_id, channel_id)
                return
            counters = await self._book.load(guild_id)
            if gone := [counter for counter in counters if counter.channel_id == channel_id]:
                await self._updater.drop(guild_id, gone)

    def _take_deletion(self, payload: Payload, _received_at_ms: int) -> None:
        guild_id, channel_id = int(payload.get("guild_id") or 0), int(payload["id"])
        settings = self._module.settings_of(guild_id)
        is_category = settings is not None and settings.counters_category_id == channel_id
        if not is_category and not self._book.shows(guild_id, channel_id):
            return
        self._deleted[guild_id, channel_id] = None
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="deleted counter channels")

    def _take_update(self, payload: Payload, received_at_ms: int) -> None:
        guild_id, channel_id = int(payload.get("guild_id") or 0), int(payload["id"])
        if not self._book.shows(guild_id, channel_id):
            return
        # The library has not read this event yet: it still holds the name from before.
        guild = self._client.get_guild(guild_id)
        channel = None if guild is None else guild.get_channel(channel_id)
        if channel is not None and channel.name != payload.get("name"):
            self._book.note_rename_seen(channel_id, received_at_ms)

    async def _work(self) -> None:
        while self._deleted:
            guild_id, channel_id = next(iter(self._deleted))
            del self._deleted[guild_id, channel_id]
            try:
                await self.drop(guild_id, channel_id)
            except Exception:
                _log.exception("Server %d: the deletion of channel %d was not noted.", guild_id, channel_id)
