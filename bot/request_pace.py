"""The pace of all requests to Discord together, which discord.py leaves to chance and to refusals.

Discord allows 50 requests a second over all routes, and bars an address that was refused 10,000 times in ten minutes
(Discord documentation, Rate Limits). After a restart every tracked guild asks for its members and its invites at once.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import discord
from discord.http import Route

from bot.clock import Clock
from bot.program_pace import ProgramPace
from bot.web.callers import waiting_caller

REQUESTS_PER_SECOND = 40
"""Some room below the limit: requests do not arrive at the pace at which they were sent."""

PATIENT_PER_SECOND = 20
"""How many of them may be patient ones."""

PATIENT_ROUTES = frozenset({("GET", "/guilds/{guild_id}/members")})
"""What is read in bulk, and must not keep anything else waiting."""

PROGRAM_SECONDS = 30.0
"""So long Discord gets for what a program waits for, all of discord.py's tries and waits included."""

Send = Callable[..., Coroutine[Any, Any, Any]]


class RequestPace:
    """Lets requests go in their order, at most so many a second; patient ones only when nobody else waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._granted: deque[float] = deque(maxlen=REQUESTS_PER_SECOND)
        self._patient_turn = asyncio.Lock()
        self._patient_at = 0.0
        self._programs = ProgramPace(clock)

    def around(self, send: Send) -> Send:
        """Return discord.py's `HTTPClient.request` with this pace."""

        async def request(route: Route, **details: Any) -> Any:
            caller = waiting_caller()
            if caller is not None:
                return await self.for_program(caller.guild_id, partial(send, route, **details))
            if (route.method, route.path) in PATIENT_ROUTES:
                await self.patient_turn()
            else:
                await self.turn()
            return await send(route, **details)

        return request

    async def for_program(self, guild_id: int | None, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask Discord something for a program of this guild (None: the operator's), in its turn.

        Raises what `ask` does, discord.RateLimited when the guild's programs want too much, and TimeoutError.
        """
        await self._programs.turn(guild_id)
        await self.turn()
        try:
            async with asyncio.timeout(PROGRAM_SECONDS):
                return await ask()
        except discord.HTTPException as error:
            self._programs.note_failure(guild_id, error)
            raise

    async def turn(self) -> None:
        """Wait for the next free place; it is taken at once, so that the order is that of the calls."""
        now = self._clock.monotonic()
        at = now
        if len(self._granted) == REQUESTS_PER_SECOND:
            at = max(now, self._granted[0] + 1)
        self._granted.append(at)
        if at > now:
            await self._clock.sleep(at - now)

    async def patient_turn(self) -> None:
        """Wait until nobody else does, and until the pace of patient requests allows it."""
        async with self._patient_turn:
            while (wait := max(self._backlog_seconds(), self._patient_at - self._clock.monotonic())) > 0:
                await self._clock.sleep(wait)
            self._patient_at = self._clock.monotonic() + 1 / PATIENT_PER_SECOND
            await self.turn()

    def _backlog_seconds(self) -> float:
        """Return how long a request that came now would have to wait."""
        if len(self._granted) < REQUESTS_PER_SECOND:
            return 0
        return self._granted[0] + 1 - self._clock.monotonic()
