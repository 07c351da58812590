"""What connections may cost: none is held by somebody who does not send, does not end, or does not read."""

import asyncio
import socket

import pytest
from fastapi import Response

from bot.web import connection
from bot.web.callers import Right
from bot.web.routing import ApiRouter
from bot.web.server import WebServer
from storage.database import Database
from tests.bot.web.http_servers import OPERATOR_KEY, read_all, serving

TIMEOUT_SECONDS = 30
LONG = 3600.0
BIG = 32 * 1024 * 1024
"""More than the buffers of both ends of a connection take."""

router = ApiRouter("/big", "Big")


@router.endpoint("GET", "/answer", right=Right.READ)
async def give_much() -> Response:
    """Answer with much."""
    return Response(bytes(BIG))


ASK_MUCH = f"GET /big/answer HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {OPERATOR_KEY}\r\n\r\n".encode()
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(server: WebServer) -> Stream:
    return await asyncio.open_connection("127.0.0.1", server.port, limit=1)


async def send_without_end(writer: asyncio.StreamWriter) -> None:
    """Send until the other end has had enough."""
    while True:
        writer.write(b"a" * 65536)
        await writer.drain()


async def stalled(server: WebServer, number: int) -> None:
    """Wait until so many connections wait for somebody to read."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while server.waiting_to_send != number:  # noqa: ASYNC110 - there is nothing to wait for
            await asyncio.sleep(0)


async def test_an_answer_does_not_wait_for_the_acknowledgement_of_its_head(database: Database) -> None:
    """With Nagle's algorithm every answer takes 40 ms."""
    async with serving(database) as (server, _client):
        _reader, writer = await connect(server)
        assert server._server is not None
        accepted = server._server.server_state.connections
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while not accepted:  # noqa: ASYNC110 - there is nothing to wait for
                await asyncio.sleep(0)
        [one] = accepted
        assert isinstance(one, connection.Connection)
        assert one.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()


@pytest.mark.parametrize("key", ["", "Authorization: Bearer nobody-knows-it\r\n"])
async def test_a_body_that_does_not_come_ends_also_a_connection_that_was_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(connection, "BODY_SECONDS", 0.2)
    async with serving(database) as (server, _client):
        stream = await connect(server)
        stream[1].write(f"POST /x HTTP/1.1\r\nHost: x\r\n{key}Content-Length: 1000\r\n\r\nab".encode())
        head = await asyncio.wait_for(stream[0].readexactly(12), TIMEOUT_SECONDS)
        # Whoever sends something keeps the connection from being idle.
        stream[1].write(b"c")
        await read_all([stream])
    assert head == b"HTTP/1.1 401"


async def test_a_body_that_came_does_not_end_the_connection(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BODY_SECONDS", 0.0)
    async with serving(database, router) as (_server, client):
        first = await client.post("/nowhere", content=b"{}")
        answer = await client.get("/big/answer")
    assert (first.status_code, len(answer.content)) == (404, BIG)


async def test_a_head_without_an_end_is_cut_off(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FIRST_WORDS_SECONDS", LONG)
    async with serving(database) as (server, client):
        stream = await connect(server)
        stream[1].write(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ")
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(send_without_end(stream[1]), TIMEOUT_SECONDS)
        assert (await client.get("/livez", headers={"X-Long": "a" * 60_000})).status_code == 200


async def test_who_does_not_read_an_answer_does_not_hold_it_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SENDING_SECONDS", 0.2)
    async with serving(database, router) as (server, _client):
        stream = await connect(server)
        stream[1].write(ASK_MUCH)
        await stalled(server, 1)
        await stalled(server, 0)
        stream[1].transport.abort()


async def test_who_reads_slowly_gets_the_whole_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SENDING_SECONDS", LONG)
    async with serving(database, router) as (server, _client):
        stream = await connect(server)
        stream[1].write(ASK_MUCH)
        await stalled(server, 1)
        size = 0
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while size < BIG:
                size += len(await stream[0].read(65536))
        await stalled(server, 0)
        stream[1].close()


async def test_of_too_many_who_do_not_read_the_one_that_waits_longest_is_given_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SENDING_MOST", 2)
    async with serving(database, router) as (server, _client):
        streams = [await connect(server) for _ in range(3)]
        for number, (_reader, writer) in enumerate(streams, start=1):
            writer.write(ASK_MUCH)
            if number < len(streams):
                await stalled(server, number)
        found = await asyncio.wait_for(streams[0][0].read(), TIMEOUT_SECONDS)
        kept = await asyncio.wait_for(streams[1][0].readexactly(BIG), TIMEOUT_SECONDS)
        for _reader, writer in streams:
            writer.transport.abort()
    assert 0 < len(found) < BIG
    assert len(kept) == BIG
