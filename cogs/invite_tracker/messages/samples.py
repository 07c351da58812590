"""Messages filled with sample values, for previews and tests."""

import discord

from bot.text.discord_objects import channel_facts, member_facts, server_facts
from bot.text.facts import ChannelFacts, InviterFacts, Moment
from bot.text.rendering import RenderedMessage
from cogs.invite_tracker.messages.message_settings import MessageKind, MessageSettings
from cogs.invite_tracker.messages.rendering import (
    JoinFacts,
    LeaveFacts,
    render_join_message,
    render_leave_message,
)

SAMPLE_CODE = "aBcD3fGh"
SAMPLE_COUNT = 12
SAMPLE_CHANNEL = ChannelFacts(channel_id=0, name="welcome", type_number=0)


def render_sample(
    kind: MessageKind,
    message: MessageSettings,
    *,
    person: discord.Member | discord.User,
    guild: discord.Guild,
    channel: discord.abc.GuildChannel | None,
    moment: Moment,
) -> RenderedMessage:
    """Return the message as it would read if this person had joined or left, invited by themselves.

    Without a channel the sample names one that does not exist.
    """
    member = member_facts(person)
    inviter = InviterFacts(
        candidates=(member,), invite_codes=(SAMPLE_CODE,), current_invite_count=SAMPLE_COUNT
    )
    server = server_facts(guild)
    if kind is MessageKind.JOIN:
        place = channel_facts(channel) if channel is not None else SAMPLE_CHANNEL
        join = JoinFacts(member=member, inviter=inviter, channel=place, server=server, moment=moment)
        return render_join_message(message.content, message.is_embed, join)
    return render_leave_message(
        message.content,
        message.is_embed,
        LeaveFacts(member=member, inviter=inviter, server=server, moment=moment),
    )
