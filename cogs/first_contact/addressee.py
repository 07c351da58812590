"""Who added the bot to a server, and where to write to them."""

import logging
from typing import Final

import discord

_log = logging.getLogger(__name__)

AUDIT_ENTRIES: Final = 10
"""How many additions of bots are looked through, newest first."""


async def find_person(guild: discord.Guild) -> discord.abc.Snowflake | None:
    """Return who added the bot: by the audit log, else by the integration; the owner where both are closed to the bot.

    None if even the owner is unknown. A person who left again is not returned.
    """
    for find in (_by_audit_log, _by_integration):
        try:
            person = await find(guild)
        except discord.HTTPException as error:
            _log.debug("Who added the bot is not told: %s", error, extra={"guild_id": guild.id})
            continue
        if person is not None and await find_member(guild, person.id) is not None:
            return person
    return discord.Object(guild.owner_id) if guild.owner_id else None


async def _by_audit_log(guild: discord.Guild) -> discord.abc.Snowflake | None:
    if not guild.me.guild_permissions.view_audit_log:
        return None
    entries = guild.audit_logs(action=discord.AuditLogAction.bot_add, limit=AUDIT_ENTRIES)
    async for entry in entries:
        if entry.target is not None and entry.target.id == guild.me.id and entry.user_id is not None:
            return discord.Object(entry.user_id)
    return None


async def _by_integration(guild: discord.Guild) -> discord.abc.Snowflake | None:
    # Discord documentation, Guild Resource, Get Guild Integrations.
    if not guild.me.guild_permissions.manage_guild:
        return None
    for integration in await guild.integrations():
        # The bot of an application and the application share their id, but for a few of before 2016: so look at both.
        if isinstance(integration, discord.BotIntegration):
            bot_user = integration.application.user
            if bot_user is not None and bot_user.id == guild.me.id:
                return integration.user
    return None


async def find_member(guild: discord.Guild, user_id: int) -> discord.Member | None:
    """Return the member; None if they are not in the server."""
    found = guild.get_member(user_id)
    if found is not None:
        return found
    try:
        return await guild.fetch_member(user_id)
    except discord.NotFound:
        return None


def choose_channel(guild: discord.Guild, person: discord.Member) -> discord.TextChannel | None:
    """Return where the bot may write and the person may read: the channel of system messages, else the first one."""
    system = [guild.system_channel] if guild.system_channel is not None else []
    for channel in [*system, *sorted(guild.text_channels, key=lambda each: (each.position, each.id))]:
        ours = channel.permissions_for(guild.me)
        if ours.view_channel and ours.send_messages and channel.permissions_for(person).view_channel:
            return channel
    return None
