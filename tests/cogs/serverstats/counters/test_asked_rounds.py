"""Rounds that somebody outside asks for: one at a time, one a minute at most, and none that is asked for is left out."""

import asyncio

from bot.clock import SystemClock
from cogs.serverstats.counters.asked_rounds import DISTANCE_SECONDS, AskedRounds


class SteppedClock(SystemClock):
    """Stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._moved = asyncio.Condition()

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        async with self._moved:
            await self._moved.wait_for(lambda: self.now >= until)

    async def move(self, seconds: float) -> None:
        """Let so much time go by, and whoever waited for it go on."""
        self.now += seconds
        async with self._moved:
            self._moved.notify_all()
        await settle()


async def settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


class Scene:
    """Rounds that are counted, and last until they are let end."""

    def __init__(self) -> None:
        self.clock = SteppedClock()
        self.begun = 0
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.rounds = AskedRounds(self.clock, self._update)

    async def _update(self) -> None:
        self.begun += 1
        await self.may_end.wait()

    async def ask(self, times: int = 1) -> None:
        """Ask, and let what follows from it begin."""
        for _ in range(times):
            self.rounds.ask()
        await settle()


async def test_many_who_ask_at_once_get_one_round() -> None:
    scene = Scene()
    await scene.ask(100)
    assert scene.begun == 1
    await scene.rounds.close()


async def test_who_asks_during_a_round_gets_another_one_a_minute_after_it_began() -> None:
    scene = Scene()
    scene.may_end.clear()
    await scene.ask()
    await scene.ask(50)
    scene.may_end.set()
    await settle()
    assert scene.begun == 1
    await scene.clock.move(DISTANCE_SECONDS - 1)
    assert scene.begun == 1
    await scene.clock.move(1)
    assert scene.begun == 2
    await scene.clock.move(10 * DISTANCE_SECONDS)
    assert scene.begun == 2
    await scene.rounds.close()


async def test_who_asks_soon_after_a_round_waits_for_the_rest_of_the_minute() -> None:
    scene = Scene()
    await scene.ask()
    await scene.clock.move(20)
    await scene.ask(3)
    assert scene.begun == 1
    await scene.clock.move(DISTANCE_SECONDS - 20)
    assert scene.begun == 2
    await scene.rounds.close()


async def test_who_asks_long_after_a_round_does_not_wait() -> None:
    scene = Scene()
    await scene.ask()
    await scene.clock.move(DISTANCE_SECONDS)
    await scene.ask()
    assert scene.begun == 2
    await scene.rounds.close()


async def test_a_round_of_a_slow_discord_is_not_joined_by_a_second_one() -> None:
    scene = Scene()
    scene.may_end.clear()
    await scene.ask()
    await scene.clock.move(5 * DISTANCE_SECONDS)
    await scene.ask()
    assert scene.begun == 1
    await scene.rounds.close()
