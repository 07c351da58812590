"""Where requests come in: in which order they are refused, and that nothing gets past."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from fastapi import Body, Request, Response
from starlette.types import Message, Scope

from bot.acting import current_actor
from bot.web import gate
from bot.web.application import open_application
from bot.web.callers import Right, current_caller
from bot.web.context import WebContext
from bot.web.envelope import success
from bot.web.fields import GuildFields
from bot.web.gate import FAILURES_PER_MINUTE, KIBIBYTE
from bot.web.routing import ApiRouter
from storage.database import Database
from tests.bot.web.http_servers import AS_OPERATOR, SetClock, asking, make_client, message_of

GUILD_ID = 5


class NoteFields(GuildFields):
    """A note about a server."""

    text: str = ""


router = ApiRouter("/notes", "Notes")


@router.endpoint("POST", "/new", right=Right.WRITE)
async def write_note(body: Annotated[NoteFields, Body()]) -> Response:
    """Take a note."""
    actor = current_actor()
    name = None if actor is None else actor.name
    return success({"text": body.text, "actor": name, "caller": current_caller().name})


@router.endpoint("POST", "/broken", right=None)
async def break_down() -> Response:
    """Fail."""
    raise RuntimeError("the secret of the house")


@router.endpoint("GET", "/raw", right=None)
async def wait_for_end(request: Request) -> Response:
    """Tell what comes after the body."""
    await request.body()
    return success({"gone": await request.is_disconnected()})


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def key_of(bot: Any, *rights: Right, guild_id: int = GUILD_ID) -> str:
    new = await bot.parts.api_keys.create(guild_id, f"key {guild_id}", frozenset(rights or Right), None)
    return str(new.text)


# Who


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer  "},
        {"Authorization": "Basic aGk6aG8="},
        {"X-API-Key": ""},
    ],
    ids=["nothing", "no credentials", "blanks", "another scheme", "an empty header"],
)
async def test_without_a_key_nothing_is_answered(database: Database, headers: dict[str, str]) -> None:
    async with asking(database, router) as (_bot, client):
        answer = await client.post("/notes/new", headers=headers)
        unknown_path = await client.get("/nowhere", headers=headers)
    assert (
        message_of(answer, 401) == "UnauthorizedError! A key is needed: send it as `Authorization: Bearer …`."
    )
    assert message_of(unknown_path, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "x-ratelimit-limit" not in answer.headers


async def test_a_key_that_nobody_has_is_refused(database: Database) -> None:
    async with asking(database, router) as (_bot, client):
        answer = await client.post("/notes/new", headers=bearer("hc_00000000_" + "x" * 43))
    assert message_of(answer, 401) == "UnauthorizedError! This key is not known; it may have been deleted."


@pytest.mark.parametrize("header", ["Authorization: Bearer ", "authorization: bEaReR ", "X-API-Key: "])
async def test_a_key_is_taken_from_either_header(database: Database, header: str) -> None:
    name, _, scheme = header.partition(": ")
    async with asking(database, router) as (bot, client):
        key = await key_of(bot)
        answer = await client.post(
            "/notes/new", headers={name: f"{scheme}{key}"}, json={"guild_id": GUILD_ID, "text": "hi"}
        )
    assert answer.json()["data"]["text"] == "hi"


async def test_what_a_handler_does_is_done_by_the_key(database: Database) -> None:
    async with asking(database, router) as (bot, client):
        answer = await client.post(
            "/notes/new", headers=bearer(await key_of(bot)), json={"guild_id": str(GUILD_ID)}
        )
    assert answer.json()["data"] == {"text": "", "actor": "key 5", "caller": "key 5"}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/openapi.json", "/docs"])
async def test_what_is_about_nobody_needs_no_key(database: Database, path: str) -> None:
    async with asking(database, router) as (_bot, client):
        assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/livez/", "/docsx", "/metrics/x", "//livez", "/LIVEZ"])
async def test_what_only_looks_like_it_needs_one(database: Database, path: str) -> None:
    async with asking(database, router) as (_bot, client):
        assert message_of(await client.get(f"http://headcount{path}"), 401)


async def test_the_documentation_is_no_way_around(database: Database) -> None:
    bot = make_client(database)
    app = open_application((router,), WebContext(bot))
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope_of("GET", "/docs/../notes/raw", []), receive, send)
    assert sent[0]["status"] == 404


# How often


async def test_every_answer_to_a_key_tells_how_much_is_left(database: Database) -> None:
    clock = SetClock()
    async with asking(database, router, clock=clock, requests_per_minute=2) as (bot, client):
        headers = bearer(await key_of(bot))
        first = await client.get("/nowhere", headers=headers)
        second = await client.post("/notes/broken", headers=headers)
        third = await client.get("/nowhere", headers=headers)
        clock.seconds += 30
        fourth = await client.get("/nowhere", headers=headers)
    assert message_of(first, 404)
    assert message_of(second, 500)
    assert message_of(third, 429) == "TooManyRequestsError! This key may make 2 requests a minute."
    assert message_of(fourth, 404)
    limits = [answer.headers["x-ratelimit-remaining"] for answer in (first, second, third, fourth)]
    assert limits == ["1", "0", "0", "0"]
    assert {answer.headers["x-ratelimit-limit"] for answer in (first, second, third, fourth)} == {"2"}
    assert third.headers["retry-after"] == "30"
    assert "retry-after" not in fourth.headers


async def test_one_key_does_not_use_up_what_another_has(database: Database) -> None:
    async with asking(database, router, clock=SetClock(), requests_per_minute=1) as (bot, client):
        one, other = await key_of(bot), await key_of(bot, guild_id=6)
        for headers in (bearer(one), bearer(other), AS_OPERATOR):
            assert message_of(await client.get("/nowhere", headers=headers), 404)
            assert message_of(await client.get("/nowhere", headers=headers), 429)


async def test_who_tries_keys_out_is_slowed_down_and_known_keys_go_on(database: Database) -> None:
    async with asking(database, router, clock=SetClock()) as (bot, client):
        known = bearer(await key_of(bot))
        guess = bearer("hc_00000000_guess")
        for _ in range(FAILURES_PER_MINUTE):
            assert message_of(await client.get("/nowhere", headers=guess), 401)
        slowed = await client.get("/nowhere", headers=guess)
        assert message_of(slowed, 429).startswith(
            "TooManyRequestsError! There were too many requests with keys"
        )
        assert slowed.headers["retry-after"] == "1"
        assert message_of(await client.get("/nowhere", headers=known), 404)
        # Who only forgot the key is told so.
        assert message_of(await client.get("/nowhere"), 401)


# How large


def large_note(size: int) -> bytes:
    return json.dumps({"guild_id": GUILD_ID, "text": "x" * size}).encode()


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(body), 300):
        yield body[begin : begin + 300]


@pytest.mark.parametrize("is_chunked", [False, True], ids=["with its length", "in pieces"])
async def test_a_body_may_have_so_much_and_no_more(database: Database, is_chunked: bool) -> None:
    def send(body: bytes) -> Any:
        return in_pieces(body) if is_chunked else body

    head = len(large_note(0))
    async with asking(database, router, body_most_kib=1) as (bot, client):
        headers = bearer(await key_of(bot))
        fits = large_note(KIBIBYTE - head)
        answer = await client.post("/notes/new", headers=headers, content=send(fits))
        assert answer.json()["data"]["text"] == "x" * (KIBIBYTE - head)
        refused = await client.post("/notes/new", headers=headers, content=send(fits + b" "))
    assert message_of(refused, 413) == "PayloadTooLargeError! The body may have 1 KiB, no more."


async def test_a_body_that_is_announced_as_too_large_is_not_read(database: Database) -> None:
    bot = make_client(database)
    await bot.parts.api_keys.open()
    app = open_application((router,), WebContext(bot))
    sent: list[Message] = []
    headers = [
        (b"x-api-key", AS_OPERATOR["Authorization"].split()[1].encode()),
        (b"content-length", b"9" * 30),
    ]

    async def receive() -> Message:
        raise AssertionError("nobody should read")

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope_of("POST", "/notes/new", headers), receive, send)
    assert sent[0]["status"] == 413


async def test_a_request_whose_sender_goes_away_in_the_middle_does_nothing(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Half of a body must not be taken for a whole one."""
    bot = make_client(database)
    await bot.parts.api_keys.open()
    app = open_application((router,), WebContext(bot))
    coming: list[Message] = [
        {"type": "http.request", "body": large_note(1), "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    key = AS_OPERATOR["Authorization"].encode()
    await app(scope_of("POST", "/notes/new", [(b"authorization", key)]), receive, send)
    assert sent == []
    assert caplog.records == []


async def test_a_body_that_does_not_come_is_not_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "BODY_SECONDS", 0.05)

    async def begin_only() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with asking(database, router) as (_bot, client):
        answer = await client.post("/notes/new", headers=AS_OPERATOR, content=begin_only())
    assert message_of(answer, 400) == "BadRequestError! The body did not arrive within 0.05 seconds."


async def test_after_the_body_a_handler_learns_that_its_caller_went_away(database: Database) -> None:
    bot = make_client(database)
    await bot.parts.api_keys.open()
    app = open_application((router,), WebContext(bot))
    coming: list[Message] = [
        {"type": "http.request", "body": b"", "more_body": False},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    key = AS_OPERATOR["Authorization"].encode()
    await app(scope_of("GET", "/notes/raw", [(b"authorization", key)]), receive, send)
    assert json.loads(sent[1]["body"])["data"] == {"gone": True}


# In which order


async def test_requests_are_refused_in_one_order(database: Database) -> None:
    """Who asks, how often, how much, and only then whether there is anybody to answer."""
    clock = SetClock()
    too_large = large_note(KIBIBYTE)
    async with asking(
        database, router, is_ready=False, clock=clock, requests_per_minute=1, body_most_kib=1
    ) as (bot, client):
        headers = bearer(await key_of(bot))

        async def ask(content: bytes, **more: str) -> int:
            return (await client.post("/notes/new", headers=more, content=content)).status_code

        assert await ask(too_large) == 401
        assert await ask(too_large, **headers) == 413
        assert await ask(too_large, **headers) == 429
        clock.seconds += 60
        answer = await client.post("/notes/new", headers=headers, content=b"{")
    assert message_of(answer, 503) == (
        "ServiceUnavailableError! I am still connecting to Discord; `/readyz` tells when I am ready."
    )
    assert answer.headers["retry-after"]
    assert answer.headers["x-ratelimit-remaining"] == "0"


# What goes wrong


async def test_an_error_that_nobody_foresaw_is_logged_and_tells_nothing(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with asking(database, router) as (_bot, client):
        answer = await client.post("/notes/broken", headers=AS_OPERATOR)
    assert message_of(answer, 500) == (
        "InternalServerError! Something went wrong; the operator finds the reason in the log."
    )
    [record] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert vars(record)["event"] == "request_failed"
    assert "the secret of the house" in caplog.text


def scope_of(method: str, path: str, headers: list[tuple[bytes, bytes]]) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
