"""The pace of what programs have the bot ask Discord for, through the HTTP API.

What they want must not keep the bot from its own work, nor one server's programs those of the others. And Discord bars an
address that was refused 10,000 times in ten minutes (Discord documentation, Rate Limits, Invalid Request Limit): a program
that insists on what the bot may not do must not bring that about, for all servers.
"""

import asyncio
from collections import deque
from typing import Final

import discord

from bot.clock import Clock

AT_ONCE: Final = 20
"""So many requests of one guild's programs go without a wait."""
PER_SECOND: Final = 5
"""At this pace they come back."""
ALL_AT_ONCE: Final = 40
ALL_PER_SECOND: Final = 20
"""The same of all guilds together: half of what the bot sends."""
WAITING_MOST: Final = 100
"""So many of one guild's may wait: twice as many as disabling a module with all its counters needs."""
ALL_WAITING_MOST: Final = 200
"""The same of the operator's, which work for all guilds."""
REFUSALS_PER_MINUTE: Final = 30
"""So often Discord may refuse what programs of one guild want; then it is not asked any more."""
ALL_REFUSALS_PER_MINUTE: Final = 300
REFUSED: Final = frozenset({401, 403, 429})
"""The statuses that Discord counts."""
MINUTE_SECONDS: Final = 60.0
LEAST_SECONDS: Final = 1e-6
"""What is shorter is what adding up fractions of seconds leaves."""

_Guild = int | None


class _Bucket:
    """So many at once, and then at the pace at which they come back."""

    def __init__(self, at_once: int, per_second: int) -> None:
        self._cost = 1 / per_second
        self._tolerance = (at_once - 1) / per_second
        self._restored_at = 0.0

    def take(self, now: float) -> float:
        """Take one, and return for how many seconds to wait for it."""
        wait = self._restored_at - self._tolerance - now
        self._restored_at = max(self._restored_at, now) + self._cost
        return wait


class _Refusals:
    """How often Discord refused in the last minute."""

    def __init__(self, most: int) -> None:
        self._at: deque[float] = deque(maxlen=most)

    def note(self, now: float) -> None:
        """Count one more."""
        self._at.append(now)

    def require_few(self, now: float) -> None:
        """Raise discord.RateLimited when there were too many."""
        if len(self._at) == self._at.maxlen and (wait := self._at[0] + MINUTE_SECONDS - now) > 0:
            raise discord.RateLimited(wait)


class _Share:
    """What one guild's programs take, or (None) the operator's, which work for all guilds."""

    def __init__(self, guild_id: _Guild) -> None:
        is_operator = guild_id is None
        self.bucket = _Bucket(ALL_AT_ONCE, ALL_PER_SECOND) if is_operator else _Bucket(AT_ONCE, PER_SECOND)
        self.refusals = _Refusals(ALL_REFUSALS_PER_MINUTE if is_operator else REFUSALS_PER_MINUTE)
        self.waiting_most = ALL_WAITING_MOST if is_operator else WAITING_MOST
        self.turn = asyncio.Lock()
        self.waiting = 0


class ProgramPace:
    """Lets requests for programs go, each guild's in their order."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shares: dict[_Guild, _Share] = {}
        self._bucket = _Bucket(ALL_AT_ONCE, ALL_PER_SECOND)
        self._refusals = _Refusals(ALL_REFUSALS_PER_MINUTE)

    async def turn(self, guild_id: _Guild) -> None:
        """Wait until it is this guild's turn; None: the operator's programs.

        Raises discord.RateLimited, which everybody who asks Discord expects, when too many wait or were refused.
        """
        share = self._share_of(guild_id)
        self._require_few_refusals(share)
        if share.waiting >= share.waiting_most:
            raise discord.RateLimited(WAITING_MOST / PER_SECOND)
        share.waiting += 1
        try:
            # One guild has one place among all of them, however many of its requests wait.
            async with share.turn:
                await self._wait(share.bucket)
                await self._wait(self._bucket)
        finally:
            share.waiting -= 1
        # Others may have been refused while this one waited.
        self._require_few_refusals(share)

    def note_failure(self, guild_id: _Guild, error: discord.HTTPException) -> None:
        """Count what Discord counts."""
        if error.status in REFUSED:
            now = self._clock.monotonic()
            self._share_of(guild_id).refusals.note(now)
            self._refusals.note(now)

    def _share_of(self, guild_id: _Guild) -> _Share:
        share = self._shares.get(guild_id)
        if share is None:
            share = self._shares[guild_id] = _Share(guild_id)
        return share

    def _require_few_refusals(self, share: _Share) -> None:
        now = self._clock.monotonic()
        share.refusals.require_few(now)
        self._refusals.require_few(now)

    async def _wait(self, bucket: _Bucket) -> None:
        if (wait := bucket.take(self._clock.monotonic())) > LEAST_SECONDS:
            await self._clock.sleep(wait)
