"""Stored texts that contain somebody's name."""

from collections.abc import Iterable, Sequence
from typing import Final

from storage.database import ReadTransaction

TEXT_COLUMNS: Final = {
    "invite_tracker": (("known_invites", "code", "label"), ("bonuses", "bonus_id", "reason")),
    "serverstats": (
        ("counters", "counter_id", "format"),
        ("starboards", "board_id", "name"),
        ("statistics_texts", "text_id", "text"),
    ),
    "api_keys": (("api_keys", "key_id", "name"),),
}
"""The columns with texts that people wrote, by module, each behind its table and the rest of that table's key; the settings
of a module are a document of their own."""

TEXTS_AT_ONCE: Final = 2000

_FETCH_FIRST: Final = """
SELECT {key}, {column} FROM {table} WHERE guild_id = ? ORDER BY {key} LIMIT ?
"""
_FETCH_NEXT: Final = """
SELECT {key}, {column} FROM {table} WHERE guild_id = ? AND {key} > ? ORDER BY {key} LIMIT ?
"""


async def count_texts_containing(
    rx: ReadTransaction, module: str, guild_id: int, names: Sequence[str | None]
) -> list[int]:
    """Return in how many texts of a module each of these names stands, whatever their case; none for no name."""
    totals = [0] * len(names)
    for table, key, column in TEXT_COLUMNS[module]:
        # SQL knows capital and small letters of the alphabet of ASCII alone, so the texts come here.
        words = {"table": table, "key": key, "column": column}
        rows = await rx.fetch_all(_FETCH_FIRST.format(**words), (guild_id, TEXTS_AT_ONCE))
        while rows:
            found = count_containing((text for _key, text in rows if text is not None), names)
            totals = [sum(pair) for pair in zip(totals, found, strict=True)]
            parameters = (guild_id, rows[-1][0], TEXTS_AT_ONCE)
            rows = await rx.fetch_all(_FETCH_NEXT.format(**words), parameters)
    return totals


def count_containing(texts: Iterable[str], names: Sequence[str | None]) -> list[int]:
    """Return in how many of the texts each of these names stands, whatever their case; none for no name."""
    folded = [text.casefold() for text in texts]
    return [
        sum(name.casefold() in text for text in folded) if name is not None and name else 0 for name in names
    ]
