"""Posts in the log channel of a server."""

import logging
from collections.abc import Callable
from typing import Final

import discord

from bot.request_failures import REQUEST_FAILURES
from bot.settings.guild_settings import GuildSettingsBook
from bot.text.language import speaking
from bot.ui.look import NO_PINGS

_log = logging.getLogger(__name__)

NEEDED: Final = discord.Permissions(view_channel=True, send_messages=True, embed_links=True)


async def post_in_log_channel(
    client: discord.Client,
    settings: GuildSettingsBook,
    guild_id: int,
    channel_id: int | None,
    write: Callable[[], discord.Embed],
) -> None:
    """Post what `write` returns, called in the language of the server; where that cannot be, it is only logged.

    Without a channel, or where the server or its channel is gone, nothing happens.
    """
    guild = client.get_guild(guild_id)
    channel = guild.get_channel(channel_id) if guild is not None and channel_id is not None else None
    if guild is None or not isinstance(channel, discord.abc.Messageable):
        return
    # Discord counts what it refuses, and programs can change settings many times a minute.
    if not channel.permissions_for(guild.me) >= NEEDED:
        _tell_failure(guild_id, "a permission is missing: View Channel, Send Messages or Embed Links")
        return
    with speaking(settings.language_for(guild)):
        embed = write()
    try:
        await channel.send(embed=embed, allowed_mentions=NO_PINGS)
    except REQUEST_FAILURES as error:
        _tell_failure(guild_id, error)


def _tell_failure(guild_id: int, reason: object) -> None:
    _log.warning(
        "The log channel could not be written to: %s",
        reason,
        extra={"event": "log_channel_failed", "guild_id": guild_id},
    )
