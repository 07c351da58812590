"""The starboard over HTTP: other software says where to look, and the bot looks for itself."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Body, Response
from pydantic import Field

from bot.errors import DiscordRefusedError, ModuleDisabledError, SettingsError
from bot.web.callers import Right
from bot.web.envelope import success
from bot.web.fields import GuildFields, Id, IdText, Record, TimeText, iso_time
from bot.web.routing import ApiRouter, provided
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.starboard.service import Outcome, StarboardService

router = ApiRouter("/modules/serverstats/starboard", "Starboard")

Module = Annotated[ServerstatsService, provided(ServerstatsService)]
Starboard = Annotated[StarboardService, provided(StarboardService)]


class StarboardEntryRecord(Record):
    """A message that is shown on a board."""

    id: Annotated[
        int, Field(description="The same as `starboard_message_id`: every post is about one message.")
    ]
    guild_id: IdText
    original_message_id: IdText
    starboard_message_id: IdText
    monitoring_start: Annotated[
        TimeText, Field(description="When the bot first saw a star; stars count for 31 days.")
    ]


class StarredMessageFields(GuildFields):
    """A message that got or lost a star."""

    channel_id: Annotated[Id, Field(description="The channel or thread of the message.")]
    message_id: Id


class DeletedBoardChannelFields(GuildFields):
    """A channel that was deleted."""

    channel_id: Id


class DeletedMessageFields(GuildFields):
    """A message that was deleted."""

    message_id: Id


@router.endpoint(
    "POST",
    "/add",
    right=Right.INTAKE,
    data=list[StarboardEntryRecord],
    errors=(SettingsError, ModuleDisabledError, DiscordRefusedError),
)
async def add_star(
    body: Annotated[StarredMessageFields, Body()], module: Module, starboard: Starboard
) -> Response:
    """Have the bot count the stars of a message that got one, and get its posts on the boards.

    What counts is what Discord says of the message, whoever calls.
    """
    module.require_guild(body.guild_id)
    found = await starboard.add(body.guild_id, body.channel_id, body.message_id)
    return _posts(body, found)


@router.endpoint(
    "POST",
    "/remove",
    right=Right.INTAKE,
    data=list[StarboardEntryRecord],
    errors=(SettingsError, ModuleDisabledError, DiscordRefusedError),
)
async def remove_star(
    body: Annotated[StarredMessageFields, Body()], module: Module, starboard: Starboard
) -> Response:
    """Have the bot count the stars of a message that lost one, and get its posts on the boards.

    What counts is what Discord says of the message, whoever calls.
    """
    module.require_guild(body.guild_id)
    found = await starboard.remove(body.guild_id, body.channel_id, body.message_id)
    return _posts(body, found)


@router.endpoint(
    "POST",
    "/check/delete",
    right=Right.INTAKE,
    errors=(SettingsError, ModuleDisabledError, DiscordRefusedError),
)
async def check_deleted_board_channel(
    body: Annotated[DeletedBoardChannelFields, Body()], module: Module, starboard: Starboard
) -> Response:
    """Have the bot look whether a channel is gone, and remove the board that it was.

    For a channel that was no board nothing happens; one that is still there is refused.
    """
    module.require_guild(body.guild_id)
    await starboard.check_deleted_channel(body.guild_id, body.channel_id)
    return success()


@router.endpoint(
    "POST",
    "/check/deleted-message",
    right=Right.INTAKE,
    errors=(SettingsError, ModuleDisabledError, DiscordRefusedError),
)
async def check_deleted_starboard_message(
    body: Annotated[DeletedMessageFields, Body()], module: Module, starboard: Starboard
) -> Response:
    """Have the bot look whether a post or a starred message is gone, and forget it.

    For a message that was neither nothing happens; a post that is still there is refused.
    """
    module.require_guild(body.guild_id)
    await starboard.check_deleted_message(body.guild_id, body.message_id)
    return success()


def _posts(body: StarredMessageFields, found: Sequence[Outcome]) -> Response:
    records = [
        StarboardEntryRecord(
            id=outcome.post_id,
            guild_id=str(body.guild_id),
            original_message_id=str(body.message_id),
            starboard_message_id=str(outcome.post_id),
            monitoring_start=iso_time(outcome.recorded_at_ms),
        )
        for outcome in found
        if outcome.post_id is not None
    ]
    return success(records, total=len(records))
