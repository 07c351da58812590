"""Invite links over HTTP: listed, made and deleted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Body, Query, Response

from bot.errors import DiscordRefusedError, ModuleDisabledError, SettingsError
from bot.web.callers import Right
from bot.web.envelope import success, success_with_list
from bot.web.routing import ApiRouter
from cogs.invite_tracker.invite_links import invite_url
from cogs.invite_tracker.routes.bodies import CreateInviteFields, DeleteInviteFields, LinksFields
from cogs.invite_tracker.routes.records import InviteRecord, MadeInviteRecord
from cogs.invite_tracker.routes.scope import PREFIX, TAG, Service

router = ApiRouter(PREFIX, TAG)


@router.endpoint(
    "GET",
    "/invite-links",
    right=Right.READ,
    data=list[InviteRecord],
    errors=(SettingsError, ModuleDisabledError),
)
async def list_invite_links(query: Annotated[LinksFields, Query()], service: Service) -> Response:
    """List the invites of a server that can be used, in the order of their codes."""
    invites, total = await service.fetch_invites(query.guild_id, query.page_size, query.offset)
    return await success_with_list(invites, InviteRecord.of, total=total)


@router.endpoint(
    "POST",
    "/invite",
    right=Right.WRITE,
    data=MadeInviteRecord,
    errors=(SettingsError, ModuleDisabledError, DiscordRefusedError),
)
async def create_invite(body: Annotated[CreateInviteFields, Body()], service: Service) -> Response:
    """Make an invite at Discord; its joins count for the bot.

    With `application_id` and `token`, the first answer to that interaction becomes the link. When that fails, the invite was
    made all the same: the error names its code.
    """
    invite = await service.create_invite(
        body.guild_id,
        body.channel_id,
        max_uses=body.max_uses,
        max_age_seconds=body.max_age,
        is_temporary=body.is_temporary,
        for_user_id=None,
    )
    if body.interaction is not None:
        with _done(f"The invite {invite.code} was made."):
            await service.answer_with_made_invite(body.guild_id, invite.code, body.interaction)
    return success(MadeInviteRecord(invite_code=invite.code, invite_url=invite_url(invite.code)))


@router.endpoint(
    "DELETE", "/invite", right=Right.WRITE, errors=(SettingsError, ModuleDisabledError, DiscordRefusedError)
)
async def delete_invite(body: Annotated[DeleteInviteFields, Body()], service: Service) -> Response:
    """Delete an invite at Discord; what it brought stays counted.

    With `application_id` and `token`, the first answer to that interaction says so. When that fails, the invite was deleted
    all the same, and the error says that, too.
    """
    code = await service.delete_invite(body.guild_id, body.invite_code)
    if body.interaction is not None:
        with _done(f"The invite {code} was deleted."):
            await service.answer_with_deleted_invite(body.guild_id, code, body.interaction)
    return success()


@contextmanager
def _done(sentence: str) -> Iterator[None]:
    """Say what is done all the same when the interaction cannot be answered."""
    try:
        yield
    except DiscordRefusedError as error:
        raise DiscordRefusedError(f"{sentence} {error.message}") from None
