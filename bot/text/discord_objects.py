"""Between discord.py's objects and our facts: the only part of this package that knows the library."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

import discord

from bot.text.facts import ChannelFacts, MemberFacts, ServerFacts
from bot.text.rendering import RenderedMessage


class SendArguments(TypedDict):
    """The keyword arguments of `Messageable.send`."""

    content: str | None
    embeds: list[discord.Embed]
    allowed_mentions: discord.AllowedMentions


def send_arguments(message: RenderedMessage) -> SendArguments:
    """Return what to send a rendered message with; nobody else than its allowed users can be pinged."""
    return SendArguments(
        content=message.content,
        embeds=[discord.Embed.from_dict(embed) for embed in message.embeds],
        allowed_mentions=discord.AllowedMentions(
            everyone=False,
            roles=False,
            users=[discord.Object(user_id) for user_id in message.allowed_user_ids],
            replied_user=False,
        ),
    )


def member_facts(person: discord.Member | discord.User) -> MemberFacts:
    """Return what is known of a person: of a user only what is the same in every server."""
    member = person if isinstance(person, discord.Member) else None
    voice = member.voice if member else None
    return MemberFacts(
        user_id=person.id,
        username=person.name,
        global_name=person.global_name,
        avatar_url=person.display_avatar.url,
        nickname=member.nick if member else None,
        is_deaf=voice.deaf if voice else False,
        is_mute=voice.mute if voice else False,
        is_pending=member.pending if member else False,
        joined_at_ms=_ms(member.joined_at) if member else None,
        premium_since_ms=_ms(member.premium_since) if member else None,
        role_ids=tuple(role.id for role in reversed(member.roles) if not role.is_default()) if member else (),
        timed_out_until_ms=_ms(member.timed_out_until) if member else None,
    )


def member_facts_from_payload(user: Mapping[str, Any]) -> MemberFacts:
    """Return what a raw user object tells, for members who left (Discord documentation, User Resource)."""
    avatar = user.get("avatar")
    extension = "gif" if avatar and avatar.startswith("a_") else "png"
    return MemberFacts(
        user_id=int(user["id"]),
        username=user.get("username"),
        global_name=user.get("global_name"),
        avatar_url=f"{discord.Asset.BASE}/avatars/{user['id']}/{avatar}.{extension}?size=1024"
        if avatar
        else None,
    )


def channel_facts(channel: discord.abc.GuildChannel | discord.Thread) -> ChannelFacts:
    """Return the facts of a channel."""
    return ChannelFacts(channel_id=channel.id, name=channel.name, type_number=channel.type.value)


def server_facts(guild: discord.Guild) -> ServerFacts:
    """Return the facts of a guild."""
    return ServerFacts(
        guild_id=guild.id,
        name=guild.name,
        description=guild.description,
        afk_timeout_seconds=guild.afk_timeout,
        mfa_level=guild.mfa_level.value,
        owner_id=guild.owner_id,
        preferred_locale=str(guild.preferred_locale),
        premium_subscription_count=guild.premium_subscription_count,
        premium_tier=guild.premium_tier,
        verification_level=guild.verification_level.value,
        nsfw_level=guild.nsfw_level.value,
        public_updates_channel_id=_id(guild.public_updates_channel),
        rules_channel_id=_id(guild.rules_channel),
        system_channel_id=_id(guild.system_channel),
        widget_channel_id=_id(guild.widget_channel),
    )


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def _id(channel: discord.abc.Snowflake | None) -> int | None:
    return None if channel is None else channel.id
