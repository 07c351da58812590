"""Looks that somebody waits for, e.g. a program that tells of a star: all who ask at once share one."""

import asyncio

from bot.acting import THE_BOT, act_for
from cogs.serverstats.starboard.engine import Engine
from cogs.serverstats.starboard.guild_state import GuildState
from storage.starboard_records import Entry

_Key = tuple[int, int, int]


class AskedLooks:
    """Has messages looked at in the turn of their guild, however many ask for it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: dict[_Key, asyncio.Task[list[Entry]]] = {}
        self._locating: dict[tuple[int, int], asyncio.Task[bool]] = {}

    async def is_in_guild(self, guild_id: int, channel_id: int) -> bool:
        """Whether a channel or thread is one of this guild, as far as the bot may see it."""
        key = guild_id, channel_id
        locating = self._locating.get(key)
        if locating is None:
            name = f"starboard of {guild_id}, where a channel is"
            locating = asyncio.create_task(self._engine.is_in_guild(guild_id, channel_id), name=name)
            self._locating[key] = locating
            locating.add_done_callback(lambda _done: self._locating.pop(key, None))
        return await asyncio.shield(locating)

    async def look(self, state: GuildState, channel_id: int, message_id: int) -> list[Entry]:
        """Look at a message, once whoever is before it had their turn, and return what the boards have of it."""
        key = state.guild_id, channel_id, message_id
        waiting = self._waiting.get(key)
        if waiting is None:
            name = f"starboard of {state.guild_id}, asked for"
            waiting = self._waiting[key] = asyncio.create_task(self._look(state, key), name=name)
        # Whoever stops waiting does not take the look from the others.
        return await asyncio.shield(waiting)

    async def _look(self, state: GuildState, key: _Key) -> list[Entry]:
        act_for(THE_BOT)
        _guild_id, channel_id, message_id = key
        try:
            await state.queue.turn.acquire()
        finally:
            # Whoever asks from now on may know of a star that came too late for this look.
            del self._waiting[key]
        try:
            return await self._engine.look(state, message_id, channel_id)
        finally:
            state.queue.turn.release()
