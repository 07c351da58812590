"""Reports of other software: one endpoint for every kind of the catalogue that can be reported."""

from typing import Annotated, Final

from fastapi import Body, Response
from pydantic import Field

from bot.web.callers import Right
from bot.web.envelope import success
from bot.web.fields import GuildFields, Record
from bot.web.routing import ApiRouter, Method
from cogs.serverstats.statistics.routes.bodies import arguments_of, make_body
from cogs.serverstats.statistics.routes.scope import ERRORS, PREFIX, Intake, operation_of
from storage.statistics.catalogue import CATALOGUE, Kind, Shape, Source

router = ApiRouter(PREFIX, "Statistics: reports of other software")

_STORED: Final = (
    "Answered once it is stored; after an error nothing was recorded, and it may be reported again. Where the server has "
    "switched the group off nothing is recorded."
)
_ONCE: Final = " Reported again for the same user it counts once."
_HEARD: Final = (
    "Discord tells the bot of these itself: the report is accepted, and nothing is recorded a second time."
)


class Recorded(Record):
    """Whether a report is on record."""

    recorded: Annotated[bool, Field(description="False where nothing of the kind is recorded.")]


def add_intake(
    to: ApiRouter,
    kind: Kind,
    method: Method,
    path: str,
    operation: str,
    shape: Shape,
    *,
    older: Shape | None = None,
    is_deprecated: bool = False,
) -> None:
    """Declare the endpoint that takes reports of a kind; with `older` also in the words of an older generation."""
    said = {**dict(shape), **dict(older or ())}

    async def report(body: GuildFields, intake: Intake) -> Response:
        recorded = await intake.report(body.guild_id, kind, **arguments_of(said, body))
        return success({"recorded": recorded})

    name = "".join(word.capitalize() for word in operation.split("_")) + "Fields"
    report.__annotations__["body"] = Annotated[make_body(name, shape, older), Body()]
    is_heard = kind.source is Source.GATEWAY
    to.endpoint(
        method,
        path,
        right=Right.INTAKE,
        data=Recorded,
        errors=ERRORS,
        is_deprecated=is_deprecated,
        summary=f"{kind.title}: report{' the end' if method == 'PUT' else ''}",
        description=_HEARD if is_heard else _STORED + _ONCE * kind.is_once_each,
        operation_id=operation,
    )(report)


for each in CATALOGUE:
    if each.intake is not None:
        is_shared = each.legacy is not None and each.legacy.report_key == each.key
        add_intake(
            router,
            each,
            "POST",
            f"/{each.key}",
            operation_of("report", each.key),
            each.intake,
            older=each.legacy.intake if each.legacy is not None and is_shared else None,
        )
    if each.intake_of_end is not None:
        add_intake(
            router,
            each,
            "PUT",
            f"/{each.key}",
            operation_of("report_end_of", each.key),
            each.intake_of_end,
        )
