"""No second with more requests than Discord allows, and nobody waits for bulk reading."""

import asyncio
from typing import Any

import pytest
from discord.http import HTTPClient, Route

from bot.clock import SystemClock
from bot.config import Config
from bot.parts import Parts
from bot.request_pace import PATIENT_PER_SECOND, REQUESTS_PER_SECOND, RequestPace
from storage.database import Database
from tests.clients import ReusingClient

MEMBERS = Route("GET", "/guilds/{guild_id}/members", guild_id=1)
INVITES = Route("GET", "/guilds/{guild_id}/invites", guild_id=1)


class StepClock(SystemClock):
    """Goes on to the next moment that somebody waits for when everybody waits."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((self.seconds + seconds, done))
        await done

    async def run(self, *tasks: asyncio.Task[Any]) -> None:
        """Let the time pass until all tasks are done."""
        while not all(task.done() for task in tasks):
            for _ in range(len(tasks) + 5):
                await asyncio.sleep(0)
            if self._waiting:
                self.seconds = max(self.seconds, min(at for at, _ in self._waiting))
                due = [done for at, done in self._waiting if at <= self.seconds]
                self._waiting = [(at, done) for at, done in self._waiting if at > self.seconds]
                for done in due:
                    if not done.done():
                        done.set_result(None)


class Wire:
    """Notes when which request was sent."""

    def __init__(self) -> None:
        self.clock = StepClock()
        self.sent: list[tuple[float, str, Any]] = []
        self.request = RequestPace(self.clock).around(self._send)

    def ask(self, route: Route, number: int = 0) -> asyncio.Task[Any]:
        return asyncio.create_task(self.request(route, number=number))

    async def _send(self, route: Route, *, number: int) -> str:
        self.sent.append((self.clock.seconds, route.path, number))
        return f"answer {number}"


async def test_few_requests_do_not_wait() -> None:
    wire = Wire()
    tasks = [wire.ask(INVITES, number) for number in range(REQUESTS_PER_SECOND)]
    await wire.clock.run(*tasks)
    assert {at for at, _, _ in wire.sent} == {1000.0}
    assert [task.result() for task in tasks[:2]] == ["answer 0", "answer 1"]


async def test_no_second_has_more_requests_than_allowed_and_their_order_is_kept() -> None:
    wire = Wire()
    await wire.clock.run(*(wire.ask(INVITES, number) for number in range(5 * REQUESTS_PER_SECOND)))
    times = [at for at, _, _ in wire.sent]
    assert [number for _, _, number in wire.sent] == list(range(5 * REQUESTS_PER_SECOND))
    for first, next_second in zip(times, times[REQUESTS_PER_SECOND:], strict=False):
        assert next_second >= first + 1
    assert times[-1] == 1004.0


async def test_bulk_reading_lets_everybody_else_go_first() -> None:
    wire = Wire()
    bulk = [wire.ask(MEMBERS, number) for number in range(30)]
    await asyncio.sleep(0)
    others = [wire.ask(INVITES, number) for number in range(2 * REQUESTS_PER_SECOND - 1)]
    await wire.clock.run(*bulk, *others)
    invites = [at for at, path, _ in wire.sent if path == INVITES.path]
    members = [at for at, path, _ in wire.sent if path == MEMBERS.path]
    # All but the one page that was on its way before anybody else came.
    assert max(invites) <= 1001.0
    assert sorted(members)[1] > max(invites)


async def test_bulk_reading_has_a_slower_pace_of_its_own() -> None:
    wire = Wire()
    await wire.clock.run(*(wire.ask(MEMBERS, number) for number in range(PATIENT_PER_SECOND + 1)))
    assert wire.sent[-1][0] - wire.sent[0][0] > 0.999


async def test_a_request_that_is_given_up_keeps_nobody_waiting() -> None:
    wire = Wire()
    tasks = [wire.ask(MEMBERS, number) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await wire.clock.run(*tasks)
    assert [number for _, _, number in wire.sent] == [0, 2]


async def test_all_requests_of_the_bot_keep_the_pace(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StepClock()
    sent: list[float] = []

    async def note(_client: HTTPClient, _route: Route, **_details: Any) -> None:
        sent.append(clock.seconds)

    monkeypatch.setattr(HTTPClient, "request", note)
    parts = Parts.assemble(Config(), database, clock)
    async with ReusingClient(parts) as client:
        tasks = [
            asyncio.create_task(client.http.get_guild(number)) for number in range(REQUESTS_PER_SECOND + 1)
        ]
        await clock.run(*tasks)
    assert (sent[0], sent[-1]) == (1000.0, 1001.0)
