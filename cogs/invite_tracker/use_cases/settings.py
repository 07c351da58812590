"""Settings as programs write them: all at once, over whatever holds."""

from collections.abc import Callable
from typing import Final

from bot.errors import ConflictError
from bot.settings.guild_settings import CHANGED_MEANWHILE
from bot.settings.pages import Snapshot
from bot.text.language import _
from cogs.invite_tracker.invite_links import invite_url, parse_invite_code
from cogs.invite_tracker.settings import InviteTrackerSettings
from cogs.invite_tracker.use_cases.links import LinkUseCases
from cogs.invite_tracker.use_cases.module import ModuleUseCases

ATTEMPTS: Final = 5
"""So often somebody else may save in between."""

Change = Callable[[InviteTrackerSettings, InviteTrackerSettings], InviteTrackerSettings]
"""Given the stored settings and the default ones, returns what is to hold; called again when others saved meanwhile."""


class SettingsUseCases(LinkUseCases, ModuleUseCases):
    """What is done with all settings at once."""

    async def fetch_settings_since(self, guild_id: int) -> tuple[InviteTrackerSettings, int]:
        """Return the settings, and when the module was enabled (UTC epoch milliseconds)."""
        module = await self._require_enabled(guild_id)
        return InviteTrackerSettings.model_validate_json(module.settings), module.enabled_at_ms

    async def replace_settings(self, guild_id: int, change: Change) -> Snapshot[InviteTrackerSettings]:
        """Check and store what `change` returns; of two who do this at the same time, the later one's holds.

        What is not checked by `save_settings` is: a shared link that is new must lead to this server.
        """
        checked: dict[str, str] = {}
        for _attempt in range(ATTEMPTS):
            stored = await self.fetch_settings(guild_id)
            settings = change(stored.values, self._default_settings(self._guild(guild_id)))
            link = settings.server_shared_invite_link
            if link is not None:
                if link not in checked:
                    checked[link] = await self._full_link(
                        guild_id, link, stored.values.server_shared_invite_link
                    )
                settings = settings.model_copy(update={"server_shared_invite_link": checked[link]})
            try:
                return await self.save_settings(guild_id, settings, stored.version)
            except ConflictError:
                continue
        raise ConflictError(_(CHANGED_MEANWHILE))

    async def reset_settings(self, guild_id: int) -> None:
        """Set everything back to what held when the module was enabled; all other data stays.

        Where the module is not enabled, there is nothing to do.
        """
        for _attempt in range(ATTEMPTS):
            module = await self._fetch_module(guild_id)
            if module is None:
                return
            before = InviteTrackerSettings.model_validate_json(module.settings)
            defaults = self._default_settings(self._client.get_guild(guild_id))
            try:
                await self._store_settings(guild_id, before, defaults, module.settings_version)
            except ConflictError:
                continue
            return
        raise ConflictError(_(CHANGED_MEANWHILE))

    async def _full_link(self, guild_id: int, link: str, stored: str | None) -> str:
        full = invite_url(parse_invite_code(link))
        # What stays as it was is not judged again: the link may have been deleted since.
        return full if full == stored else await self.check_shared_link(guild_id, link)
