"""Who may use the doctor's command: enforced before it, shown in the documentation."""

from typing import Final

from bot.ui.access import Access

COMMAND_ACCESS: Final = {"doctor": Access.MANAGE_SERVER}
