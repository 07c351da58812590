"""The channels of counters at Discord: made so that nobody can join, renamed without ever waiting, deleted."""

import asyncio
from typing import Any, Final

import discord
from discord.http import Route

from bot.errors import DiscordRefusedError, UnprocessableEntityError
from bot.request_failures import CONNECTION_FAILURES, REQUEST_FAILURES
from bot.text.language import N_, _

CATEGORY_NAME: Final = N_("📊 Server stats")
CHANNELS_PER_CATEGORY: Final = 50
"""Discord documentation, Channel Resource."""
RENAME_SECONDS: Final = 10.0
"""A rename that takes longer is given up: discord.py would wait inside of it, and others behind it."""
DELETE_WAIT_SECONDS_MOST: Final = 60.0
REASON: Final = "Counter"

_NEEDED: Final[tuple[tuple[str, str], ...]] = (
    ("view_channel", N_("View Channels")),
    ("connect", N_("Connect")),
    ("manage_channels", N_("Manage Channels")),
)

_CATEGORY_NOT_MADE: Final = (
    N_(
        "Discord refused, the category was not made: "
        "I need the permissions View Channels, Connect and Manage Channels."
    ),
    N_("Discord refused, the category was not made: {reason}."),
    N_("Discord could not be reached, the category was not made; try again in a minute."),
)
_CHANNEL_NOT_MADE: Final = (
    N_(
        "Discord refused, the channel was not made: "
        "I need the permissions View Channels, Connect and Manage Channels."
    ),
    N_("Discord refused, the channel was not made: {reason}."),
    N_("Discord could not be reached, the channel was not made; try again in a minute."),
)
"""When a permission is missing, for another reason, and when nothing was heard."""

CounterChannel = discord.VoiceChannel | discord.StageChannel | discord.TextChannel | discord.ForumChannel
"""The channels that can become a counter; text channels show their names in lower case and with dashes."""


def missing_permission(place: discord.Guild | discord.abc.GuildChannel) -> str | None:
    """Return the title of the first permission that the bot lacks to make (in a server) or rename channels of counters.

    It is in the language of the context.
    """
    if isinstance(place, discord.Guild):
        permissions, needed = place.me.guild_permissions, _NEEDED
    else:
        permissions = place.permissions_for(place.guild.me)
        # On a voice channel a denied Connect takes Manage Channels away with it; elsewhere there is no Connect
        # (Discord documentation, Permissions).
        is_voice = isinstance(place, discord.VoiceChannel | discord.StageChannel)
        needed = tuple(one for one in _NEEDED if is_voice or one[0] != "connect")
    return next((_(title) for name, title in needed if not getattr(permissions, name)), None)


def require_permissions(*places: discord.Guild | discord.abc.GuildChannel) -> None:
    """Raise DiscordRefusedError unless the bot has what it needs in these places."""
    for place in places:
        if (missing := missing_permission(place)) is not None:
            raise DiscordRefusedError(
                _("I need the permission {permission} in this server for counters.", permission=missing)
                if isinstance(place, discord.Guild)
                else _(
                    "I need the permission {permission} in {channel} for counters.",
                    permission=missing,
                    channel=place.mention,
                )
            )


def require_adoptable(guild: discord.Guild, channel_id: int) -> CounterChannel:
    """Return a channel that can become a counter; raises UnprocessableEntityError, DiscordRefusedError."""
    channel = guild.get_channel(channel_id)
    if not isinstance(channel, CounterChannel):
        raise UnprocessableEntityError(
            _("Only voice, stage, text and forum channels of this server can become counters.")
        )
    require_permissions(channel)
    return channel


def require_space(category: discord.CategoryChannel, count: int = 1) -> None:
    """Raise UnprocessableEntityError unless so many channels still fit into a category."""
    if len(category.channels) + count > CHANNELS_PER_CATEGORY:
        raise UnprocessableEntityError(
            _(
                "The category {category} is full: Discord allows {most} channels in one.",
                category=category.mention,
                most=CHANNELS_PER_CATEGORY,
            )
        )


async def create_category(guild: discord.Guild, name: str) -> discord.CategoryChannel:
    """Make a category for counters; raises DiscordRefusedError."""
    require_permissions(guild)
    try:
        return await guild.create_category(name, overwrites=_overwrites(guild), reason=REASON)
    except (discord.HTTPException, *CONNECTION_FAILURES) as error:
        raise _refused(_CATEGORY_NOT_MADE, error) from error


async def create_channel(
    guild: discord.Guild, category: discord.CategoryChannel, name: str
) -> discord.VoiceChannel:
    """Make a voice channel that nobody can join; raises DiscordRefusedError, or UnprocessableEntityError when full."""
    require_permissions(guild, category)
    require_space(category)
    try:
        return await guild.create_voice_channel(
            name, category=category, overwrites=_overwrites(guild), reason=REASON
        )
    except (discord.HTTPException, *CONNECTION_FAILURES) as error:
        raise _refused(_CHANNEL_NOT_MADE, error) from error


async def rename_channel(client: discord.Client, channel_id: int, name: str) -> str:
    """Rename a channel, and nothing else of it; return the name that it has now.

    Raises one of REQUEST_FAILURES, after ten seconds at the latest. A bucket of its own keeps other
    changes of the channel from queueing behind it.
    """
    route = Route("PATCH", "/channels/{channel_id}", channel_id=channel_id, metadata="name")
    async with asyncio.timeout(RENAME_SECONDS):
        answer: Any = await client.http.request(route, json={"name": name}, reason=REASON)
    return str(answer["name"])


async def delete_channel(client: discord.Client, channel_id: int, *, tries: int = 1) -> bool:
    """Delete a channel; return whether it is gone. Never raises what comes of Discord.

    With several tries it waits as long as Discord asks to, at most a minute each time.
    """
    try:
        await client.http.delete_channel(channel_id, reason=REASON)
    except discord.RateLimited as limit:
        if tries <= 1 or limit.retry_after > DELETE_WAIT_SECONDS_MOST:
            return False
        await asyncio.sleep(limit.retry_after)
        return await delete_channel(client, channel_id, tries=tries - 1)
    except discord.NotFound:
        return True
    except REQUEST_FAILURES:
        return False
    return True


async def is_gone(client: discord.Client, channel_id: int) -> bool:
    """Ask Discord whether a channel does not exist any more; False when it gave no clear answer."""
    try:
        await client.http.get_channel(channel_id)
    except discord.NotFound:
        return True
    except REQUEST_FAILURES:
        return False
    return False


def _overwrites(
    guild: discord.Guild,
) -> dict[discord.Role | discord.Member | discord.Object, discord.PermissionOverwrite]:
    return {
        guild.default_role: discord.PermissionOverwrite(connect=False),
        guild.me: discord.PermissionOverwrite(view_channel=True, connect=True, manage_channels=True),
    }


def _refused(texts: tuple[str, str, str], error: Exception) -> DiscordRefusedError:
    forbidden, refused, unreachable = texts
    if isinstance(error, discord.Forbidden):
        return DiscordRefusedError(_(forbidden))
    if isinstance(error, discord.HTTPException):
        return DiscordRefusedError(_(refused, reason=error.text or error.status))
    return DiscordRefusedError(_(unreachable))
