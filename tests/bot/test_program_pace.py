"""What programs want of Discord keeps neither the bot nor other servers' programs waiting, nor does it get the bot barred."""

import asyncio
from typing import Any, Final

import discord
import pytest
from discord.http import HTTPClient, Route

from bot import request_pace
from bot.config import Config
from bot.parts import Parts
from bot.program_pace import (
    ALL_AT_ONCE,
    ALL_PER_SECOND,
    ALL_REFUSALS_PER_MINUTE,
    AT_ONCE,
    PER_SECOND,
    REFUSALS_PER_MINUTE,
    WAITING_MOST,
)
from bot.request_pace import RequestPace
from bot.web.callers import Caller, Right, calling, waiting_caller
from storage.database import Database
from tests.bot.test_request_pace import StepClock
from tests.clients import ReusingClient

ROUTE: Final = Route("GET", "/channels/{channel_id}", channel_id=1)


class Response:
    """As much of an answer of Discord as its errors are made of."""

    reason = "because"

    def __init__(self, status: int) -> None:
        self.status = status


class Wire:
    """Notes when which request was sent; answers with a status."""

    def __init__(self) -> None:
        self.clock = StepClock()
        self.sent: list[tuple[float, Any]] = []
        self.status = 200
        self.request = RequestPace(self.clock).around(self._send)

    def ask(self, guild_id: int | None) -> asyncio.Task[Any]:
        """Ask for a program of this guild."""
        return asyncio.create_task(self._ask(guild_id))

    async def ask_in_turn(self, guild_id: int | None) -> None:
        """Ask for a program of this guild, and go on once there is an answer; raises what comes of it."""
        task = self.ask(guild_id)
        await self.clock.run(task)
        await task

    async def _ask(self, guild_id: int | None) -> None:
        with calling(Caller("key", frozenset(Right), guild_id)):
            await self.request(ROUTE, of=guild_id)

    async def _send(self, _route: Route, *, of: Any) -> None:
        self.sent.append((self.clock.seconds, of))
        if self.status == 403:
            raise discord.Forbidden(Response(403), "no")  # type: ignore[arg-type]
        if self.status == 404:
            raise discord.NotFound(Response(404), "no")  # type: ignore[arg-type]

    def times_of(self, guild_id: int | None) -> list[float]:
        return [at for at, of in self.sent if of == guild_id]


async def test_the_programs_of_one_guild_have_a_pace_of_their_own() -> None:
    wire = Wire()
    await wire.clock.run(*(wire.ask(1) for _ in range(AT_ONCE + 10)))
    times = wire.times_of(1)
    assert set(times[:AT_ONCE]) == {1000.0}
    assert times[-1] == pytest.approx(1000 + 10 / PER_SECOND)


async def test_neither_the_bot_nor_another_guild_waits_for_them() -> None:
    wire = Wire()
    insisting = [wire.ask(1) for _ in range(WAITING_MOST)]
    await asyncio.sleep(0)
    other, own = wire.ask(2), asyncio.create_task(wire.request(ROUTE, of="the bot"))
    await wire.clock.run(*insisting, other, own)
    assert wire.times_of(2) == [1000.0]
    assert [at for at, of in wire.sent if of == "the bot"] == [1000.0]
    assert wire.times_of(1)[-1] > 1000


async def test_all_programs_together_leave_room_for_the_bot() -> None:
    wire = Wire()
    guilds = range(1, 2 * ALL_AT_ONCE + 1)
    await wire.clock.run(*(wire.ask(guild_id) for guild_id in guilds))
    last = max(at for at, _ in wire.sent)
    assert last == pytest.approx(1000 + (len(guilds) - ALL_AT_ONCE) / ALL_PER_SECOND)


async def test_more_than_can_wait_are_told_at_once() -> None:
    wire = Wire()
    tasks = [wire.ask(1) for _ in range(AT_ONCE + WAITING_MOST + 2)]
    for _ in range(len(tasks)):
        await asyncio.sleep(0)
    late = [task for task in tasks if task.done() and isinstance(task.exception(), discord.RateLimited)]
    assert len(late) == 2
    await wire.clock.run(*tasks)


async def test_who_is_refused_again_and_again_is_not_asked_for_any_more_until_a_minute_has_passed() -> None:
    wire = Wire()
    wire.status = 403
    for _ in range(REFUSALS_PER_MINUTE):
        with pytest.raises(discord.Forbidden):
            await wire.ask_in_turn(1)
    sent = len(wire.sent)
    with pytest.raises(discord.RateLimited) as refused:
        await wire.ask_in_turn(1)
    assert len(wire.sent) == sent
    wire.status = 200
    await wire.ask_in_turn(2)
    wire.clock.seconds += refused.value.retry_after
    await wire.ask_in_turn(1)


async def test_the_operators_programs_work_for_all_guilds() -> None:
    wire = Wire()
    await wire.clock.run(*(wire.ask(None) for _ in range(ALL_AT_ONCE + ALL_PER_SECOND)))
    assert wire.times_of(None)[ALL_AT_ONCE - 1] == 1000.0
    assert wire.times_of(None)[-1] == pytest.approx(1001.0)


async def test_what_the_bot_itself_does_is_not_counted_and_not_held_back() -> None:
    wire = Wire()
    wire.status = 403
    for _ in range(ALL_REFUSALS_PER_MINUTE + 1):
        wire.clock.seconds += 1
        with pytest.raises(discord.Forbidden):
            await wire.request(ROUTE, of="the bot")


async def test_all_that_the_bot_asks_for_programs_is_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StepClock()

    async def refuse(_client: HTTPClient, _route: Route, **_details: Any) -> None:
        clock.seconds += 1
        raise discord.Forbidden(Response(403), "no")  # type: ignore[arg-type]

    monkeypatch.setattr(HTTPClient, "request", refuse)
    async with ReusingClient(Parts.assemble(Config(), database, clock)) as client:
        with calling(Caller("key", frozenset(Right), 1)):
            for _ in range(REFUSALS_PER_MINUTE):
                with pytest.raises(discord.Forbidden):
                    await client.delete_invite("abc")
            with pytest.raises(discord.RateLimited):
                await client.delete_invite("abc")


async def test_what_discord_does_not_count_is_not_counted() -> None:
    wire = Wire()
    wire.status = 404
    for _ in range(REFUSALS_PER_MINUTE + 1):
        with pytest.raises(discord.NotFound):
            await wire.ask_in_turn(1)


async def test_many_guilds_cannot_have_the_bot_barred_together() -> None:
    wire = Wire()
    wire.status = 403
    for number in range(ALL_REFUSALS_PER_MINUTE):
        wire.clock.seconds += 0.05
        with pytest.raises(discord.Forbidden):
            await wire.ask_in_turn(number // (REFUSALS_PER_MINUTE - 1))
    with pytest.raises(discord.RateLimited):
        await wire.ask_in_turn(1_000_000)


async def test_discord_does_not_keep_a_program_waiting_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_pace, "PROGRAM_SECONDS", 0.0)

    async def hang(_route: Route) -> None:
        await asyncio.Event().wait()

    request = RequestPace(StepClock()).around(hang)
    with calling(Caller("key", frozenset(Right), 1)), pytest.raises(TimeoutError):
        await request(ROUTE)


async def test_what_a_request_has_begun_is_nobodys_once_the_request_is_answered() -> None:
    go_on = asyncio.Event()

    async def work() -> tuple[Caller | None, Caller | None]:
        before = waiting_caller()
        await go_on.wait()
        return before, waiting_caller()

    caller = Caller("key", frozenset(Right), 1)
    with calling(caller):
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
    go_on.set()
    assert await task == (caller, None)
    assert waiting_caller() is None
