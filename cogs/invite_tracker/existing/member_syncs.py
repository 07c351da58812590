"""Members from before in all servers: begun when the module is enabled or an admin asks, and gone on with after a restart."""

import asyncio
from dataclasses import replace
from typing import Final

from cogs.invite_tracker.existing.guild_sync import GuildSync, Surroundings
from storage.member_syncs import (
    MemberSync,
    Stage,
    fetch_guilds_syncing,
    fetch_member_sync,
    upsert_member_sync,
)

SETTLED_MS: Final = 600_000
"""Who joined later than that before an admin asked may still be on the way onto the record as a join like any other."""


class MemberSyncs:
    """The work in all servers, one task each while there is something to do."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._clock = around.client.parts.clock
        self._database = around.client.parts.database
        self._unfinished: set[int] = set()
        self._running: dict[int, tuple[GuildSync, asyncio.Task[None]]] = {}
        self._again: set[int] = set()
        self._is_closed = False

    async def open(self) -> None:
        """Learn where it was under way; each server goes on when Discord presents it."""
        async with self._database.read() as rx:
            self._unfinished = await fetch_guilds_syncing(rx)

    async def close(self) -> None:
        """Give up what is under way; the next start goes on."""
        self._is_closed = True
        for guild_id in tuple(self._running):
            await self._cancel(guild_id)

    def new_sync(self, guild_id: int, enabled_at_ms: int, now_ms: int) -> MemberSync:
        """Return what is to be stored for the work to begin now; then call `begin`."""
        # Members are stamped by Discord's clock, the enabling of the module by ours.
        tracked_since_ms = enabled_at_ms - max(0, self._around.client.discord_time.lead_ms)
        joined_before_ms = max(tracked_since_ms, now_ms - SETTLED_MS)
        return MemberSync(guild_id, now_ms, None, joined_before_ms, Stage.LISTING)

    def begin(self, guild_id: int) -> None:
        """Begin with what is stored, or go on with it; nothing happens when it is under way or done."""
        self._unfinished.add(guild_id)
        self._again.add(guild_id)
        self.wake(guild_id)

    def wake(self, guild_id: int) -> None:
        """Learn that the bot is in a server."""
        running = self._running.get(guild_id)
        if self._is_closed or guild_id not in self._unfinished or (running and not running[1].done()):
            return
        work = GuildSync(guild_id, self._around)
        task = asyncio.create_task(self._run(work, guild_id), name=f"members of {guild_id}")
        self._running[guild_id] = work, task

    async def stop(self, guild_id: int) -> MemberSync | None:
        """Stop for good; return how far it was, None when nothing was under way. The module may be disabled meanwhile."""
        self._unfinished.discard(guild_id)
        await self._cancel(guild_id)
        async with self._database.write() as tx:
            sync = await fetch_member_sync(tx, guild_id)
            if sync is None or not sync.is_under_way:
                return None
            stopped = replace(sync, stage=Stage.STOPPED, ended_at_ms=self._clock.now_ms())
            await upsert_member_sync(tx, stopped)
        return stopped

    async def leave_off(self, guild_id: int) -> None:
        """Do nothing more for a server: the module is being disabled. `begin` goes on, should that fail."""
        self._unfinished.discard(guild_id)
        await self._cancel(guild_id)

    def note_left(self, guild_id: int, user_id: int) -> None:
        """Learn that somebody left."""
        running = self._running.get(guild_id)
        if running is not None:
            running[0].note_left(user_id)

    def note_forgotten(self, guild_id: int, user_id: int) -> None:
        """Learn that somebody is to be forgotten."""
        running = self._running.get(guild_id)
        if running is not None:
            running[0].note_forgotten(user_id)

    async def _run(self, work: GuildSync, guild_id: int) -> None:
        while True:
            self._again.discard(guild_id)
            await work.run()
            async with self._database.read() as rx:
                sync = await fetch_member_sync(rx, guild_id)
            if guild_id in self._again:
                continue
            if sync is None or not sync.is_under_way:
                self._unfinished.discard(guild_id)
            self._running.pop(guild_id, None)
            return

    async def _cancel(self, guild_id: int) -> None:
        running = self._running.pop(guild_id, None)
        if running is not None:
            running[1].cancel()
            await asyncio.gather(running[1], return_exceptions=True)
