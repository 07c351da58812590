"""Who invited whom: counts, joins and the leaderboard."""

from dataclasses import dataclass

from cogs.invite_tracker.counting import STATISTICS_DAYS, counted_since_ms
from cogs.invite_tracker.use_cases.module import ModuleUseCases
from storage import invite_counts, joins
from storage.invite_counts import CreditedJoin, JoinOfCode
from storage.records import InviteCounts, Join


@dataclass(frozen=True, slots=True)
class InviterStats:
    """An inviter's counts and latest joins, newest first."""

    counts: InviteCounts
    latest: tuple[Join, ...]


@dataclass(frozen=True, slots=True)
class LeaderboardPage:
    """One page of (inviter id, counts), best first; pages count from 1, `first_rank` is the rank of the first row."""

    rows: tuple[tuple[int, InviteCounts], ...]
    first_rank: int
    page: int
    pages: int
    total: int


class PeopleUseCases(ModuleUseCases):
    """What is asked about inviters and those they brought."""

    async def fetch_inviter_stats(self, guild_id: int, inviter_id: int, latest: int) -> InviterStats:
        """Return the counts of an inviter within the retention window, and that many of their latest joins."""
        rules = (await self.fetch_settings(guild_id)).values.fake_rules
        since_ms = counted_since_ms(self._clock.now_ms())
        async with self._database.read() as rx:
            counts = await invite_counts.fetch_counts(rx, guild_id, inviter_id, rules, since_ms)
            rows = await joins.fetch_last_joins_of_inviter(rx, guild_id, inviter_id, latest, 0, since_ms)
        return InviterStats(counts, tuple(rows))

    async def fetch_credited_joins(
        self, guild_id: int, inviter_id: int, limit: int, offset: int
    ) -> tuple[list[CreditedJoin], int]:
        """Return the joins that the inviter's `total` counts, the latest first, and how many there are."""
        await self._require_enabled(guild_id)
        since_ms = counted_since_ms(self._clock.now_ms())
        async with self._database.read() as rx:
            rows = await invite_counts.fetch_credited_joins(rx, guild_id, inviter_id, since_ms, limit, offset)
            return rows, await invite_counts.fetch_credited_join_count(rx, guild_id, inviter_id, since_ms)

    async def fetch_joins_of_code(
        self, guild_id: int, code: str, limit: int, offset: int
    ) -> tuple[list[JoinOfCode], int]:
        """Return who came by this invite for certain, the latest first, cleared joins too, and how many there are."""
        rules = (await self.fetch_settings(guild_id)).values.fake_rules
        since_ms = counted_since_ms(self._clock.now_ms())
        async with self._database.read() as rx:
            rows = await invite_counts.fetch_joins_of_code(rx, guild_id, code, rules, since_ms, limit, offset)
            return rows, await invite_counts.fetch_join_count_of_code(rx, guild_id, code, since_ms)

    async def fetch_join(self, guild_id: int, member_id: int) -> Join | None:
        """Return the latest join of a member, with how we know."""
        await self._require_enabled(guild_id)
        async with self._database.read() as rx:
            return await joins.fetch_latest_join_of_member(rx, guild_id, member_id)

    async def fetch_leaderboard(
        self, guild_id: int, *, days: int | None, page: int, page_size: int
    ) -> LeaderboardPage:
        """Return a page of the inviters, by real invites.

        `days` (1 to 31) counts only joins of these last days; None counts all 31, and shows who has nothing but a bonus.
        """
        rules = (await self.fetch_settings(guild_id)).values.fake_rules
        since_ms = counted_since_ms(self._clock.now_ms(), days or STATISTICS_DAYS)
        bonus_alone = days is None
        async with self._database.read() as rx:
            total = await invite_counts.fetch_leaderboard_count(
                rx, guild_id, since_ms, with_bonus_alone=bonus_alone
            )
            pages = max(1, -(-total // page_size))
            page = min(max(1, page), pages)
            offset = (page - 1) * page_size
            rows = await invite_counts.fetch_leaderboard(
                rx, guild_id, rules, since_ms, page_size, offset, with_bonus_alone=bonus_alone
            )
        return LeaderboardPage(tuple(rows), offset + 1, page, pages, total)
