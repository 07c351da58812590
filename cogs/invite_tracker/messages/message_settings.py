"""Join and leave messages as one thing with two kinds, and what must hold before they are saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import discord

from bot.errors import DiscordRefusedError, UnprocessableEntityError
from bot.permissions import list_permissions
from bot.text.language import N_, _, ngettext
from cogs.invite_tracker.messages.rendering import check_join_template, check_leave_template
from cogs.invite_tracker.settings import InviteTrackerSettings


class MessageKind(StrEnum):
    """The messages that the module sends."""

    JOIN = "join"
    LEAVE = "leave"


_NO_CHANNEL = {
    MessageKind.JOIN: N_("Choose a channel for join messages first."),
    MessageKind.LEAVE: N_("Choose a channel for leave messages first."),
}
_CHANNEL_IS_GONE = {
    MessageKind.JOIN: N_("The channel of the join messages does not exist; choose another."),
    MessageKind.LEAVE: N_("The channel of the leave messages does not exist; choose another."),
}
_NOT_A_TEXT_CHANNEL = {
    MessageKind.JOIN: N_("{channel} is not a text channel; choose another for join messages."),
    MessageKind.LEAVE: N_("{channel} is not a text channel; choose another for leave messages."),
}


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
        raise UnprocessableEntityError(_(_NO_CHANNEL[kind]))
    channel = guild.get_channel(message.channel_id)
    if channel is None:
        raise UnprocessableEntityError(_(_CHANNEL_IS_GONE[kind]))
    if not isinstance(channel, discord.TextChannel):
        raise UnprocessableEntityError(_(_NOT_A_TEXT_CHANNEL[kind], channel=channel.mention))
    granted = channel.permissions_for(guild.me)
    needed = {N_("View Channel"): granted.view_channel, N_("Send Messages"): granted.send_messages}
    if message.is_embed:
        needed[N_("Embed Links")] = granted.embed_links
    missing = [title for title, is_granted in needed.items() if not is_granted]
    if missing:
        raise DiscordRefusedError(_permissions_missing(kind, missing, channel))
    return channel


def _permissions_missing(kind: MessageKind, missing: Sequence[str], channel: discord.TextChannel) -> str:
    permissions = list_permissions(missing)
    if kind is MessageKind.JOIN:
        return ngettext(
            "I need the permission {permissions} in {channel} for join messages.",
            "I need the permissions {permissions} in {channel} for join messages.",
            len(missing),
            permissions=permissions,
            channel=channel.mention,
        )
    return ngettext(
        "I need the permission {permissions} in {channel} for leave messages.",
        "I need the permissions {permissions} in {channel} for leave messages.",
        len(missing),
        permissions=permissions,
        channel=channel.mention,
    )
