"""Reading raw records: one endpoint for every kind of the catalogue."""

from types import GenericAlias
from typing import Annotated, Any, Final

from fastapi import Query, Response
from pydantic import Field

from bot.web.callers import Right
from bot.web.fields import WHOLE, GuildFields, Id
from bot.web.paging import Paging
from bot.web.routing import ApiRouter
from cogs.serverstats.statistics.routes.records import RECORDS, answer_with
from cogs.serverstats.statistics.routes.scope import ERRORS, PREFIX, Statistics, operation_of
from cogs.serverstats.statistics.service import DAYS_LEAST, DAYS_MOST, Wish
from storage.statistics.catalogue import CATALOGUE, Aggregate, Kind

router = ApiRouter(PREFIX, "Statistics")

_ORDER: Final = {
    Aggregate.COUNT: "Records are listed one by one, the latest first.",
    Aggregate.MEAN: "Records are listed one by one, the latest first.",
    Aggregate.LAST: "One record each time it was counted, the latest first.",
    Aggregate.SECONDS: (
        "Sessions are listed one by one, the latest first; those that began earlier but reach into the days are among them."
    ),
}


class PeriodFields(GuildFields, Paging):
    """Which records are wanted: so many whole days of the server, today included."""

    days: Annotated[
        int,
        Field(ge=DAYS_LEAST, le=DAYS_MOST, description="How many days of the server, today included."),
        WHOLE,
    ] = 1


class UserPeriodFields(PeriodFields):
    """Records that a user can be asked for."""

    user_id: Annotated[Id | None, Field(description="Only records of this user.")] = None


class PlacePeriodFields(UserPeriodFields):
    """Records that a user and a channel can be asked for."""

    channel_id: Annotated[Id | None, Field(description="Only records of this channel.")] = None


def add_reading(
    to: ApiRouter, kind: Kind, path: str, operation: str, *, has_user: bool, is_deprecated: bool = False
) -> None:
    """Declare the endpoint that lists the records of a kind."""

    async def read(query: PeriodFields, service: Statistics) -> Response:
        wish = Wish(query.days, getattr(query, "user_id", None), getattr(query, "channel_id", None))
        page = await service.fetch_record_page(
            query.guild_id, kind, wish, offset=query.offset, limit=query.page_size
        )
        return await answer_with(kind, query.guild_id, page)

    read.__annotations__["query"] = Annotated[_fields_of(kind, has_user=has_user), Query()]
    to.endpoint(
        "GET",
        path,
        right=Right.READ,
        data=GenericAlias(list, (RECORDS[kind.key],)),
        errors=ERRORS,
        is_deprecated=is_deprecated,
        summary=kind.title,
        description=f"{_ORDER[kind.aggregate]} Also what was recorded before the group was switched off.",
        operation_id=operation,
    )(read)


def _fields_of(kind: Kind, *, has_user: bool) -> Any:
    if kind.has_channel:
        return PlacePeriodFields
    return UserPeriodFields if has_user else PeriodFields


for each in CATALOGUE:
    add_reading(router, each, f"/{each.key}", operation_of("read", each.key), has_user=each.has_user)
