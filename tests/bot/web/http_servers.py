"""A bot that is not connected to Discord, and its HTTP API: on a port of this machine, or without any socket."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from pydantic import SecretStr

from bot.client import HeadcountClient
from bot.clock import Clock, SystemClock
from bot.config import Config, HttpConfig
from bot.parts import Parts
from bot.web.application import open_application
from bot.web.context import WebContext
from bot.web.routing import ApiRouter
from bot.web.server import WebServer
from storage.database import Database

OPERATOR_KEY = "operator-key-of-the-tests-0123456789abcdef"
AS_OPERATOR = {"Authorization": f"Bearer {OPERATOR_KEY}"}


class ReadyClient(HeadcountClient):
    """Says that it is connected."""

    def is_ready(self) -> bool:
        return True


def make_client(
    database: Database, *, is_ready: bool = True, clock: Clock | None = None, **http: Any
) -> HeadcountClient:
    """Return a bot that was never started; `http` are fields of the section `[http]`."""
    fields = {"enabled": True, "port": 0, "operator_key": SecretStr(OPERATOR_KEY), **http}
    config = Config(http=HttpConfig(**fields))
    kind = ReadyClient if is_ready else HeadcountClient
    return kind(Parts.assemble(config, database, clock or SystemClock()))


@asynccontextmanager
async def serving(
    database: Database, *routers: ApiRouter, is_ready: bool = True, **http: Any
) -> AsyncIterator[tuple[WebServer, httpx.AsyncClient]]:
    """Run the server of a bot with these routers, and give a client with the operator's key."""
    server = WebServer(make_client(database, is_ready=is_ready, **http), routers)
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=server.url, headers=AS_OPERATOR, trust_env=False) as client:
            yield server, client
    finally:
        await server.close()


class SetClock(SystemClock):
    """Ticks only when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@asynccontextmanager
async def asking(
    database: Database,
    *routers: ApiRouter,
    is_ready: bool = True,
    clock: Clock | None = None,
    **http: Any,
) -> AsyncIterator[tuple[HeadcountClient, httpx.AsyncClient]]:
    """Give a client, without a key, to the application of a bot, without a socket between them."""
    bot = make_client(database, is_ready=is_ready, clock=clock, **http)
    await bot.parts.api_keys.open()
    transport = httpx.ASGITransport(open_application(routers, WebContext(bot)))
    async with httpx.AsyncClient(transport=transport, base_url="http://headcount") as client:
        yield bot, client


def message_of(answer: httpx.Response, status: int) -> str:
    """Return the message of a refusal, which has the one shape and this status."""
    body = answer.json()
    assert body.keys() == {"success", "data", "error"}, answer.text
    assert (body["success"], body["data"], body["error"].keys()) == (False, {}, {"code", "message"})
    assert body["error"]["code"] == answer.status_code == status, answer.text
    return str(body["error"]["message"])


async def read_all(streams: Sequence[tuple[asyncio.StreamReader, asyncio.StreamWriter]]) -> list[bytes]:
    """Return what comes on these connections until each of them ends."""
    async with asyncio.timeout(30):
        found = [await reader.read() for reader, _writer in streams]
    for _reader, writer in streams:
        writer.close()
    return found
