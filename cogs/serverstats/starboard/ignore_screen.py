"""The screen on which an admin chooses the channels and roles that a board ignores."""

from typing import Any

import discord

from bot.ui.access import check_manage
from bot.ui.look import NO_PINGS, Interaction, answer, make_embed, safe_name
from bot.ui.views import OwnedView
from cogs.serverstats.starboard.board_wishes import IGNORED_MOST
from cogs.serverstats.starboard.service import StarboardService
from cogs.serverstats.starboard.wording import describe_board
from storage.starboard_records import Board

COMMAND = "serverstats starboard ignore"

_CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
    discord.ChannelType.media,
]


async def open_ignore_screen(interaction: Interaction, service: StarboardService, board: Board) -> None:
    """Show the screen to the person alone."""
    view = IgnoreScreen(interaction.user.id, service, board)
    await answer(interaction, embed=_embed(board), view=view)
    view.shown_by(interaction)


class IgnoreScreen(OwnedView):
    """Two selects; every choice is saved at once."""

    def __init__(self, owner_id: int, service: StarboardService, board: Board) -> None:
        super().__init__(owner_id, COMMAND)
        self._service = service
        self._board = board
        self.channels.default_values = [
            discord.SelectDefaultValue(id=one, type=discord.SelectDefaultValueType.channel)
            for one in sorted(board.ignored_channel_ids)
        ]
        self.roles.default_values = [
            discord.SelectDefaultValue(id=one, type=discord.SelectDefaultValueType.role)
            for one in sorted(board.ignored_role_ids)
        ]

    @discord.ui.select(
        cls=discord.ui.ChannelSelect,
        custom_id="channels",
        placeholder="Channels whose messages never appear, threads included",
        channel_types=_CHANNEL_TYPES,
        min_values=0,
        max_values=IGNORED_MOST,
    )
    async def channels(self, interaction: Interaction, select: discord.ui.ChannelSelect[Any]) -> None:
        """Save the channels."""
        await self._save(interaction, ignored_channel_ids=frozenset(channel.id for channel in select.values))

    @discord.ui.select(
        cls=discord.ui.RoleSelect,
        custom_id="roles",
        placeholder="Roles whose members' messages never appear",
        min_values=0,
        max_values=IGNORED_MOST,
    )
    async def roles(self, interaction: Interaction, select: discord.ui.RoleSelect[Any]) -> None:
        """Save the roles."""
        await self._save(interaction, ignored_role_ids=frozenset(role.id for role in select.values))

    async def _save(self, interaction: Interaction, **changes: frozenset[int]) -> None:
        check_manage(interaction)
        await interaction.response.defer()
        self._board = await self._service.change_board(self._board.guild_id, self._board.board_id, **changes)
        await interaction.edit_original_response(embed=_embed(self._board), allowed_mentions=NO_PINGS)
        self.shown_by(interaction)


def _embed(board: Board) -> discord.Embed:
    text = f"{describe_board(board)}\n-# What is on the board stays; new messages from there do not appear."
    return make_embed(f"What {safe_name(board.name)} ignores", text)
