"""What goes wrong, as answers: the error's name, the status that fits, one sentence, and nothing of the inside."""

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import discord
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from bot.errors import (
    BadRequestError,
    DatabaseError,
    DiscordRefusedError,
    HeadcountError,
    NotReadyError,
    UnprocessableEntityError,
)
from bot.web.envelope import failure
from bot.web.fields import ILL_TYPED, UNPROCESSABLE

_log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 5

_OUT_OF_RANGE: Final = frozenset(
    {
        UNPROCESSABLE,
        "enum",
        "finite_number",
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
        "literal_error",
        "string_pattern_mismatch",
        "string_too_long",
        "string_too_short",
        "too_long",
        "too_short",
    }
)
"""The kinds of pydantic's errors that mean: well-formed, but not possible."""

_MUST_BE: Final = {
    "bool_type": "must be true or false",
    "dict_type": "must be a JSON object",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "model_attributes_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "string_type": "must be text",
}


def install_refusals(app: FastAPI) -> None:
    """Have the application answer every foreseen error in the one shape."""
    app.exception_handler(HeadcountError)(_refuse)
    app.exception_handler(RequestValidationError)(_refuse_fields)
    app.exception_handler(HTTPException)(_refuse_request)
    app.add_exception_handler(sqlite3.Error, _tell_database_trouble)
    for kind in (discord.DiscordException, aiohttp.ClientError, TimeoutError):
        app.add_exception_handler(kind, _tell_discord_trouble)


def refusal(error: HeadcountError) -> Response:
    """Answer with an error of a use case."""
    headers = {"Retry-After": str(RETRY_SECONDS)} if isinstance(error, NotReadyError) else None
    return failure(error.status, error.name, error.message, headers)


def unforeseen(error: Exception) -> Response:
    """Log an error that nobody foresaw, and answer without saying more than that."""
    _log.error(
        "A request over HTTP failed because of an error that was not foreseen.",
        exc_info=error,
        extra={"event": "request_failed"},
    )
    return failure(
        500, "InternalServerError", "Something went wrong; the operator finds the reason in the log."
    )


async def _refuse(_request: Request, error: HeadcountError) -> Response:
    return refusal(error)


async def _refuse_fields(_request: Request, error: RequestValidationError) -> Response:
    return refusal(describe_fields(error.errors()))


async def _refuse_request(_request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    headers: Mapping[str, str] | None = error.headers
    match status:
        case HTTPStatus.NOT_FOUND:
            return failure(status, "NotFoundError", "There is no such path.", headers)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return failure(status, "MethodNotAllowedError", "This path does not take this method.", headers)
        case HTTPStatus.BAD_REQUEST:
            return failure(status, BadRequestError.name, "The body could not be read.", headers)
        case _:
            return failure(
                status, f"{status.phrase.replace(' ', '')}Error", f"{status.description}.", headers
            )


async def _tell_database_trouble(_request: Request, error: Exception) -> Response:
    _log.error(
        "A request over HTTP failed because of the database: %s.",
        error,
        extra={"event": "request_database_failed"},
    )
    return refusal(DatabaseError("The database cannot be used at the moment; try again in a minute."))


async def _tell_discord_trouble(_request: Request, error: Exception) -> Response:
    if isinstance(error, discord.HTTPException):
        reason = " ".join((error.text or "").split()) or f"status {error.status}"
        return refusal(DiscordRefusedError(f"Discord refused: {reason.rstrip('.')}."))
    if isinstance(error, discord.RateLimited):
        seconds = max(1, round(error.retry_after))
        return refusal(DiscordRefusedError(f"Discord wants me to wait; try again in {seconds} seconds."))
    return refusal(DiscordRefusedError("Discord could not be reached; try again in a minute."))


def describe_fields(errors: Sequence[Mapping[str, Any]]) -> HeadcountError:
    """Return the refusal of a request for its first field that is wrong; what is no value of its type comes first."""
    ill_typed = [error for error in errors if error["type"] not in _OUT_OF_RANGE]
    first = (ill_typed or errors)[0]
    kind = BadRequestError if ill_typed else UnprocessableEntityError
    return kind(_sentence_for(first))


def _sentence_for(error: Mapping[str, Any]) -> str:
    # FastAPI names first where the field stands: body, query, path, header.
    location = [str(part) for part in error["loc"][1:]]
    field = ".".join(location)
    match error["type"]:
        case "json_invalid":
            return "The body is not valid JSON."
        case "missing":
            return f"{field} is missing." if field else "The body is missing: it must be a JSON object."
        case "extra_forbidden":
            return f"{field} is not a field of this request."
        case kind if kind in {ILL_TYPED, UNPROCESSABLE}:
            rule = str(error["msg"])
        case kind if kind in _MUST_BE:
            rule = _MUST_BE[kind]
        case _:
            rule = _rule_of(error)
    return f"{field or 'The body'} {rule}."


def _rule_of(error: Mapping[str, Any]) -> str:
    """Return pydantic's own words as the end of a sentence."""
    text = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    for beginning in ("Input should", "Value should"):
        if text.startswith(beginning):
            return text.replace(beginning, "must", 1)
    return f"is wrong: {text}"
