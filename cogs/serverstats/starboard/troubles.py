"""What keeps the boards of a guild from their work, as admins are told."""

import discord

from bot.permissions import list_permissions
from bot.text.language import _, ngettext
from bot.ui.look import safe_name
from cogs.serverstats.starboard.guild_state import GuildState
from cogs.serverstats.starboard.permissions import missing_to_post, missing_to_read

UNREAD_SHOWN = 3
"""More channels in which stars cannot be counted are only numbered."""


def list_troubles(guild: discord.Guild, state: GuildState, *, can_read_content: bool) -> tuple[str, ...]:
    """Return one sentence each, in the language of the context."""
    sentences = []
    for board in state.boards:
        missing = missing_to_post(guild, board.channel_id)
        if missing:
            sentences.append(
                ngettext(
                    "I need the permission {permissions} in {channel}, the starboard {name}; "
                    "posts wait until then.",
                    "I need the permissions {permissions} in {channel}, the starboard {name}; "
                    "posts wait until then.",
                    len(missing),
                    permissions=list_permissions(missing),
                    channel=f"<#{board.channel_id}>",
                    name=safe_name(board.name),
                )
            )
        elif board.board_id in state.refusals:
            sentences.append(
                _(
                    "Starboard {name}: {reason}",
                    name=safe_name(board.name),
                    reason=state.refusals[board.board_id],
                )
            )
    sentences += _unread(guild, state)
    if not can_read_content:
        sentences.append(
            _("Without the Message Content intent, posts of the starboard show only a link to the message.")
        )
    return tuple(sentences)


def _unread(guild: discord.Guild, state: GuildState) -> list[str]:
    unread = {
        channel_id: missing
        for channel_id in sorted(state.unread_channels)
        if (missing := missing_to_read(guild, channel_id))
    }
    sentences = [
        ngettext(
            "I need the permission {permissions} in {channel}; stars there do not count until then.",
            "I need the permissions {permissions} in {channel}; stars there do not count until then.",
            len(missing),
            permissions=list_permissions(missing),
            channel=f"<#{channel_id}>",
        )
        for channel_id, missing in list(unread.items())[:UNREAD_SHOWN]
    ]
    if len(unread) > UNREAD_SHOWN:
        sentences.append(
            ngettext(
                "The same is so in {count} more channel.",
                "The same is so in {count} more channels.",
                len(unread) - UNREAD_SHOWN,
            )
        )
    return sentences
