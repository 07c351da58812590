"""What other software says that it saw: it makes the bot look again, and is never taken at its word."""

from typing import Annotated

from fastapi import Body, Response

from bot.errors import ModuleDisabledError, SettingsError, UnprocessableEntityError
from bot.web.callers import Right
from bot.web.envelope import success
from bot.web.fields import GuildFields
from bot.web.routing import ApiRouter
from cogs.invite_tracker.routes.bodies import InviteCreatedFields, InviteDeletedFields
from cogs.invite_tracker.routes.scope import PREFIX, TAG, Service

router = ApiRouter(f"{PREFIX}/events", TAG)

_ERRORS = (SettingsError, ModuleDisabledError)


@router.endpoint("POST", "/invite/create", right=Right.INTAKE, errors=_ERRORS)
async def report_created_invite(body: Annotated[InviteCreatedFields, Body()], service: Service) -> Response:
    """Have the bot look for an invite that was made.

    It becomes known when Discord lists it; nobody waits for that, so a code that does not exist is a success, too.
    """
    if not await service.has_channel(body.guild_id, body.channel_id):
        raise UnprocessableEntityError("channel_id must be a channel of this server.")
    await service.look_again(body.guild_id)
    return success()


@router.endpoint("POST", "/invite/delete", right=Right.INTAKE, errors=_ERRORS)
async def report_deleted_invite(body: Annotated[InviteDeletedFields, Body()], service: Service) -> Response:
    """Have the bot look whether an invite is gone; as long as Discord lists it, it is not."""
    await service.look_again(body.guild_id)
    return success()


@router.endpoint("POST", "/join/check-invite", right=Right.INTAKE, errors=_ERRORS)
async def report_join(body: Annotated[GuildFields, Body()], service: Service) -> Response:
    """Have the bot look which invites were used; who joined, it learns from Discord alone."""
    await service.look_again(body.guild_id)
    return success()


@router.endpoint("POST", "/leave/check-invite", right=Right.INTAKE, errors=_ERRORS)
async def report_leave(body: Annotated[GuildFields, Body()], service: Service) -> Response:
    """Have the bot look at the invites again; who left, it learns from Discord alone."""
    await service.look_again(body.guild_id)
    return success()
