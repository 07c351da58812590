"""Stored texts that contain somebody's name."""

from collections.abc import Sequence
from typing import Final

from storage.database import ReadTransaction
from storage.statements import escape_like

TEXT_COLUMNS: Final = {
    "invite_tracker": (("known_invites", "label"), ("bonuses", "reason")),
    "serverstats": (("counters", "format"), ("starboards", "name"), ("statistics_texts", "text")),
}
"""The columns with texts that people wrote, by module; the settings of a module are a document of their own."""


async def count_texts_containing(
    rx: ReadTransaction, module: str, guild_id: int, names: Sequence[str | None]
) -> list[int]:
    """Return in how many texts of a module each of these names stands, whatever their case; none for no name."""
    totals = [0] * len(names)
    patterns = [f"%{escape_like(name.lower())}%" if name else None for name in names]
    sums = ", ".join(
        [r"COALESCE(SUM(CASE WHEN LOWER({column}) LIKE ? ESCAPE '\' THEN 1 ELSE 0 END), 0)"] * len(names)
    )
    for table, column in TEXT_COLUMNS[module]:
        sql = f"SELECT {sums.format(column=column)} FROM {table} WHERE guild_id = ?"
        row = await rx.fetch_one(sql, (*patterns, guild_id)) or totals
        totals = [total + found for total, found in zip(totals, row, strict=True)]
    return totals
