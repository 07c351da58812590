"""Join and leave messages as one thing with two kinds, and what must hold before they are saved."""

from dataclasses import dataclass
from enum import StrEnum

import discord

from bot.errors import DiscordRefusedError, UnprocessableEntityError
from cogs.invite_tracker.messages.rendering import check_join_template, check_leave_template
from cogs.invite_tracker.settings import InviteTrackerSettings


class MessageKind(StrEnum):
    """The messages that the module sends."""

    JOIN = "join"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class MessageSettings:
    """What a guild has set for one kind; `content` is text or, when `is_embed`, the JSON of embeds."""

    is_enabled: bool
    channel_id: int | None
    content: str
    is_embed: bool


def message_of(settings: InviteTrackerSettings, kind: MessageKind) -> MessageSettings:
    """Return the part of the settings that is about this kind."""
    if kind is MessageKind.JOIN:
        return MessageSettings(
            settings.join_messages_enabled,
            settings.join_messages_channel,
            settings.join_message_content,
            settings.join_message_is_embed,
        )
    return MessageSettings(
        settings.leave_messages_enabled,
        settings.leave_messages_channel,
        settings.leave_message_content,
        settings.leave_message_is_embed,
    )


def with_message(
    settings: InviteTrackerSettings, kind: MessageKind, message: MessageSettings
) -> InviteTrackerSettings:
    """Return the settings with the part about this kind replaced."""
    return settings.model_copy(
        update={
            f"{kind}_messages_enabled": message.is_enabled,
            f"{kind}_messages_channel": message.channel_id,
            f"{kind}_message_content": message.content,
            f"{kind}_message_is_embed": message.is_embed,
        }
    )


def check_template(kind: MessageKind, content: str, is_embed: bool) -> tuple[str, ...]:
    """Return warnings, one sentence each; raises TemplateError when Discord would refuse such a message."""
    if kind is MessageKind.JOIN:
        return check_join_template(content, is_embed)
    return check_leave_template(content, is_embed)


def check_change(
    guild: discord.Guild, kind: MessageKind, before: MessageSettings, after: MessageSettings
) -> None:
    """Refuse a change that cannot work; what stays as it was is not judged again.

    Otherwise one deleted channel would keep everything else from being saved.
    """
    if after == before:
        return
    turned_on = after.is_enabled and not before.is_enabled
    if turned_on or (after.content, after.is_embed) != (before.content, before.is_embed):
        check_template(kind, after.content, after.is_embed)
    if after.is_enabled or after.channel_id not in {before.channel_id, None}:
        require_channel(guild, kind, after)


def require_channel(guild: discord.Guild, kind: MessageKind, message: MessageSettings) -> discord.TextChannel:
    """Return the channel of the messages; refuse when there is none or the bot cannot send there."""
    if message.channel_id is None:
        raise UnprocessableEntityError(f"Choose a channel for {kind} messages first.")
    channel = guild.get_channel(message.channel_id)
    if channel is None:
        raise UnprocessableEntityError(f"The channel of the {kind} messages does not exist; choose another.")
    if not isinstance(channel, discord.TextChannel):
        raise UnprocessableEntityError(
            f"{channel.mention} is not a text channel; choose another for {kind} messages."
        )
    granted = channel.permissions_for(guild.me)
    needed = {"View Channel": granted.view_channel, "Send Messages": granted.send_messages}
    if message.is_embed:
        needed["Embed Links"] = granted.embed_links
    missing = [title for title, is_granted in needed.items() if not is_granted]
    if missing:
        raise DiscordRefusedError(
            f"I need the permission {' and '.join(missing)} in {channel.mention} for {kind} messages."
        )
    return channel
