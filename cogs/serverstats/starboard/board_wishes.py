"""What an admin may wish for a board: every wish is checked, and refused in one sentence that names it."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.errors import DiscordRefusedError, UnprocessableEntityError
from bot.permissions import list_permissions
from bot.request_failures import REQUEST_FAILURES
from bot.text.language import _, ngettext
from bot.ui.look import safe_name
from cogs.serverstats.starboard.emoji import DEFAULT_EMOJI, custom_id, parse_emoji
from cogs.serverstats.starboard.permissions import missing_to_post
from storage.starboard_records import Board

THRESHOLD_MOST = 1000
DEFAULT_THRESHOLD = 3
NAME_LENGTH = 50
IGNORED_MOST = 25
"""As many as a select menu holds (Discord documentation, Component Reference)."""


@dataclass(frozen=True, slots=True)
class BoardWishes:
    """What a new board is to be like."""

    channel_id: int | None = None
    """None: a channel is made for it."""
    name: str | None = None
    """None: as its channel is called."""
    emoji: str = DEFAULT_EMOJI
    threshold: int = DEFAULT_THRESHOLD
    counts_self_stars: bool = False


async def check_board(guild: discord.Guild, others: Sequence[Board], board: Board) -> Board:
    """Return the board with its emoji as it is stored; refuse what cannot be.

    `others` are the boards that there are; the one with the same id is the board as it was, and what did not change is not
    judged again. A channel of 0 is still to be made.
    """
    before = next((other for other in others if other.board_id == board.board_id), None)
    rest = [other for other in others if other is not before]
    if not 1 <= board.threshold <= THRESHOLD_MOST:
        raise UnprocessableEntityError(
            _(
                "threshold must be between 1 and {most}, not {value}.",
                most=THRESHOLD_MOST,
                value=board.threshold,
            )
        )
    if not 1 <= len(board.name.strip()) <= NAME_LENGTH:
        raise UnprocessableEntityError(_("name must have 1 to {most} characters.", most=NAME_LENGTH))
    if any(other.name.casefold() == board.name.strip().casefold() for other in rest):
        raise UnprocessableEntityError(
            _("There is another starboard with the name {name}.", name=safe_name(board.name))
        )
    if len(board.ignored_channel_ids) > IGNORED_MOST:
        raise UnprocessableEntityError(
            _("A starboard can ignore {most} channels, no more.", most=IGNORED_MOST)
        )
    if len(board.ignored_role_ids) > IGNORED_MOST:
        raise UnprocessableEntityError(_("A starboard can ignore {most} roles, no more.", most=IGNORED_MOST))
    emoji = board.emoji
    if before is None or before.emoji != board.emoji:
        emoji = await _checked_emoji(guild, board.emoji)
    if board.channel_id and (before is None or before.channel_id != board.channel_id):
        _check_channel(guild, rest, board.channel_id)
    return Board(
        guild_id=board.guild_id,
        board_id=board.board_id,
        name=board.name.strip(),
        channel_id=board.channel_id,
        emoji=emoji,
        threshold=board.threshold,
        counts_self_stars=board.counts_self_stars,
        ignored_channel_ids=board.ignored_channel_ids,
        ignored_role_ids=board.ignored_role_ids,
    )


async def make_board_channel(guild: discord.Guild, name: str) -> discord.TextChannel:
    """Make a channel in which only the bot writes; raises DiscordRefusedError."""
    require_channel_making(guild)
    overwrites: dict[discord.Role | discord.Member | discord.Object, discord.PermissionOverwrite] = {
        guild.default_role: discord.PermissionOverwrite(send_messages=False),
        guild.me: discord.PermissionOverwrite(
            view_channel=True, send_messages=True, embed_links=True, read_message_history=True
        ),
    }
    try:
        return await guild.create_text_channel(name, overwrites=overwrites, reason="Starboard")
    except discord.Forbidden as error:
        raise DiscordRefusedError(
            _("Discord did not make the channel: {reason}.", reason=error.text)
        ) from error


async def take_back_channel(client: discord.Client, channel_id: int) -> None:
    """Delete a channel that was made for a board that did not come to be."""
    # It stays when Discord cannot be reached: whoever asked reads of the first error.
    with contextlib.suppress(*REQUEST_FAILURES):
        await client.http.delete_channel(channel_id, reason="Starboard")


def require_channel_making(guild: discord.Guild) -> None:
    """Raise DiscordRefusedError unless the bot may make a channel for a board."""
    if not guild.me.guild_permissions.manage_channels:
        raise DiscordRefusedError(_("I need the permission Manage Channels to make a channel."))


async def _checked_emoji(guild: discord.Guild, text: str) -> str:
    emoji = parse_emoji(text)
    if emoji is None:
        raise UnprocessableEntityError(_("emoji must be one emoji, such as ⭐ or one of this server."))
    emoji_id = custom_id(emoji)
    if emoji_id is not None:
        # discord.py keeps emoji only with an intent of their own.
        try:
            await guild.fetch_emoji(emoji_id)
        except discord.NotFound:
            raise UnprocessableEntityError(
                _("emoji must be a standard emoji or one of this server.")
            ) from None
    return emoji


def _check_channel(guild: discord.Guild, others: Sequence[Board], channel_id: int) -> None:
    if any(other.channel_id == channel_id for other in others):
        raise UnprocessableEntityError(
            _("{channel} is the channel of another starboard.", channel=f"<#{channel_id}>")
        )
    channel = guild.get_channel(channel_id)
    if not isinstance(channel, discord.TextChannel):
        raise UnprocessableEntityError(_("The channel of a starboard must be a text channel of this server."))
    missing = missing_to_post(guild, channel_id)
    if missing:
        raise DiscordRefusedError(
            ngettext(
                "I need the permission {permissions} in {channel}.",
                "I need the permissions {permissions} in {channel}.",
                len(missing),
                permissions=list_permissions(missing),
                channel=channel.mention,
            )
        )
