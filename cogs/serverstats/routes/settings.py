"""The module over HTTP: enabled or not, and its settings."""

from typing import Annotated, Any, Final

from fastapi import Body, Query, Response
from pydantic import Field

from bot.errors import (
    ConflictError,
    DiscordRefusedError,
    ModuleDisabledError,
    ModuleEnabledError,
    SettingsError,
)
from bot.web.callers import Right
from bot.web.envelope import success
from bot.web.fields import GuildFields, IdText, Record, id_text
from bot.web.routing import ApiRouter, provided
from cogs.serverstats.routes.settings_fields import AnySettingsFields
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.whole_settings import SettingsBook, WholeSettings
from storage.statistics.catalogue import LEGACY_SWITCHES, Group

router = ApiRouter("/modules/serverstats", "Serverstats")

Module = Annotated[ServerstatsService, provided(ServerstatsService)]
Book = Annotated[SettingsBook, provided(SettingsBook)]


class ServerstatsAboutRecord(Record):
    """What answers here."""

    message: str


_ABOUT: Final = ServerstatsAboutRecord(message="This is serverstats.")


class ServerstatsStatus(Record):
    """Whether serverstats is enabled."""

    enabled: bool


class ServerstatsSettingsRecord(Record):
    """The settings of serverstats; a setting with two published names is there under both."""

    id: Annotated[int, Field(description="When the module was enabled, in milliseconds since 1970.")]
    guild_id: IdText
    counters_enabled: bool
    counters_category_id: IdText | None
    starboard_enabled: bool
    starboard_channel_id: Annotated[IdText | None, Field(description="The channel of the oldest board.")]
    starboard_count: Annotated[
        str, Field(description="How many stars a message needs there.", examples=["3"])
    ]
    stats_messages_enabled: bool
    stats_commands_enabled: bool
    stats_members_enabled: bool
    stats_activities_enabled: bool
    stats_voice_enabled: bool
    stats_modules_autoresponder_enabled: bool
    stats_modules_tags_enabled: bool
    stats_modules_verifier_enabled: bool
    stats_modules_socials_enabled: bool
    stats_modules_rules_enabled: bool
    stats_modules_invite_tracker_enabled: bool
    stats_modules_reactionroles_enabled: bool
    stats_modules_welcoming_enabled: bool
    stats_modules_tempchannels_enabled: bool
    stats_modules_tickets_enabled: bool
    stats_modules_reminders_enabled: bool
    stats_modules_giveaways_enabled: bool
    stats_modules_polls_enabled: bool
    starboard_channel: IdText | None
    stats_functions_reminders_enabled: bool
    stats_functions_giveaways_enabled: bool
    track_bot_messages: Annotated[bool, Field(description="Whether bots are counted like members.")]
    ignored_channel_ids: Annotated[list[IdText], Field(description="Channels in which nothing is counted.")]
    ignored_role_ids: Annotated[list[IdText], Field(description="Roles whose members are not counted.")]


_SWITCHES: Final = {
    name: group
    for name, group in {**LEGACY_SWITCHES, **{group.switch: group for group in Group}}.items()
    if name in ServerstatsSettingsRecord.model_fields
}


@router.endpoint("GET", "/", right=None, data=ServerstatsAboutRecord)
@router.endpoint("GET", "", right=None, data=ServerstatsAboutRecord, in_schema=False)
async def serverstats_home() -> Response:
    """Say that this is serverstats."""
    return success(_ABOUT)


@router.endpoint("GET", "/status", right=Right.READ, data=ServerstatsStatus, errors=(SettingsError,))
async def get_serverstats_status(query: Annotated[GuildFields, Query()], module: Module) -> Response:
    """Tell whether serverstats is enabled in a server."""
    module.require_guild(query.guild_id)
    return success(ServerstatsStatus(enabled=module.settings_of(query.guild_id) is not None))


@router.endpoint("POST", "/enable", right=Right.WRITE, errors=(SettingsError, ModuleEnabledError))
async def enable_serverstats(body: Annotated[GuildFields, Body()], module: Module) -> Response:
    """Enable serverstats in a server; everything in it is off until it is turned on."""
    await module.enable(body.guild_id)
    return success()


@router.endpoint("POST", "/disable", right=Right.WRITE, errors=(SettingsError, ModuleDisabledError))
async def disable_serverstats(body: Annotated[GuildFields, Body()], module: Module) -> Response:
    """Disable serverstats in a server, and delete all of its data there.

    The channels that were made for counters are deleted, too; those that were there before stay.
    """
    module.require_guild(body.guild_id)
    await module.disable(body.guild_id)
    return success()


@router.endpoint(
    "GET",
    "/settings",
    right=Right.READ,
    data=ServerstatsSettingsRecord,
    errors=(SettingsError, ModuleDisabledError),
)
async def get_serverstats_settings(query: Annotated[GuildFields, Query()], book: Book) -> Response:
    """Get the settings of serverstats in a server."""
    return success(_record(query.guild_id, await book.read(query.guild_id)))


@router.endpoint(
    "PUT",
    "/settings",
    right=Right.WRITE,
    errors=(SettingsError, ModuleDisabledError, ConflictError, DiscordRefusedError),
)
async def change_serverstats_settings(body: Annotated[AnySettingsFields, Body()], book: Book) -> Response:
    """Change the settings of serverstats in a server.

    What GET answers can be sent back. A body with fields of the older generation is taken as one of that generation.
    Everything is checked first; nothing is changed when something in it cannot be. What Discord has to make comes before the
    settings are stored: should it refuse only then, what is made so far stays.
    """
    await book.write(body.guild_id, body.wish())
    return success()


@router.endpoint("DELETE", "/settings/delete", right=Right.WRITE)
async def delete_serverstats_settings(body: Annotated[GuildFields, Body()], book: Book) -> Response:
    """Set all settings of serverstats in a server back, so that everything in it is off.

    Data, counters and starboards stay. Where serverstats is not enabled there is nothing to do, which is a success.
    """
    await book.reset(body.guild_id)
    return success()


def _record(guild_id: int, whole: WholeSettings) -> ServerstatsSettingsRecord:
    values = whole.values
    channel_id = id_text(None if whole.board is None else whole.board.channel_id)
    switches: dict[str, Any] = {name: group in values.enabled_groups for name, group in _SWITCHES.items()}
    return ServerstatsSettingsRecord(
        id=whole.enabled_at_ms,
        guild_id=str(guild_id),
        counters_enabled=values.counters_enabled,
        counters_category_id=id_text(values.counters_category_id),
        starboard_enabled=values.starboard_enabled,
        starboard_channel_id=channel_id,
        starboard_count=str(whole.threshold),
        starboard_channel=channel_id,
        track_bot_messages=values.track_bot_messages,
        ignored_channel_ids=[str(each) for each in sorted(values.ignored_channel_ids)],
        ignored_role_ids=[str(each) for each in sorted(values.ignored_role_ids)],
        **switches,
    )
