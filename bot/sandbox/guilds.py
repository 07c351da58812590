"""Acts on guilds: making them, what the bot may do there, putting it out and taking it in again."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import discord

from .backend import (
    Channel,
    ChannelType,
    Guild,
    Member,
    Message,
    MessageType,
    Overwrite,
    OverwriteType,
    Role,
)
from .state import WorldState

AUDIT_BOT_ADD = 28
EVERYTHING_BUT_ADMINISTRATOR = discord.Permissions(discord.Permissions.all().value)
EVERYTHING_BUT_ADMINISTRATOR.administrator = False
BOT_JOINED_AGO = timedelta(days=365)


class GuildActs(WorldState):
    """What happens to guilds, roles and channels."""

    def make_guild(
        self,
        name: str,
        *,
        owner_id: int | None = None,
        bot_permissions: discord.Permissions | None = None,
        text_channels: Sequence[str] = ("general",),
        vanity_code: str | None = None,
        shard_id: int | None = None,
        shard_count: int = 1,
        with_bot: bool = True,
    ) -> Guild:
        """Make a guild with an owner, text channels and the bot under test as a member.

        The bot has everything but Administrator unless ``bot_permissions`` says otherwise; ``shard_id`` picks
        an id that belongs to that shard out of ``shard_count``.
        """
        self._muted = True
        try:
            guild = self.create_guild(name, owner_id=owner_id, shard_id=shard_id, shard_count=shard_count)
            self.bot_role(guild.id).permissions = (bot_permissions or EVERYTHING_BUT_ADMINISTRATOR).value
            for channel_name in text_channels:
                self.create_channel(guild.id, channel_name)
            if vanity_code:
                self.set_vanity_url(guild.id, vanity_code)
            if not with_bot:
                del guild.members[self.bot_user.id]
        finally:
            self._muted = False
        self.emit("GUILD_CREATE", {"id": str(guild.id)})
        return guild

    def add_member(self, guild_id: int, user_id: int, **options: Any) -> Member:
        """Put someone into the guild; the bot itself has been there for long, unless it is added again."""
        member = super().add_member(guild_id, user_id, **options)
        if user_id == self.bot_user.id:
            member.joined_at = (self.clock.now() - BOT_JOINED_AGO).isoformat()
        return member

    def bot_role(self, guild_id: int) -> Role:
        """Return the managed role that carries the bot's permissions."""
        return next(role for role in self.get_guild(guild_id).roles.values() if role.managed)

    def set_bot_permissions(self, guild_id: int, bot_permissions: discord.Permissions) -> None:
        """Change what the bot may do in the whole guild; @everyone keeps its own permissions."""
        self.edit_role(guild_id, self.bot_role(guild_id).id, {"permissions": bot_permissions.value})

    def set_bot_overwrite(self, channel_id: int, overwrite: discord.PermissionOverwrite) -> None:
        """Allow or deny the bot something on one channel."""
        allow, deny = overwrite.pair()
        self.set_overwrite(
            channel_id, Overwrite(self.bot_user.id, OverwriteType.MEMBER, allow.value, deny.value)
        )

    def text_channel(self, guild_id: int, name: str) -> Channel:
        """Make a text channel."""
        return self.create_channel(guild_id, name)

    def voice_channel(self, guild_id: int, name: str) -> Channel:
        """Make a voice channel."""
        return self.create_channel(guild_id, name, type=ChannelType.VOICE)

    def first_channel(self, guild_id: int) -> Channel:
        """Return the guild's first channel."""
        return self.channels[self.get_guild(guild_id).channel_ids[0]]

    def kick_bot(self, guild_id: int) -> None:
        """Put the bot out of the guild; the guild lives on without it."""
        guild = self.get_guild(guild_id)
        guild.members.pop(self.bot_user.id, None)
        self.emit("GUILD_DELETE", {"id": str(guild_id)})

    def add_bot_again(
        self,
        guild_id: int,
        *,
        bot_permissions: discord.Permissions | None = None,
        by_id: int | None = None,
    ) -> None:
        """Let a person take the bot into a guild that it is not in; the owner unless told otherwise."""
        me = self.add_member(guild_id, self.bot_user.id, roles=[self.bot_role(guild_id).id])
        me.joined_at = self.clock.now().isoformat()
        if bot_permissions is not None:
            self.bot_role(guild_id).permissions = bot_permissions.value
        self.bot_added_by[guild_id] = by_id or self.get_guild(guild_id).owner_id
        self.record_audit_log(
            guild_id, AUDIT_BOT_ADD, target_id=self.bot_user.id, user_id=self.bot_added_by[guild_id]
        )
        self.emit("GUILD_CREATE", {"id": str(guild_id)})

    def delete_channel(self, channel_id: int) -> None:
        """Delete a channel; its invites go with it and have no events of their own."""
        self.invites = {
            code: invite for code, invite in self.invites.items() if invite.channel_id != channel_id
        }
        super().delete_channel(channel_id)

    def remove_guild(self, guild_id: int) -> None:
        """Make the bot leave; other than in simcord the guild stays in the world."""
        self.kick_bot(guild_id)

    def begin_outage(self, guild_id: int) -> None:
        """Make the guild unavailable to the bot; ``end_outage`` brings it back."""
        self.emit("GUILD_DELETE", {"id": str(guild_id), "unavailable": True})

    def end_outage(self, guild_id: int) -> None:
        """Make the guild available again."""
        self.emit("GUILD_CREATE", {"id": str(guild_id), "unavailable": False})

    def time_out(self, guild_id: int, user_id: int, *, seconds: float) -> None:
        """Time a member out."""
        until = (self.clock.now() + timedelta(seconds=seconds)).isoformat()
        self.edit_member(guild_id, user_id, {"timed_out_until": until})

    def create_system_message(
        self,
        channel_id: int,
        message_type: MessageType,
        author_id: int,
        *,
        recipient_id: int | None = None,
        target_channel_id: int | None = None,
        referenced_channel_id: int | None = None,
        referenced_message_id: int | None = None,
    ) -> Message:
        """Post a system message; a renamed guild channel gets none, as on Discord."""
        if message_type == MessageType.CHANNEL_NAME_CHANGE:
            return Message(id=self.snowflake(), channel_id=channel_id, author_id=author_id)
        return super().create_system_message(
            channel_id,
            message_type,
            author_id,
            recipient_id=recipient_id,
            target_channel_id=target_channel_id,
            referenced_channel_id=referenced_channel_id,
            referenced_message_id=referenced_message_id,
        )

    def partial_guild(self, guild: Guild) -> dict[str, object]:
        """Return the few facts about a guild that an invite shows."""
        return {
            "id": str(guild.id),
            "name": guild.name,
            "features": ["VANITY_URL"] if guild.vanity_url_code else [],
            "icon": None,
            "banner": None,
            "splash": None,
            "description": guild.description,
            "verification_level": guild.verification_level,
            "vanity_url_code": guild.vanity_url_code,
            "premium_subscription_count": 0,
            "nsfw_level": 0,
        }
