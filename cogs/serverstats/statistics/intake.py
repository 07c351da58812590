"""What other software reports: stored like everything else, and answered for only once it is."""

import asyncio
from weakref import WeakValueDictionary

from bot.client import HeadcountClient
from bot.record_values import storable_text
from cogs.serverstats.service import ServerstatsService
from storage.server_days import fetch_server_days
from storage.statistics.catalogue import Kind
from storage.statistics.queries import LOOK_BACK_DAYS, Query
from storage.statistics.told_once import fetch_is_on_record

_Once = tuple[int, int, int, str]
"""The guild, the number of the kind, the user and the text of what happens once."""


class StatisticsIntake:
    """Takes reports of what happened in a guild."""

    def __init__(self, client: HeadcountClient, module: ServerstatsService) -> None:
        self._module = module
        self._database = client.parts.database
        self._clock = client.parts.clock
        self._recorder = client.parts.recorder
        self._reporting: WeakValueDictionary[_Once, asyncio.Lock] = WeakValueDictionary()

    async def report(
        self,
        guild_id: int,
        kind: Kind,
        *,
        user_id: int | None = None,
        channel_id: int | None = None,
        text: str | None = None,
        duration_seconds: float | None = None,
    ) -> bool:
        """Record that something of this kind happened now; return whether it is on record.

        It is not where the guild has switched the kind's group off, and for kinds that Discord itself tells of. A person who
        opted out is not named. What happens once for a person is recorded once, however often it is reported; that cannot
        be told of somebody who is not named.

        Raises SettingsError where the bot is not a member, ModuleDisabledError where the module is off, and DatabaseError
        when the record is not stored, and will not be.
        """
        self._require_module(guild_id)

        async def store() -> bool:
            is_stored = await self._recorder.record_and_store(
                kind.key,
                guild_id,
                user_id=user_id,
                channel_id=channel_id,
                text=text,
                duration_seconds=duration_seconds,
            )
            if not is_stored:
                # It may have been disabled in the meantime.
                self._require_module(guild_id)
            return is_stored

        if not kind.is_once_each or user_id is None or text is None:
            return await store()
        once = (guild_id, kind.number, user_id, storable_text(text))
        async with self._reporting.setdefault(once, asyncio.Lock()):
            if self._recorder.is_wanted(guild_id, kind.group) and await self._is_on_record(kind, once):
                return True
            return await store()

    async def _is_on_record(self, kind: Kind, once: _Once) -> bool:
        guild_id, _number, user_id, text = once
        async with self._database.read() as rx:
            days = await fetch_server_days(rx, guild_id)
            today = days.day_of(self._clock.now_ms())
            # The clock may have gone back since it was recorded.
            query = Query(guild_id, kind, today - LOOK_BACK_DAYS, today + 1, user_id)
            return await fetch_is_on_record(rx, query, text, days)

    def _require_module(self, guild_id: int) -> None:
        self._module.require_guild(guild_id)
        self._module.require_settings(guild_id)
