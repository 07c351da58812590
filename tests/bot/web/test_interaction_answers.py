"""Interactions of other applications are answered with their token, which nobody else gets to see."""

import io
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import aiohttp
import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord.http import Route
from discord.webhook.async_ import AsyncWebhookAdapter

from bot import program_pace
from bot.clock import SystemClock
from bot.config import Config, LogConfig
from bot.errors import DiscordRefusedError
from bot.log import _QUIETEST, BLACKED_OUT, set_up_logging
from bot.parts import Parts
from bot.program_pace import REFUSALS_PER_MINUTE
from bot.web import interaction_answers
from bot.web.callers import Caller, Right, calling
from bot.web.interaction_answers import InteractionKey, edit_first_answer
from storage.database import Database
from tests.clients import ReusingClient

TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5.Secret-Token_of_Another=="
KEY = InteractionKey(77, TOKEN)
PATH = "/webhooks/77/" + TOKEN + "/messages/@original"
FAR_TOO_LONG_SECONDS = 600

Handler = Callable[[web.Request], Awaitable[web.Response]]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, discord.py's innermost included."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in _QUIETEST}
    stream = io.StringIO()
    set_up_logging(LogConfig(level="debug"), stream=stream)
    logging.getLogger("discord").setLevel(logging.DEBUG)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(False)


def as_discord(answer: object, status: int = 200) -> web.Response:
    """Return JSON as Discord sends it: with exactly this content type."""
    headers = {"Content-Type": "application/json", "Via": "1.1 google"}
    return web.Response(body=json.dumps(answer).encode(), status=status, headers=headers)


@asynccontextmanager
async def discord_that(handler: Handler, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[discord.Client]:
    """Give a client of a Discord that answers everything so."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        monkeypatch.setattr(Route, "BASE", str(server.make_url("")).rstrip("/"))
        client = discord.Client(intents=discord.Intents.none())
        client.http.token = "the bot's own"
        monkeypatch.setattr(client.http, "_HTTPClient__session", session)
        yield client


async def test_the_text_becomes_the_first_answer_and_pings_nobody(
    monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    seen: list[tuple[str, str, object, str | None]] = []

    async def take(request: web.Request) -> web.Response:
        authorization = request.headers.get("Authorization")
        seen.append((request.method, request.path, await request.json(), authorization))
        return as_discord({"id": "1"})

    async with discord_that(take, monkeypatch) as client:
        await edit_first_answer(client, KEY, "Hello @everyone")
    payload = {"content": "Hello @everyone", "allowed_mentions": {"parse": []}}
    # The token of the bot is not needed, and does not travel.
    assert seen == [("PATCH", PATH, payload, None)]
    assert f"/webhooks/77/{BLACKED_OUT}" in log.getvalue()
    assert "Secret-Token" not in log.getvalue()


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "Discord does not know it, or its token has expired"),
        (400, "Discord refused with status 400"),
        (403, "Discord refused with status 403"),
        (429, "Discord could not be reached in time"),
        (500, "Discord could not be reached in time"),
    ],
)
async def test_what_goes_wrong_is_told_within_seconds_and_without_the_token(
    monkeypatch: pytest.MonkeyPatch, log: io.StringIO, status: int, reason: str
) -> None:
    monkeypatch.setattr(interaction_answers, "ANSWER_SECONDS", 0.2)

    async def refuse(request: web.Request) -> web.Response:
        answer = {"message": f"no: {request.path}", "code": 0, "retry_after": FAR_TOO_LONG_SECONDS}
        return as_discord(answer, status)

    async with discord_that(refuse, monkeypatch) as client:
        with pytest.raises(DiscordRefusedError) as refusal:
            await edit_first_answer(client, KEY, "Hello")
    assert refusal.value.message == f"The interaction was not answered: {reason}."
    assert reason in log.getvalue()
    assert "Secret-Token" not in log.getvalue()
    assert "Secret-Token" not in repr(KEY)


async def test_an_answer_that_is_not_from_discord_is_a_failure_like_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def stand_between(_request: web.Request) -> web.Response:
        return web.Response(text="<h1>Slow down</h1>", status=429, headers={"Via": "a proxy"})

    async with discord_that(stand_between, monkeypatch) as client:
        with pytest.raises(DiscordRefusedError, match="Discord could not be reached in time"):
            await edit_first_answer(client, KEY, "Hello")


async def test_a_discord_that_cannot_be_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async with discord_that(hang_up, monkeypatch) as client:
        with pytest.raises(DiscordRefusedError, match="could not be reached in time"):
            await edit_first_answer(client, KEY, "Hello")


async def test_tokens_that_are_wrong_again_and_again_are_not_tried_any_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = 0

    async def refuse(*_args: object, **_fields: object) -> None:
        nonlocal tried
        tried += 1
        raise discord.HTTPException(Refusal(), {"code": 50027, "message": "Invalid Webhook Token"})  # type: ignore[arg-type]

    monkeypatch.setattr(AsyncWebhookAdapter, "edit_original_interaction_response", refuse)
    parts = Parts.assemble(Config(), database, SystemClock())
    async with ReusingClient(parts) as client, aiohttp.ClientSession() as session:
        monkeypatch.setattr(client.http, "_HTTPClient__session", session)
        with calling(Caller("key", frozenset(Right), 1)):
            # A pace is no matter here.
            monkeypatch.setattr(program_pace, "LEAST_SECONDS", FAR_TOO_LONG_SECONDS)
            for _ in range(REFUSALS_PER_MINUTE + 1):
                with pytest.raises(DiscordRefusedError):
                    await edit_first_answer(client, KEY, "text")
    assert tried == REFUSALS_PER_MINUTE


class Refusal:
    """As much of an answer of Discord as its errors are made of."""

    status = 401
    reason = "Unauthorized"
