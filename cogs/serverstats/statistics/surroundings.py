"""What discord.py knows of guilds, channels and members, as the reading functions want it."""

from collections.abc import Iterator

import discord

from bot.client import HeadcountClient
from cogs.serverstats.statistics.readers.presence import CUSTOM_STATUS
from cogs.serverstats.statistics.readers.state import TEXT_LENGTH, KnownMember
from cogs.serverstats.statistics.sessions import Doing


class Surroundings:
    """Looks things up in the client's cache, which knows some members of large guilds only."""

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client

    def place_of(self, guild_id: int, channel_id: int) -> tuple[int, ...]:
        """Return the channel, its parent and its category, as far as they are known."""
        guild = self._client.get_guild(guild_id)
        place = [channel_id]
        channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
        if guild is not None and isinstance(channel, discord.Thread):
            place.append(channel.parent_id)
            channel = guild.get_channel(channel.parent_id)
        if isinstance(channel, discord.abc.GuildChannel) and channel.category_id is not None:
            place.append(channel.category_id)
        return tuple(place)

    def member_of(self, guild_id: int, user_id: int) -> KnownMember | None:
        """Return what is known of a member."""
        guild = self._client.get_guild(guild_id)
        member = guild.get_member(user_id) if guild is not None else None
        if member is None:
            return None
        joined_at_ms = None if member.joined_at is None else int(member.joined_at.timestamp() * 1000)
        return KnownMember(member.bot, frozenset(role.id for role in member.roles), joined_at_ms)

    def voices(self, guild_id: int) -> Iterator[tuple[int, int]]:
        """Yield (user id, channel id) of everybody who is in voice."""
        guild = self._client.get_guild(guild_id)
        if guild is not None:
            for channel in (*guild.voice_channels, *guild.stage_channels):
                for user_id in channel.voice_states:
                    yield user_id, channel.id

    def statuses(self, guild_id: int) -> Iterator[tuple[int, str]]:
        """Yield (user id, status) of the cached members."""
        guild = self._client.get_guild(guild_id)
        for member in guild.members if guild is not None else ():
            yield member.id, member.raw_status

    def activities(self, guild_id: int) -> Iterator[tuple[int, tuple[Doing, ...]]]:
        """Yield what each cached member does who does anything."""
        guild = self._client.get_guild(guild_id)
        for member in guild.members if guild is not None else ():
            doing = tuple(
                dict.fromkeys(
                    Doing(None, name[:TEXT_LENGTH], activity.type.value)
                    for activity in member.activities
                    if activity.type.value != CUSTOM_STATUS and (name := _name_of(activity))
                )
            )
            if doing:
                yield member.id, doing


def _name_of(activity: discord.activity.ActivityTypes) -> str | None:
    """Return the name as Discord gives it; discord.py calls a stream by its title."""
    return activity.platform if isinstance(activity, discord.Streaming) else activity.name
