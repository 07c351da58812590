"""What the bot may do in the channel of a board, and in those that messages come from."""

from typing import Final

import discord

from bot.text.language import N_

READ_HISTORY: Final = N_("Read Message History")

_TO_POST = {
    "view_channel": N_("View Channel"),
    "send_messages": N_("Send Messages"),
    "embed_links": N_("Embed Links"),
    "read_message_history": READ_HISTORY,
}
"""Without the history the bot could not find a post again, and might make a second one."""

_TO_READ = {name: _TO_POST[name] for name in ("view_channel", "read_message_history")}


def missing_to_post(guild: discord.Guild | None, channel_id: int) -> tuple[str, ...]:
    """Return the names of the permissions that the bot lacks to post in a channel, as Discord's settings call them.

    They are English, to be translated where they are told. A channel that does not exist lacks nothing that a permission
    could give: View Channel is named for it.
    """
    channel = guild.get_channel(channel_id) if guild is not None else None
    if guild is None or channel is None:
        return (_TO_POST["view_channel"],)
    held = channel.permissions_for(guild.me)
    return tuple(title for name, title in _TO_POST.items() if not getattr(held, name))


def missing_to_read(guild: discord.Guild | None, channel_id: int) -> tuple[str, ...]:
    """Return the names of the permissions that the bot lacks to see a message of a channel or thread and its stars.

    Nothing is said of a channel that is not known, such as an archived thread.
    """
    channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
    if isinstance(channel, discord.Thread):
        # A thread has the permissions of its channel.
        channel = channel.parent
    if guild is None or channel is None:
        return ()
    held = channel.permissions_for(guild.me)
    return tuple(title for name, title in _TO_READ.items() if not getattr(held, name))
