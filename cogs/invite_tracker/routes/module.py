"""The module itself over HTTP: enabled, disabled, and its settings."""

from typing import Annotated

from fastapi import Body, Query, Response

from bot.errors import (
    ConflictError,
    DiscordRefusedError,
    ModuleDisabledError,
    ModuleEnabledError,
    SettingsError,
)
from bot.web.callers import Right
from bot.web.envelope import success
from bot.web.fields import GuildFields
from bot.web.routing import ApiRouter
from cogs.invite_tracker.routes.bodies import SettingsFields
from cogs.invite_tracker.routes.records import AboutRecord, SettingsRecord, StatusRecord
from cogs.invite_tracker.routes.scope import PREFIX, TAG, Service

router = ApiRouter(PREFIX, TAG)

ABOUT = AboutRecord(message="This is the invite tracker.")


@router.endpoint("GET", "/", right=None, data=AboutRecord)
@router.endpoint("GET", "", right=None, data=AboutRecord, in_schema=False)
async def invite_tracker_home() -> Response:
    """Say that this is the invite tracker."""
    return success(ABOUT)


@router.endpoint("GET", "/status", right=Right.READ, data=StatusRecord, errors=(SettingsError,))
async def get_invite_tracker_status(query: Annotated[GuildFields, Query()], service: Service) -> Response:
    """Tell whether the invite tracker is enabled in a server."""
    return success(StatusRecord(enabled=await service.is_enabled(query.guild_id)))


@router.endpoint("POST", "/enable", right=Right.WRITE, errors=(SettingsError, ModuleEnabledError))
async def enable_invite_tracker(body: Annotated[GuildFields, Body()], service: Service) -> Response:
    """Enable the invite tracker in a server."""
    await service.enable(body.guild_id)
    return success()


@router.endpoint("POST", "/disable", right=Right.WRITE, errors=(SettingsError, ModuleDisabledError))
async def disable_invite_tracker(body: Annotated[GuildFields, Body()], service: Service) -> Response:
    """Disable the invite tracker in a server, and delete all that it stored there: joins, bonuses, settings."""
    await service.disable(body.guild_id)
    return success()


@router.endpoint(
    "GET", "/settings", right=Right.READ, data=SettingsRecord, errors=(SettingsError, ModuleDisabledError)
)
async def get_invite_tracker_settings(query: Annotated[GuildFields, Query()], service: Service) -> Response:
    """Give the settings of the invite tracker in a server."""
    settings, enabled_at_ms = await service.fetch_settings_since(query.guild_id)
    return success(SettingsRecord.of(query.guild_id, enabled_at_ms, settings))


@router.endpoint(
    "PUT",
    "/settings",
    right=Right.WRITE,
    errors=(SettingsError, ModuleDisabledError, ConflictError, DiscordRefusedError),
)
async def put_invite_tracker_settings(body: Annotated[SettingsFields, Body()], service: Service) -> Response:
    """Change the settings of the invite tracker in a server.

    Fields that may be left out stay as they are. When one of them is refused, nothing changes. Of two requests at the same
    time, what the later one says holds.
    """
    await service.replace_settings(body.guild_id, body.applied_to)
    return success()


@router.endpoint("DELETE", "/settings/delete", right=Right.WRITE, errors=(ConflictError,))
async def delete_invite_tracker_settings(body: Annotated[GuildFields, Body()], service: Service) -> Response:
    """Set everything back to what it was when the invite tracker was enabled; joins and bonuses stay.

    Where it is not enabled, there is nothing to do, which is a success, too.
    """
    await service.reset_settings(body.guild_id)
    return success()
