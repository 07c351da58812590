"""What the bot has on record, read from its database while it runs."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import aiosqlite

from storage.confirmations import fetch_confirmations_due
from storage.database import ReadTransaction
from storage.invite_counts import fetch_leaderboard
from storage.invites import fetch_baseline
from storage.joins import fetch_joins_of_members
from storage.records import FakeRules, InviteCounts, Join
from storage.statistics.catalogue import MESSAGES_DELETED, MESSAGES_SENT, VOICE, Kind
from storage.statistics.downtimes import Downtime, fetch_downtimes
from storage.statistics.record_ids import EPOCH_MS, SEQUENCE_BITS, time_ms_of

from .truth import Moved, VoiceStay

Amount = tuple[int, int]
"""How many records, and their total: milliseconds of sessions, microseconds of durations."""

_SENT = "SELECT record_id, user_id FROM statistics_events WHERE guild_id = ? AND kind = ?"
_DELETED = "SELECT message_id, user_id FROM statistics_events WHERE guild_id = ? AND kind = ?"
_EVENTS = _SENT
_SESSIONS = """
SELECT record_id, user_id, channel_id, ended_at_ms FROM statistics_sessions
WHERE guild_id = ? AND kind = ? ORDER BY record_id
"""
_TABLES = {
    "user_id": "statistics_user_days",
    "channel_id": "statistics_channel_days",
    "text_id": "statistics_text_days",
}
_SUMS = "SELECT kind, SUM(events), SUM(total) FROM {table} WHERE guild_id = ? GROUP BY kind"
_RAW_SUMS = """
SELECT kind, COUNT(*), SUM(COALESCE(duration_us, 0)) FROM statistics_events
WHERE guild_id = :guild_id AND {column} IS NOT NULL GROUP BY kind
UNION ALL
SELECT kind, COUNT(*), SUM(COALESCE(ended_at_ms - ((record_id >> :shift) + :epoch_ms), 0)) FROM statistics_sessions
WHERE guild_id = :guild_id AND {column} IS NOT NULL GROUP BY kind
"""
LATEST_MS = 1 << 62
NO_RULES = FakeRules(own_invite=False, rejoin=False, no_avatar=False, minimum_account_age_days=0)
INVITERS_MOST = 1000
BUSY_TIMEOUT_S = 5


class BotRecords:
    """A reading connection to the bot's database; use it as an async context manager once the bot has run."""

    def __init__(self, path: Path, guild_id: int) -> None:
        self._path = path
        self._guild_id = guild_id
        self._connection: aiosqlite.Connection | None = None

    async def __aenter__(self) -> Self:
        self._connection = await aiosqlite.connect(
            f"{self._path.as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            # Shielded: a connection that stays open keeps the interpreter alive.
            await asyncio.shield(self._connection.close())

    async def is_tracking(self) -> bool:
        """Return whether the bot knows the invites, so that their rises mean something."""
        return await fetch_baseline(self._rx, self._guild_id) is not None

    async def fetch_joins(self, member_ids: Sequence[int]) -> list[Join]:
        """Return all joins of these members."""
        found = await fetch_joins_of_members(self._rx, self._guild_id, member_ids)
        return [join for joins in found.values() for join in joins]

    async def are_confirmed(self) -> bool:
        """Return whether the member search has said of all joins what it has to say."""
        return await fetch_confirmations_due(self._rx) == {}

    async def fetch_counts(self) -> list[tuple[int, InviteCounts]]:
        """Return the inviters with their counts, best first."""
        return await fetch_leaderboard(
            self._rx, self._guild_id, NO_RULES, None, INVITERS_MOST, 0, with_bonus_alone=True
        )

    async def fetch_messages(self) -> tuple[dict[int, int | None], dict[int, int | None]]:
        """Return the messages that were sent and those that were deleted, each with its author."""
        sent = await self._rx.fetch_all(_SENT, (self._guild_id, MESSAGES_SENT.number))
        deleted = await self._rx.fetch_all(_DELETED, (self._guild_id, MESSAGES_DELETED.number))
        return dict(sent), dict(deleted)

    async def fetch_users(self, kind: Kind) -> list[Moved]:
        """Return whose records of a kind there are, and of when; without a user the id is 0."""
        rows = await self._rx.fetch_all(_EVENTS, (self._guild_id, kind.number))
        return [(user_id or 0, time_ms_of(record_id)) for record_id, user_id in rows]

    async def fetch_stays(self) -> list[VoiceStay]:
        """Return the sessions in voice."""
        rows = await self._rx.fetch_all(_SESSIONS, (self._guild_id, VOICE.number))
        return [
            VoiceStay(user_id, channel_id, time_ms_of(record_id), ended_at_ms)
            for record_id, user_id, channel_id, ended_at_ms in rows
        ]

    async def fetch_downtimes(self) -> Sequence[Downtime]:
        """Return the times of which nothing is on record."""
        return await fetch_downtimes(self._rx, self._guild_id, 0, LATEST_MS)

    async def fetch_sums(self) -> dict[str, tuple[dict[int, Amount], dict[int, Amount]]]:
        """Return for each table of sums, by kind, what the raw records come to and what the table says."""
        parameters = {"guild_id": self._guild_id, "shift": SEQUENCE_BITS, "epoch_ms": EPOCH_MS}
        counted = {
            column: {
                kind: (events, total)
                for kind, events, total in await self._rx.fetch_all(
                    _RAW_SUMS.format(column=column), parameters
                )
            }
            for column in ("record_id", *_TABLES)
        }
        found = {}
        for column, table in {"record_id": "statistics_hours", **_TABLES}.items():
            rows = await self._rx.fetch_all(_SUMS.format(table=table), (self._guild_id,))
            found[table] = (counted[column], {kind: (events, total) for kind, events, total in rows})
        return found

    @property
    def _rx(self) -> ReadTransaction:
        if self._connection is None:
            raise RuntimeError("the records are not open")
        return ReadTransaction(self._connection)
