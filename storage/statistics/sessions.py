"""What a crash leaves behind: sessions that are open on record, and until when Discord told of a guild."""

from typing import Final

from storage.database import ReadTransaction
from storage.statements import first_number
from storage.statistics.catalogue import CATALOGUE, Aggregate, Source
from storage.statistics.changes import NO_ACTIVITY, SessionOpened
from storage.statistics.record_ids import time_ms_of

_FETCH_OPEN: Final = """
SELECT sessions.guild_id, sessions.kind, sessions.record_id, sessions.user_id, sessions.channel_id, texts.text,
    COALESCE(texts.activity_type, ?)
FROM statistics_sessions AS sessions
LEFT JOIN statistics_texts AS texts ON texts.guild_id = sessions.guild_id AND texts.text_id = sessions.text_id
WHERE sessions.ended_at_ms IS NULL
"""
# Without ORDER BY: for its sake the planner would go through all sessions instead of the index of the open ones.

_TOLD: Final = tuple(
    (kind.number, "statistics_sessions" if kind.aggregate is Aggregate.SECONDS else "statistics_events")
    for kind in CATALOGUE
    if kind.source is Source.GATEWAY and kind.aggregate is not Aggregate.LAST
)
"""The kinds whose records Discord's events make, and where those are; samples are taken also while nothing is told."""

# One step into the key for each kind; one statement, as every guild is asked about at start.
_FETCH_LAST_TOLD: Final = "SELECT MAX(latest_id) FROM ({})".format(
    " UNION ALL ".join(
        f"SELECT MAX(record_id) AS latest_id FROM {table} WHERE guild_id = :guild_id AND kind = {kind}"
        for kind, table in _TOLD
    )
)


async def fetch_last_told_ms(rx: ReadTransaction, guild_id: int) -> int | None:
    """Return when the latest event on record happened that Discord told of; None without any."""
    latest_id = first_number(await rx.fetch_one(_FETCH_LAST_TOLD, {"guild_id": guild_id}))
    return time_ms_of(latest_id) if latest_id else None


async def fetch_open_sessions(rx: ReadTransaction) -> list[SessionOpened]:
    """Return the sessions of all guilds that have no end yet, as they were opened, by guild, kind and time."""
    return sorted(
        (SessionOpened(*row) for row in await rx.fetch_all(_FETCH_OPEN, (NO_ACTIVITY,))),
        key=lambda opened: opened[:3],
    )
