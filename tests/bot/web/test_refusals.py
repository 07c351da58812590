"""What goes wrong, as clients are told: the name, the status, a sentence, and nothing of the inside."""

import inspect
import logging
import sqlite3
from typing import Annotated, Any

import aiohttp
import discord
import pytest
from fastapi import Body, Query, Response

from bot import errors
from bot.errors import HeadcountError, NotReadyError
from bot.web.envelope import failure, success
from bot.web.fields import GuildFields, Id
from bot.web.routing import ApiRouter
from storage.database import Database
from tests.bot.web.http_servers import AS_OPERATOR, asking, message_of

KINDS = [
    kind
    for _name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, HeadcountError) and kind is not HeadcountError
]
PUBLISHED = {
    "BadRequestError": 400,
    "UnauthorizedError": 401,
    "ForbiddenError": 403,
    "SettingsError": 404,
    "ModuleEnabledError": 409,
    "ModuleDisabledError": 409,
    "ConflictError": 409,
    "PayloadTooLargeError": 413,
    "Unprocessable Entity": 422,
    "TooManyRequestsError": 429,
    "DiscordApiInteractionError": 502,
    "DatabaseError": 503,
    "ServiceUnavailableError": 503,
}


class _Reply:
    """What aiohttp would have of an answer."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.reason = "No"


def discord_error(kind: type[discord.HTTPException], status: int, message: Any) -> discord.HTTPException:
    return kind(_Reply(status), message)  # type: ignore[arg-type]


def failing(error: Exception) -> ApiRouter:
    router = ApiRouter("/things", "Things")

    @router.endpoint("GET", "/fail", right=None)
    async def fail() -> Response:
        """Fail."""
        raise error

    return router


async def told(database: Database, error: Exception, status: int) -> str:
    async with asking(database, failing(error)) as (_bot, client):
        return message_of(await client.get("/things/fail", headers=AS_OPERATOR), status)


def test_every_error_has_the_name_and_the_status_that_are_published() -> None:
    assert {kind.name: kind.status for kind in KINDS} == PUBLISHED


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_an_error_of_a_use_case_is_told_with_its_name_and_its_sentence(
    database: Database, kind: type[HeadcountError]
) -> None:
    assert await told(database, kind("That is how it is."), kind.status) == f"{kind.name}! That is how it is."


async def test_who_comes_too_early_is_told_when_to_come_back(database: Database) -> None:
    async with asking(database, failing(NotReadyError("Wait."))) as (_bot, client):
        answer = await client.get("/things/fail", headers=AS_OPERATOR)
    assert int(answer.headers["retry-after"]) > 0


async def test_trouble_with_the_database_is_told_without_the_statement_and_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    error = sqlite3.OperationalError("database is locked")
    assert await told(database, error, 503) == (
        "DatabaseError! The database cannot be used at the moment; try again in a minute."
    )
    [record] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert "database is locked" in record.getMessage()
    assert vars(record)["event"] == "request_database_failed"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            discord_error(discord.Forbidden, 403, {"code": 50013, "message": "Missing Permissions"}),
            "Discord refused: Missing Permissions.",
        ),
        (discord_error(discord.NotFound, 404, "Unknown\nChannel."), "Discord refused: Unknown Channel."),
        (discord_error(discord.HTTPException, 418, ""), "Discord refused: status 418."),
        (discord.RateLimited(29.6), "Discord wants me to wait; try again in 30 seconds."),
        (discord.RateLimited(0.1), "Discord wants me to wait; try again in 1 seconds."),
        (
            aiohttp.ClientConnectionError("10.0.0.7:443"),
            "Discord could not be reached; try again in a minute.",
        ),
        (TimeoutError("inside"), "Discord could not be reached; try again in a minute."),
        (discord.InvalidData("inside"), "Discord could not be reached; try again in a minute."),
    ],
)
async def test_trouble_with_discord_is_told_in_one_sentence(
    database: Database, error: Exception, sentence: str
) -> None:
    assert await told(database, error, 502) == f"DiscordApiInteractionError! {sentence}"


async def test_an_error_that_nobody_foresaw_tells_nothing_of_the_inside(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    message = await told(database, KeyError("/home/operator/secret"), 500)
    assert message == "InternalServerError! Something went wrong; the operator finds the reason in the log."
    assert "/home/operator/secret" in caplog.text


class ThingFields(GuildFields):
    thing_id: Id


router = ApiRouter("/things", "Things")


@router.endpoint("POST", "/new", right=None)
async def make_thing(body: Annotated[ThingFields, Body()]) -> Response:
    """Make a thing."""
    return success()


@router.endpoint("GET", "/all", right=None)
async def list_things(query: Annotated[ThingFields, Query()]) -> Response:
    """List things."""
    return success()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The body is missing: it must be a JSON object."),
        (b"{", "The body is not valid JSON."),
        (b"\xff\xfe", "The body is not valid JSON."),
        (b"[]", "The body must be a JSON object."),
        (b"null", "The body must be a JSON object."),
        (b"guild_id=1&thing_id=2", "The body is not valid JSON."),
        (b"{}", "guild_id is missing."),
        (
            b'{"guild_id": "x", "thing_id": 5}',
            "guild_id must be an id: a whole number, or its digits as text.",
        ),
        (b'{"guild_id": 1, "thing_id": 5, "colour": 1}', "colour is not a field of this request."),
    ],
)
async def test_a_body_that_cannot_be_understood_is_told_what_is_wrong_with_it(
    database: Database, content: bytes, sentence: str
) -> None:
    async with asking(database, router) as (_bot, client):
        answer = await client.post("/things/new", headers=AS_OPERATOR, content=content)
    assert message_of(answer, 400) == f"BadRequestError! {sentence}"


@pytest.mark.parametrize("content", [b"[" * 50_000, b'{"guild_id": ' + b"9" * 5000 + b"}"])
async def test_a_body_that_is_meant_to_hurt_is_only_refused(database: Database, content: bytes) -> None:
    async with asking(database, router) as (_bot, client):
        answer = await client.post("/things/new", headers=AS_OPERATOR, content=content)
    assert message_of(answer, 400)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "nonsense",
    ],
)
async def test_a_body_is_json_whatever_it_is_called(database: Database, content_type: str | None) -> None:
    headers = AS_OPERATOR | ({} if content_type is None else {"Content-Type": content_type})
    async with asking(database, router) as (_bot, client):
        answer = await client.post(
            "/things/new", headers=headers, content=b'{"guild_id": 1, "thing_id": "2"}'
        )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ({}, 400, "BadRequestError! guild_id is missing."),
        (
            {"guild_id": "0", "thing_id": "1"},
            422,
            "Unprocessable Entity! guild_id must be greater than or equal to 1.",
        ),
        (
            {"guild_id": "1", "thing_id": "1", "x": "1"},
            400,
            "BadRequestError! x is not a field of this request.",
        ),
    ],
)
async def test_a_query_is_told_in_the_same_words(
    database: Database, query: dict[str, str], status: int, sentence: str
) -> None:
    async with asking(database, router) as (_bot, client):
        answer = await client.get("/things/all", headers=AS_OPERATOR, params=query)
    assert message_of(answer, status) == sentence


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/nowhere", 404, "NotFoundError! There is no such path."),
        ("GET", "/things/all/", 404, "NotFoundError! There is no such path."),
        ("PUT", "/things/all", 405, "MethodNotAllowedError! This path does not take this method."),
    ],
)
async def test_paths_and_methods_that_do_not_exist_have_the_one_shape(
    database: Database, method: str, path: str, status: int, message: str
) -> None:
    async with asking(database, router) as (_bot, client):
        answer = await client.request(method, path, headers=AS_OPERATOR)
    assert message_of(answer, status) == message
    if status == 405:
        assert answer.headers["allow"] == "GET"


def test_a_refusal_is_json_of_the_one_shape() -> None:
    answer = failure(418, "TeapotError", "I am one.", {"X-Spout": "short"})
    assert answer.body == (
        b'{"success":false,"data":{},"error":{"code":418,"message":"TeapotError! I am one."}}'
    )
    assert (answer.status_code, answer.media_type, answer.headers["x-spout"]) == (
        418,
        "application/json",
        "short",
    )
