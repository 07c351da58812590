"""The members who were here before: put on record when an admin asks, stopped, and how far that is."""

from dataclasses import dataclass

from bot.errors import ConflictError
from bot.settings.fields import SettingChange
from bot.text.language import _
from cogs.invite_tracker.use_cases.noting import NotingUseCases
from storage.member_syncs import MemberSync, fetch_member_sync, upsert_member_sync


@dataclass(frozen=True, slots=True)
class MembersBefore:
    """How far the work is, and how many members the server has."""

    sync: MemberSync
    members: int


class MembersBeforeUseCases(NotingUseCases):
    """What is done about members from before."""

    async def sync_members(self, guild_id: int) -> MembersBefore:
        """Put the members on record who are not, and ask again how those came of whom that is not known.

        What is under way goes on as it is.
        """
        async with self._switch(guild_id):
            module = await self._require_enabled(guild_id)
            async with self._database.write() as tx:
                sync = await fetch_member_sync(tx, guild_id)
                if sync is not None and sync.is_under_way:
                    return self._with_members(sync)
                sync = self._tracking.members.new_sync(guild_id, module.enabled_at_ms, self._clock.now_ms())
                await upsert_member_sync(tx, sync)
            self._tracking.sync_members(guild_id)

        def tell() -> SettingChange:
            return SettingChange(_("Members from before"), _("not looked at"), _("being put on record"))

        self._note(guild_id, tell, "members from before are being put on record")
        return self._with_members(sync)

    async def stop_sync(self, guild_id: int) -> MembersBefore:
        """Stop putting them on record; those who are stay. Raises ConflictError when nothing is under way."""
        async with self._switch(guild_id):
            await self._require_enabled(guild_id)
            stopped = await self._tracking.members.stop(guild_id)
        if stopped is None:
            raise ConflictError(_("Nothing is under way that could be stopped."))

        def tell() -> SettingChange:
            return SettingChange(_("Members from before"), _("being put on record"), _("stopped"))

        self._note(guild_id, tell, "putting members from before on record was stopped")
        return self._with_members(stopped)

    async def describe_sync(self, guild_id: int) -> MembersBefore | None:
        """Return how far it is, or how the last one ended; None when there was none."""
        await self._require_enabled(guild_id)
        async with self._database.read() as rx:
            sync = await fetch_member_sync(rx, guild_id)
        return None if sync is None else self._with_members(sync)

    def _with_members(self, sync: MemberSync) -> MembersBefore:
        return MembersBefore(sync, self._guild(sync.guild_id).member_count or 0)
