"""What the bot has on record, read from its database while it runs."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import aiosqlite

from storage.database import ReadTransaction
from storage.invite_counts import fetch_leaderboard
from storage.invites import fetch_baseline
from storage.joins import fetch_joins_of_members
from storage.records import FakeRules, InviteCounts, Join

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

    async def fetch_counts(self) -> list[tuple[int, InviteCounts]]:
        """Return the inviters with their counts, best first."""
        return await fetch_leaderboard(
            self._rx, self._guild_id, NO_RULES, None, INVITERS_MOST, 0, with_bonus_alone=True
        )

    @property
    def _rx(self) -> ReadTransaction:
        if self._connection is None:
            raise RuntimeError("the records are not open")
        return ReadTransaction(self._connection)
