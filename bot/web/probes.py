"""Whether the bot is alive, and whether it can answer: for what watches over processes and sends requests their way.

Both need no key, and tell nothing of a server or a person. They have the shape of all answers, but that `/readyz` tells the
three parts under `data` also when it is not ready.
"""

from typing import Final, Literal

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import Field

from bot.errors import NotReadyError
from bot.health import Health, HealthState, Trouble, troubles_of
from bot.text.language import Language, speaking
from bot.web.context import WebContext
from bot.web.envelope import Answer, ErrorDetails, success
from bot.web.fields import Record, iso_time
from bot.web.refusals import RETRY_SECONDS

OK: Final = "ok"
CONNECTING: Final = "I am still connecting to Discord."

router = APIRouter(tags=["Operation"])


class Liveness(Record):
    """That there is an answer at all."""

    status: Literal["alive"] = "alive"


class Readiness(Record):
    """The parts that an answer needs: each `ok`, or why it is not."""

    gateway: str = Field(description="The connection to Discord.", examples=[OK])
    database: str = Field(description="Whether what happens can be stored.", examples=[OK])
    pipeline: str = Field(description="Whether it is stored in time.", examples=[OK])

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the bot is not ready; empty when it is."""
        return tuple(text for text in (self.gateway, self.database, self.pipeline) if text != OK)


class NotReady(Record):
    """An answer that the bot is not ready."""

    success: Literal[False]
    data: Readiness
    error: ErrorDetails


def readiness_of(health: Health, *, is_connected: bool) -> Readiness:
    """Judge by what is wrong. Trouble with some of the shards or with a job does not keep requests from being answered."""
    with speaking(Language.ENGLISH):
        troubles = [trouble for trouble in troubles_of(health, _moment) if _matters(trouble)]
    return Readiness(
        gateway=_first(troubles, "shard") if is_connected else CONNECTING,
        database=_first(troubles, "database"),
        pipeline=_first(troubles, "stuck"),
    )


@router.get("/livez", response_model=Answer[Liveness], operation_id="livez")
@router.head("/livez", include_in_schema=False)
async def livez(_request: Request) -> Response:
    """Tell that the process and its loop answer."""
    return success(Liveness())


@router.get(
    "/readyz",
    response_model=Answer[Readiness],
    responses={503: {"model": NotReady, "description": NotReadyError.name}},
    operation_id="readyz",
)
@router.head("/readyz", include_in_schema=False)
async def readyz(request: Request) -> Response:
    """Tell whether Discord is connected and what happens can be stored; 503 when it is not."""
    context: WebContext = request.app.state.context
    readiness = readiness_of(context.client.health.snapshot(), is_connected=context.is_ready)
    if not readiness.reasons:
        return success(readiness)
    message = f"{NotReadyError.name}! {' '.join(readiness.reasons)}"
    body = {
        "success": False,
        "data": readiness.model_dump(),
        "error": {"code": NotReadyError.status, "message": message},
    }
    return Response(
        orjson.dumps(body),
        status_code=NotReadyError.status,
        media_type="application/json",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def _matters(trouble: Trouble) -> bool:
    # A database that fails keeps requests from being answered at once, not only after the minute that alarms people.
    return trouble.state is HealthState.FAILING or trouble.key == "database"


def _first(troubles: list[Trouble], part: str) -> str:
    return next((trouble.text for trouble in troubles if trouble.key.split()[0] == part), OK)


def _moment(at_ms: int) -> str:
    return iso_time(at_ms) or ""
