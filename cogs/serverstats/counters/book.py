"""The counters of all guilds in memory, so that events and autocomplete can be answered without a wait."""

from collections import deque
from collections.abc import Callable, Collection, Sequence

from cogs.serverstats.counters.renaming import RENAMES_PER_WINDOW
from cogs.serverstats.later import Later
from storage.counters import Counter, delete_counters, fetch_all_counters, fetch_counters
from storage.database import Database


class CounterBook:
    """What is stored, as it was read last, and what is known of its channels besides."""

    def __init__(
        self,
        database: Database,
        on_load: Callable[[int, Sequence[Counter]], None] = lambda _guild, _all: None,
    ) -> None:
        """`on_load(guild_id, counters)` is called whenever the counters of a guild were read."""
        self._database = database
        self._on_load = on_load
        self._counters: dict[int, tuple[Counter, ...]] = {}
        self._failures: dict[tuple[int, int], Later] = {}
        self._renames: dict[int, deque[int]] = {}

    async def open(self) -> None:
        """Read everything."""
        async with self._database.read() as rx:
            stored = await fetch_all_counters(rx)
        by_guild: dict[int, list[Counter]] = {}
        for counter in stored:
            by_guild.setdefault(counter.guild_id, []).append(counter)
        self._counters = {guild_id: tuple(counters) for guild_id, counters in by_guild.items()}
        for guild_id, counters in self._counters.items():
            self._on_load(guild_id, counters)

    def of(self, guild_id: int) -> tuple[Counter, ...]:
        """Return the counters of a guild as they were read last, the oldest first."""
        return self._counters.get(guild_id, ())

    def shows(self, guild_id: int, channel_id: int) -> bool:
        """Whether this channel is a counter."""
        return any(counter.channel_id == channel_id for counter in self.of(guild_id))

    async def load(self, guild_id: int) -> tuple[Counter, ...]:
        """Read the counters of a guild anew."""
        async with self._database.read() as rx:
            counters = await fetch_counters(rx, guild_id)
        before = self.of(guild_id)
        if counters:
            self._counters[guild_id] = counters
        else:
            self._counters.pop(guild_id, None)
        kept = {counter.counter_id for counter in counters}
        for counter in before:
            if counter.counter_id not in kept:
                self._failures.pop((guild_id, counter.counter_id), None)
                self._renames.pop(counter.channel_id, None)
        self._on_load(guild_id, counters)
        return counters

    async def delete(self, guild_id: int, counters: Collection[Counter]) -> int:
        """Delete counters and return how many there still were; their channels are not touched."""
        async with self._database.write() as tx:
            deleted = await delete_counters(tx, guild_id, [counter.counter_id for counter in counters])
        await self.load(guild_id)
        return deleted

    def forget(self, guild_id: int) -> None:
        """Keep nothing of this guild in memory."""
        for counter in self._counters.pop(guild_id, ()):
            self._failures.pop((guild_id, counter.counter_id), None)
            self._renames.pop(counter.channel_id, None)

    def failure(self, counter: Counter) -> Later | None:
        """Return what went wrong the last time, one sentence."""
        return self._failures.get((counter.guild_id, counter.counter_id))

    def note_failure(self, counter: Counter, sentence: Later | None) -> None:
        """Keep or (None) drop what went wrong."""
        if sentence is None:
            self._failures.pop((counter.guild_id, counter.counter_id), None)
        else:
            self._failures[counter.guild_id, counter.counter_id] = sentence

    def note_rename_seen(self, channel_id: int, at_ms: int) -> None:
        """Remember that the name of a counter's channel changed, by whomever."""
        self._renames.setdefault(channel_id, deque(maxlen=RENAMES_PER_WINDOW)).append(at_ms)

    def renames_seen_ms(self, channel_id: int) -> Sequence[int]:
        """Return when the name changed the last times, as far as this process saw it."""
        return tuple(self._renames.get(channel_id, ()))
