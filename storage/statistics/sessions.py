"""Sessions that are open on record: what a crash leaves behind."""

from typing import Final

from storage.database import ReadTransaction
from storage.statistics.changes import NO_ACTIVITY, SessionOpened

_FETCH_OPEN: Final = """
SELECT sessions.guild_id, sessions.kind, sessions.record_id, sessions.user_id, sessions.channel_id, texts.text,
    COALESCE(texts.activity_type, ?)
FROM statistics_sessions AS sessions
LEFT JOIN statistics_texts AS texts ON texts.guild_id = sessions.guild_id AND texts.text_id = sessions.text_id
WHERE sessions.ended_at_ms IS NULL
"""
# Without ORDER BY: for its sake the planner would go through all sessions instead of the index of the open ones.


async def fetch_open_sessions(rx: ReadTransaction) -> list[SessionOpened]:
    """Return the sessions of all guilds that have no end yet, as they were opened, by guild, kind and time."""
    return sorted(
        (SessionOpened(*row) for row in await rx.fetch_all(_FETCH_OPEN, (NO_ACTIVITY,))),
        key=lambda opened: opened[:3],
    )
