"""Statistics as a part of the module: recording, retention, and the end of it all."""

import discord

from bot.client import HeadcountClient
from bot.modules import Job
from bot.settings.pages import Component
from bot.text.language import _, ngettext
from bot.text.numbers import format_number
from cogs.serverstats.service import Amounts, ServerstatsService
from cogs.serverstats.statistics.recording_service import Recording
from cogs.serverstats.statistics.retention import StatisticsRetention
from storage.database import WriteTransaction
from storage.statistics.catalogue import Group
from storage.statistics.retention import fetch_guild_ids, fetch_stored_records


class Statistics:
    """What is recorded of a guild, for as long as it is kept."""

    def __init__(self, client: HeadcountClient, module: ServerstatsService) -> None:
        parts = client.parts
        self._module = module
        self._database = parts.database
        self._recorder = parts.recorder
        self._retention_seconds = parts.config.retention.interval_minutes * 60
        self._retention = StatisticsRetention(parts.database, parts.clock, parts.recorder)
        self.recording = Recording(client, module)
        module.after_disabling(self._delete_all)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The work that is done again and again."""
        return (*self.recording.jobs, Job("statistics retention", self._retention_seconds, self.retain))

    async def open(self) -> None:
        """Begin to record."""
        await self.recording.open()

    async def close(self) -> None:
        """Close what is open, so that a clean stop loses nothing."""
        await self.recording.close()

    async def forget(self, guild_id: int) -> None:
        """Record nothing of this guild any more; what waits is still stored, as the module may yet stay enabled."""
        await self.recording.forget(guild_id)

    async def count_stored(self, guild_id: int) -> Amounts:
        """Return how many records there are."""
        async with self._database.read() as rx:
            count = await fetch_stored_records(rx, guild_id)
        return (ngettext("**{count}** statistics record", "**{count}** statistics records", count),)

    async def delete_stored(self, tx: WriteTransaction, guild_id: int) -> None:
        """Delete nothing yet: millions of records go in steps once the module is off."""

    async def _delete_all(self, guild_id: int) -> None:
        await self._recorder.forget(guild_id)
        await self._retention.delete_all(guild_id)

    def troubles(self, guild: discord.Guild) -> tuple[str, ...]:
        """Return what keeps records from being complete, one sentence each."""
        return self.recording.troubles(guild)

    def component(self, guild: discord.Guild) -> Component:
        """Return what is recorded, and what keeps it from being complete."""
        settings = self._module.settings_of(guild.id)
        on = len(settings.enabled_groups) if settings is not None else 0
        return Component(
            label=_("Statistics"),
            is_on=on > 0,
            troubles=self.troubles(guild),
            detail=_("{on} of {all} groups", on=format_number(on), all=format_number(len(Group))),
        )

    async def retain(self) -> None:
        """Delete what has expired, and what is left of guilds in which the module was disabled."""
        async with self._database.read() as rx:
            guild_ids = await fetch_guild_ids(rx)
        for guild_id in guild_ids:
            if self._module.settings_of(guild_id) is None:
                await self._retention.delete_all(guild_id)
            else:
                await self._retention.retain(guild_id)
