"""The records of a guild as files."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final

from bot.settings.fields import SettingChange
from bot.text.language import _
from cogs.invite_tracker.setting_fields import TITLE
from cogs.invite_tracker.transfer.exporting import export_files
from cogs.invite_tracker.transfer.sheets import SHEETS
from cogs.invite_tracker.transfer.writing import PAGE_ROWS, Format
from cogs.invite_tracker.use_cases.scope import UseCases

ROOM_BYTES: Final = 64 * 1024
"""What the rest of a request takes beside a file, generously."""
FILE_BYTES_MOST: Final = 10 * 1024 * 1024
"""A file is held in memory until it is sent; servers with many boosts would take 100 MiB."""


class TransferUseCases(UseCases):
    """What is taken out of the records."""

    async def export(self, guild_id: int, what: str, form: Format) -> AsyncGenerator[bytes, None]:
        """Yield whole files, each small enough for Discord to take from this guild; one when there is nothing on record.

        It is told in the settings log. Page by page, so that nobody else waits for a connection. Raises as
        `_require_enabled` does, with the first file.
        """
        await self._require_enabled(guild_id)
        sheet = SHEETS[what]
        # Records about people leave the server: the other admins are to know.
        self._client.settings_log.note(
            guild_id, TITLE, lambda: (SettingChange(_("Exported records"), "", "", added=(f"`{what}`",)),)
        )

        async def fetch_page(after: int | str) -> Sequence[Any]:
            async with self._database.read() as rx:
                return await sheet.fetch_after(rx, guild_id, after, PAGE_ROWS)

        bytes_most = min(self._guild(guild_id).filesize_limit, FILE_BYTES_MOST) - ROOM_BYTES
        async for file in export_files(sheet, form, fetch_page, bytes_most):
            yield file
