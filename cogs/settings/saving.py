"""Saving one setting while others may be saving theirs."""

from collections.abc import Callable
from typing import Any, Final

from bot.errors import ConflictError
from bot.settings.guild_settings import CHANGED_MEANWHILE
from bot.settings.pages import SettingsPage, Snapshot
from bot.text.language import _

ATTEMPTS: Final = 5


async def save_field(
    page: SettingsPage, guild_id: int, name: str, value: Any, *, is_as_shown: Callable[[Any], bool]
) -> tuple[Snapshot[Any], Snapshot[Any]]:
    """Write this field only, whatever becomes of the others; return the settings before and after.

    The two are the same when the field has the value already: a second press of the same button, or somebody else wanted
    the same. Raises ConflictError when what it has instead is not what was shown.
    """
    for _attempt in range(ATTEMPTS):
        before = await page.read(guild_id)
        current = getattr(before.values, name)
        if current == value:
            return before, before
        if not is_as_shown(current):
            break
        try:
            return before, await page.save(guild_id, {name: value}, before.version)
        except ConflictError:
            # Somebody saved between reading and writing, perhaps another field: look again.
            continue
    raise ConflictError(_(CHANGED_MEANWHILE))
