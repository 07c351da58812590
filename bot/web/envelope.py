"""The one shape of answers: what was asked for under `data`, or an error with a status and a sentence."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Generic, Literal, TypeVar
from weakref import WeakKeyDictionary

import orjson
from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

Data = TypeVar("Data")
Item = TypeVar("Item")

TOTAL_HEADER: Final = "X-Total-Count"
RECORDS_PER_TURN: Final = 100
"""So many records are written before everything else has its turn: some milliseconds."""

_writing: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


class Nothing(BaseModel):
    """Data where there is nothing to say."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel, Generic[Data]):
    """A request that succeeded."""

    model_config = ConfigDict(extra="forbid")

    success: Literal[True]
    data: Data


class ErrorDetails(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(extra="forbid")

    code: int = Field(description="The HTTP status.")
    message: str = Field(
        description="The name of the error, then a sentence.",
        examples=["SettingsError! I am not in this server."],
    )


class Failure(BaseModel):
    """A request that was refused, or failed; nothing was changed unless the sentence says so."""

    model_config = ConfigDict(extra="forbid")

    success: Literal[False]
    data: Nothing
    error: ErrorDetails


def success(data: object = None, *, total: int | None = None) -> Response:
    """Answer with data: models, mappings, sequences of either; `total` is how many a list has on all pages."""
    body = {"success": True, "data": {} if data is None else data}
    return _json(orjson.dumps(body, default=_plain), total)


async def success_with_list(
    items: Sequence[Item], record_of: Callable[[Item], object], *, total: int
) -> Response:
    """Answer with a page of a list, as `success` would; everything else has its turn while it is written."""
    content = await _write_list(items, record_of)
    return _json(b'{"success":true,"data":' + content + b"}", total)


def bare(data: Mapping[str, Any]) -> Response:
    """Answer with data alone, for an API that has no envelope."""
    return _json(orjson.dumps(data, default=_plain), None)


async def bare_list(items: Sequence[Item], record_of: Callable[[Item], object], *, total: int) -> Response:
    """Answer with a page of a list alone, for an API that has no envelope."""
    return _json(await _write_list(items, record_of), total)


def failure(status: int, name: str, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with an error."""
    body = {"success": False, "data": {}, "error": {"code": status, "message": f"{name}! {sentence}"}}
    return Response(
        orjson.dumps(body), status_code=status, media_type="application/json", headers=dict(headers or {})
    )


async def write_in_turns(
    items: Sequence[Item], write: Callable[[Sequence[Item]], bytes], *, per_turn: int = RECORDS_PER_TURN
) -> bytes:
    """Return a list as JSON; `write` gives some of its items, as a list.

    Everything else has its turn in between, and of many long lists that are asked for at once one is written at a time: so
    nobody waits for more than one such piece.
    """
    if len(items) <= per_turn:
        return write(items)
    written: list[bytes] = []
    async with _writing.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        for begin in range(0, len(items), per_turn):
            written.append(write(items[begin : begin + per_turn])[1:-1])
            await asyncio.sleep(0)
    return b"[" + b",".join(written) + b"]"


async def _write_list(items: Sequence[Item], record_of: Callable[[Item], object]) -> bytes:
    return await write_in_turns(
        items, lambda some: orjson.dumps([record_of(item) for item in some], default=_plain)
    )


def _json(content: bytes, total: int | None) -> Response:
    headers = None if total is None else {TOTAL_HEADER: str(total)}
    return Response(content, media_type="application/json", headers=headers)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} cannot be part of an answer")
