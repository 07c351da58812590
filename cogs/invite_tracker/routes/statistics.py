"""What inviters have brought, over HTTP."""

from functools import partial
from typing import Annotated

from fastapi import Query, Response

from bot.errors import ModuleDisabledError, SettingsError
from bot.web.callers import Right
from bot.web.envelope import success_with_list
from bot.web.routing import ApiRouter
from cogs.invite_tracker.routes.bodies import UsesFields
from cogs.invite_tracker.routes.records import UseRecord
from cogs.invite_tracker.routes.scope import PREFIX, TAG, Service

router = ApiRouter(PREFIX, TAG)


@router.endpoint(
    "POST",
    "/stats/uses",
    right=Right.READ,
    data=list[UseRecord],
    errors=(SettingsError, ModuleDisabledError),
)
async def list_uses_of_inviter(query: Annotated[UsesFields, Query()], service: Service) -> Response:
    """List the joins of the last 31 days that count for an inviter, the latest first.

    As many as the inviter's total: without cleared joins, and of a member who came several times only the first. Where
    several invites fit a join, what they differ in is null; it counts for one of their inviters.
    """
    joins, total = await service.fetch_credited_joins(
        query.guild_id, query.inviter_id, query.page_size, query.offset
    )
    return await success_with_list(joins, partial(UseRecord.of, query.guild_id), total=total)
