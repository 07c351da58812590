"""What the doctor says of the HTTP API, with real sockets."""

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from pydantic import SecretStr

from bot.config import Config, HttpConfig
from bot.doctor.findings import Finding, Severity
from bot.doctor.http_api import check_http
from storage.database import Database
from tests.bot.web.http_servers import OPERATOR_KEY, serving

KEY = SecretStr(OPERATOR_KEY)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody listens and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening.getsockname()[1]


async def found(**fields: Any) -> dict[str, Finding]:
    findings = await check_http(Config(http=HttpConfig(**{"enabled": True, "port": 0, **fields})))
    return {one.check: one for one in findings}


async def test_nothing_is_said_of_an_api_that_is_switched_off(taken_port: int) -> None:
    assert await found(enabled=False, port=taken_port) == {}


async def test_an_address_where_the_bot_can_listen_is_fine() -> None:
    with closing(socket.socket()) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
    one = (await found(port=port))["configuration.http"]
    assert one.severity is Severity.FINE
    assert one.sentence == f"The bot can listen at http://127.0.0.1:{port}; there is no operator's key."
    any_port = (await found(operator_key=KEY))["configuration.http"]
    assert any_port.sentence == "The bot can listen at any port that is free; the operator has a key."


async def test_a_port_that_the_bot_has_itself_is_fine(database: Database) -> None:
    async with serving(database) as (server, _client):
        one = (await found(port=server.port))["configuration.http"]
    assert (one.severity, one.sentence) == (
        Severity.FINE,
        f"The bot answers at http://127.0.0.1:{server.port}; there is no operator's key.",
    )


async def test_a_port_that_somebody_else_has_is_an_error(
    taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.doctor.http_api.ANSWER_SECONDS", 0.1)
    one = (await found(port=taken_port))["configuration.http_address"]
    assert one.severity is Severity.ERROR
    assert "something else listens there already" in one.sentence


async def test_an_address_of_another_machine_is_an_error() -> None:
    one = (await found(host="192.0.2.1"))["configuration.http_address"]
    assert "not an address of this machine" in one.sentence


@pytest.mark.parametrize("enabled", [True, False])
async def test_a_key_that_keeps_the_bot_from_starting_is_an_error(enabled: bool) -> None:
    one = (await found(enabled=enabled, operator_key=SecretStr("short-secret")))["configuration.operator_key"]
    assert one.severity is Severity.ERROR
    assert "short-secret" not in one.sentence


async def test_an_api_that_others_can_reach_is_a_note() -> None:
    assert "configuration.http_unencrypted" not in await found(host="127.0.0.1")
    one = (await found(host="0.0.0.0"))["configuration.http_unencrypted"]
    assert one.severity is Severity.NOTE
    assert "HTTPS" in one.advice
