"""The screen on which an admin chooses the channels and roles that a board ignores; every choice is saved at once."""

from collections.abc import Iterable

import discord

from bot.client import HeadcountClient
from bot.errors import ConflictError
from bot.settings.fields import digest_of
from bot.text.language import _
from bot.ui.access import check_manage
from bot.ui.actions import Press, channel_select, role_select
from bot.ui.look import NO_PINGS, Interaction, answer, make_embed, safe_name
from bot.ui.scope import guild_of
from cogs.serverstats.starboard.board_wishes import IGNORED_MOST
from cogs.serverstats.starboard.service import StarboardService
from cogs.serverstats.starboard.wording import describe_board
from storage.starboard_records import Board

_CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
    discord.ChannelType.media,
]


class IgnoreScreen:
    """Two selects; made once for a process, as its controls are known by name."""

    def __init__(self, client: HeadcountClient, service: StarboardService) -> None:
        self._service = service
        client.actions.on("board.ignored_channels", self._save_channels, arguments=2)
        client.actions.on("board.ignored_roles", self._save_roles, arguments=2)

    async def open(self, interaction: Interaction, board: Board) -> None:
        """Show the screen to the person alone."""
        await answer(interaction, embed=_embed(board), view=_view(interaction, board))

    async def _save_channels(self, interaction: Interaction, press: Press) -> None:
        await self._save(interaction, press, "ignored_channel_ids")

    async def _save_roles(self, interaction: Interaction, press: Press) -> None:
        await self._save(interaction, press, "ignored_role_ids")

    async def _save(self, interaction: Interaction, press: Press, field: str) -> None:
        """Save what was chosen, unless somebody else chose meanwhile; show what is ignored now."""
        check_manage(interaction)
        await interaction.response.defer()
        board_id, shown = press.arguments
        chosen = frozenset(map(int, press.values))
        notice = None
        try:
            board = await self._service.change_board(
                guild_of(interaction).id,
                int(board_id),
                is_as_shown=lambda now: digest_of(getattr(now, field)) == shown,
                **{field: chosen},
            )
        except ConflictError as error:
            notice = f"⚠ {error.message}"
            boards = self._service.boards_of(guild_of(interaction).id)
            [board] = [each for each in boards if each.board_id == int(board_id)]
        await interaction.edit_original_response(
            content=notice, embed=_embed(board), view=_view(interaction, board), allowed_mentions=NO_PINGS
        )


def _view(interaction: Interaction, board: Board) -> discord.ui.View:
    guild, owner_id = guild_of(interaction), interaction.user.id
    view = discord.ui.View(timeout=None)
    channel, role = discord.SelectDefaultValueType.channel, discord.SelectDefaultValueType.role
    view.add_item(
        channel_select(
            "board.ignored_channels",
            board.board_id,
            digest_of(board.ignored_channel_ids),
            owner_id=owner_id,
            placeholder=_("Channels whose messages never appear, threads included"),
            channel_types=_CHANNEL_TYPES,
            min_values=0,
            max_values=IGNORED_MOST,
            default_values=_defaults(channel, filter(guild.get_channel, board.ignored_channel_ids)),
        )
    )
    view.add_item(
        role_select(
            "board.ignored_roles",
            board.board_id,
            digest_of(board.ignored_role_ids),
            owner_id=owner_id,
            placeholder=_("Roles whose members' messages never appear"),
            min_values=0,
            max_values=IGNORED_MOST,
            default_values=_defaults(role, filter(guild.get_role, board.ignored_role_ids)),
        )
    )
    return view


def _defaults(kind: discord.SelectDefaultValueType, ids: Iterable[int]) -> list[discord.SelectDefaultValue]:
    """Return what is selected; what was deleted at Discord cannot be, and goes with the next choice."""
    return [discord.SelectDefaultValue(id=one, type=kind) for one in sorted(ids)]


def _embed(board: Board) -> discord.Embed:
    note = _("What is on the board stays; new messages from there do not appear.")
    title = _("What {name} ignores", name=safe_name(board.name))
    return make_embed(title, f"{describe_board(board)}\n-# {note}")
