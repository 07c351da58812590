"""The HTTP server on real sockets: it starts alone, says what keeps it from that, and stops without cutting anybody off."""

import asyncio
import errno
import logging
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from fastapi import Response

from bot.client import EXTENSIONS
from bot.web import connection
from bot.web import server as server_module
from bot.web.address import AddressError, at_port, is_loopback, listen, port_of, url_of
from bot.web.envelope import success
from bot.web.routing import ApiRouter
from bot.web.server import WebServer
from storage.database import Database
from tests.bot.web.http_servers import AS_OPERATOR, make_client, read_all, serving

ROOT = Path(__file__).parents[3]
TIMEOUT_SECONDS = 30


class Slow:
    """An endpoint whose answer takes until the test lets it go."""

    def __init__(self) -> None:
        self.is_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.was_cancelled = False
        self.router = ApiRouter("/slow", "Slow")
        self.router.endpoint("GET", "/answer", right=None)(self.answer)

    async def answer(self) -> Response:
        """Take time."""
        self.is_asked.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            # To put things back in order takes some turns of the loop.
            for _ in range(50):
                await asyncio.sleep(0)
            self.was_cancelled = True
            raise
        return success({"slow": True})


@pytest.fixture
def slow() -> Slow:
    return Slow()


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.fixture
def taken_port() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield port_of(listening)


async def test_it_answers_before_the_bot_is_connected_and_says_so(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.web")
    async with serving(database, is_ready=False) as (server, client):
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
    started, stopped = (record for record in caplog.records if record.name == "bot.web.server")
    assert f"http://127.0.0.1:{server.port}" in started.getMessage()
    assert vars(started).items() >= {"event": "http_started", "port": server.port}.items()
    assert vars(stopped)["event"] == "http_stopped"


@pytest.mark.parametrize(("is_ready", "status"), [(True, 200), (False, 503)])
async def test_the_probes_can_be_asked_without_a_body_coming_back(
    database: Database, is_ready: bool, status: int
) -> None:
    async with serving(database, is_ready=is_ready) as (_server, client):
        for path, expected in (("/livez", 200), ("/readyz", status), ("/livez", 200)):
            answer = await client.head(path)
            assert (answer.status_code, answer.content) == (expected, b"")


async def test_answers_do_not_say_what_they_are_made_with(database: Database) -> None:
    async with serving(database) as (_server, client):
        headers = (await client.get("/livez")).headers
    assert "server" not in headers
    assert "date" in headers


async def test_a_key_that_was_stored_before_is_known_with_the_first_request(
    database: Database, slow: Slow
) -> None:
    before = make_client(database)
    key = await before.parts.api_keys.create(5, "website", frozenset({"read"}), None)  # type: ignore[arg-type]
    slow.may_answer.set()
    async with serving(database, slow.router) as (_server, client):
        answer = await client.get("/slow/answer", headers={"Authorization": f"Bearer {key.text}"})
    assert answer.status_code == 200


async def test_a_request_that_is_being_answered_ends_before_the_stop_does(
    database: Database, slow: Slow
) -> None:
    async with serving(database, slow.router) as (server, client):
        request = asyncio.create_task(client.get("/slow/answer"))
        await slow.is_asked.wait()
        stop = asyncio.create_task(server.close())
        await refused(server.port)
        assert not stop.done()
        slow.may_answer.set()
        answer = await request
        await stop
    assert answer.json() == {"success": True, "data": {"slow": True}}
    assert answer.headers["connection"] == "close"


async def test_a_request_that_takes_too_long_is_cancelled_and_told(
    database: Database, slow: Slow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server_module, "STOP_SECONDS", 0.1)
    async with serving(database, slow.router) as (server, client):
        request = asyncio.create_task(client.get("/slow/answer"))
        await slow.is_asked.wait()
        await server.close()
        # Nothing of it is left to use what ends with the bot.
        assert slow.was_cancelled
        answer = await request
    assert answer.status_code == 503
    assert answer.json()["error"]["message"].startswith("ServiceUnavailableError! I was told to stop")
    assert "Traceback" not in caplog.text


async def test_connections_that_are_kept_for_later_do_not_hold_up_the_stop(database: Database) -> None:
    async with serving(database) as (server, client):
        await client.get("/livez")
        silent = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
        silent[0][1].write(b"GET /livez HTTP/1.1\r\nHost: x\r\n")
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await server.close()
        assert await read_all(silent) == [b"", b"", b""]


async def test_to_stop_twice_or_without_having_started_does_nothing(database: Database) -> None:
    async with serving(database) as (server, _client):
        await server.close()
        await server.close()
    await WebServer(make_client(database), ()).close()


async def test_signals_stay_with_the_process(database: Database) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    async with serving(database):
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


async def test_an_end_that_nobody_asked_for_is_logged_and_the_stop_works_all_the_same(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(self: object, counter: int) -> bool:
        if counter:
            raise RuntimeError("a bug")
        return False

    monkeypatch.setattr("uvicorn.Server.on_tick", fail)
    async with serving(database) as (server, _client):
        assert server._serving is not None
        await asyncio.wait({server._serving})
        await refused(server.port)
    assert "http_failed" in [vars(record).get("event") for record in caplog.records]
    assert "a bug" in caplog.text


async def test_there_is_an_end_to_the_connections_that_strangers_may_open(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECTIONS_MOST", 3)
    async with serving(database) as (server, client):
        kept = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
        with pytest.raises(httpx.TransportError):
            await client.get("/livez")
        kept[0][1].close()
        await kept[0][1].wait_closed()
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while not await answers(client):
                pass
        for _reader, writer in kept:
            writer.close()


async def test_a_connection_that_asks_for_nothing_is_closed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "FIRST_WORDS_SECONDS", 0.2)
    async with serving(database) as (server, _client):
        streams = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
        streams[1][1].write(b"GET /livez HTTP/1.1\r\nHos")
        # The second request of a connection must not dawdle either.
        streams[2][1].write(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /liv")
        nothing, half, second = await read_all(streams)
    assert (nothing, half) == (b"", b"")
    assert second.count(b"HTTP/1.1 200 OK") == 1


async def test_what_is_no_http_is_refused_without_a_line_in_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    async with serving(database) as (server, _client):
        stream = await asyncio.open_connection("127.0.0.1", server.port)
        stream[1].write(b"\x16\x03\x01 not http\r\n\r\n")
        [answer] = await read_all([stream])
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert "Invalid HTTP" not in caplog.text


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("host", ["::1", "::"])
async def test_it_listens_on_ipv6(database: Database, host: str) -> None:
    async with serving(database, host=host) as (server, client):
        assert server.url == f"http://[::1]:{server.port}"
        assert (await client.get("/livez")).status_code == 200
        if host == "::":
            assert (await client.get(f"http://127.0.0.1:{server.port}/livez")).status_code == 200


async def test_who_listens_beyond_this_machine_is_warned_once(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(database, host="0.0.0.0") as (_server, client):
        assert (await client.get("/livez")).status_code == 200
    [warning] = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert vars(warning)["event"] == "http_unencrypted"
    assert "HTTPS" in warning.getMessage()


async def test_a_port_that_is_taken_is_one_sentence(database: Database, taken_port: int) -> None:
    with pytest.raises(AddressError) as caught:
        await WebServer(make_client(database, port=taken_port), ()).start()
    assert str(caught.value) == (
        f"The HTTP API cannot listen on 127.0.0.1:{taken_port}: something else listens there already; "
        "choose another http.port, or stop the other program."
    )


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("192.0.2.1", "that is not an address of this machine; check http.host"),
        ("nowhere.invalid", "no machine of that name is known; check http.host"),
    ],
)
def test_an_address_that_is_not_this_machine_s_is_one_sentence(host: str, reason: str) -> None:
    with pytest.raises(AddressError) as caught:
        listen(host, 8080)
    assert str(caught.value) == f"The HTTP API cannot listen on {host}:8080: {reason}."


def test_a_port_that_is_not_for_this_user_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_address: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    # Whoever runs the tests may be root.
    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(AddressError, match=r"this user may not; choose an http.port above 1023"):
        listen("127.0.0.1", 1)


def test_a_name_that_stands_for_both_generations_is_taken_as_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_what: object, **_options: object) -> list[object]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 0, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0)),
        ]

    # What a name stands for is different on every machine.
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with closing(listen("localhost", 0)) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("host", "url", "loopback"),
    [
        ("127.0.0.1", "http://127.0.0.1:80", True),
        ("127.8.8.8", "http://127.8.8.8:80", True),
        ("::1", "http://[::1]:80", True),
        ("localhost", "http://localhost:80", True),
        ("0.0.0.0", "http://127.0.0.1:80", False),
        ("::", "http://[::1]:80", False),
        ("10.0.0.7", "http://10.0.0.7:80", False),
        ("example.org", "http://example.org:80", False),
    ],
)
def test_addresses_are_written_so_that_people_can_go_there(host: str, url: str, loopback: bool) -> None:
    assert (url_of(host, 80), is_loopback(host)) == (url, loopback)


def test_ipv6_addresses_stand_in_brackets_before_a_port() -> None:
    assert (at_port("::1", 80), at_port("127.0.0.1", 80)) == ("[::1]:80", "127.0.0.1:80")


def test_who_does_without_the_api_loads_nothing_of_it() -> None:
    code = (
        "import importlib, sys, bot.cli, bot.startup\n"
        f"for name in {EXTENSIONS!r}: importlib.import_module(name)\n"
        "heavy = {'fastapi', 'starlette', 'uvicorn', 'prometheus_client', 'httptools'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


async def refused(port: int) -> None:
    """Wait until nobody listens there any more."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            try:
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return
            writer.close()


async def answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/livez", headers=AS_OPERATOR)).status_code == 200
    except httpx.TransportError:
        return False
