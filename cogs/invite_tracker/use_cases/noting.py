"""What all changes of records by hand have in common: who made them, whom they may name, and that they are told."""

from collections.abc import Callable

from bot.acting import current_actor
from bot.errors import UnprocessableEntityError
from bot.settings.fields import SettingChange
from bot.text.language import _
from cogs.invite_tracker.setting_fields import TITLE
from cogs.invite_tracker.use_cases.module import ModuleUseCases
from storage.invite_erasure import NOBODY

Tell = Callable[[], SettingChange]
"""Describes a change in the language of the context."""


class NotingUseCases(ModuleUseCases):
    """What changes records by hand is told like a change of settings."""

    def _acting_id(self, guild_id: int) -> int:
        """Return who acts, as it may be stored: NOBODY for a program, and for somebody who opted out."""
        user_id = current_actor().user_id
        if user_id is None or self._is_opted_out(guild_id, user_id):
            return NOBODY
        return user_id

    def _is_opted_out(self, guild_id: int, user_id: int) -> bool:
        return self._client.parts.recorder.is_opted_out(guild_id, user_id)

    def _require_nameable(self, guild_id: int, user_id: int) -> None:
        """Raise UnprocessableEntityError for somebody of whom nothing may be stored here."""
        if self._is_opted_out(guild_id, user_id):
            raise UnprocessableEntityError(
                _("{person} opted out of being recorded in this server.", person=f"<@{user_id}>")
            )

    def _note(self, guild_id: int, tell: Tell, in_log: str) -> None:
        """Tell a change in the log channel; `in_log` is what the log of the process says, which names no members."""
        self._client.settings_log.note(guild_id, TITLE, lambda: (tell(),), in_log=in_log)
