"""Privacy over HTTP, for the operator: what each module of the published API knows of somebody, and forgetting them."""

from typing import Annotated, Final

from fastapi import Body, Query, Response
from pydantic import Field

from bot.errors import ConflictError, DiscordRefusedError
from bot.privacy import ReferenceCounts
from bot.web.envelope import success
from bot.web.fields import GuildFields, Id, Record
from bot.web.routing import ApiRouter, provided
from cogs.privacy.service import PrivacyService

PATHS: Final = {
    "invite_tracker": "/modules/invite-tracker/privacy",
    "serverstats": "/modules/serverstats/privacy",
}
"""Where the published API has the privacy of a module, by the name of the module."""

Privacy = Annotated[PrivacyService, provided(PrivacyService)]


class PrivacyFields(GuildFields):
    """Somebody in a server, be they still a member or not."""

    privacy_member_id: Annotated[Id, Field(description="Whose references are meant.")]


class ReferencesRecord(Record):
    """How many references there are."""

    username: Annotated[int, Field(description="Stored texts that contain the username.")]
    display_name: Annotated[int, Field(description="Stored texts that contain the display name.")]
    global_name: Annotated[int, Field(description="Stored texts that contain the global name.")]
    nickname: Annotated[int, Field(description="Stored texts that contain the nickname.")]
    id: Annotated[int, Field(description="Rows that hold the id.")]


def _make_router(module: str, prefix: str) -> ApiRouter:
    """Return the endpoints of one module."""
    router = ApiRouter(prefix, "Privacy")

    @router.endpoint(
        "GET",
        "/get-user-entries",
        right=None,
        operator_only=True,
        data=ReferencesRecord,
        errors=(DiscordRefusedError,),
        operation_id=f"count_references_in_{module}",
    )
    async def count_references(query: Annotated[PrivacyFields, Query()], privacy: Privacy) -> Response:
        """Count the references to somebody that this module has stored in a server.

        That works also where the module is disabled, or the bot is not a member any more.
        """
        counts = await privacy.count_in(query.guild_id, module, query.privacy_member_id)
        return success(_record(counts))

    @router.endpoint(
        "DELETE",
        "/delete-user-entries",
        right=None,
        operator_only=True,
        errors=(ConflictError,),
        operation_id=f"delete_references_in_{module}",
    )
    async def delete_references(body: Annotated[PrivacyFields, Body()], privacy: Privacy) -> Response:
        """Delete or make anonymous what refers to somebody in this module in a server.

        Whether they are recorded from now on is for themselves to say, with `/privacy info`.
        """
        await privacy.erase_in(body.guild_id, module, body.privacy_member_id)
        return success()

    return router


def _record(counts: ReferenceCounts) -> ReferencesRecord:
    return ReferencesRecord(
        username=counts.usernames,
        display_name=counts.display_names,
        global_name=counts.global_names,
        nickname=counts.nicknames,
        id=counts.ids,
    )


ROUTERS = tuple(_make_router(module, prefix) for module, prefix in PATHS.items())
