"""The forms of starboards: a new one, and one that is changed."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.errors import ConflictError
from bot.text.language import _
from bot.ui.access import check_manage
from bot.ui.look import Interaction, answer, make_embed, safe_name
from bot.ui.scope import guild_of
from bot.ui.views import Form
from cogs.serverstats.form_fields import NUMBER_LENGTH, form_title, labelled, read_whole_number, text_field
from cogs.serverstats.starboard.board_wishes import DEFAULT_THRESHOLD, NAME_LENGTH, BoardWishes
from cogs.serverstats.starboard.emoji import DEFAULT_EMOJI, show_emoji
from cogs.serverstats.starboard.service import StarboardService
from cogs.serverstats.starboard.wording import describe_board
from storage.starboard_records import Board

EMOJI_LENGTH = 80
"""A custom emoji as people type it has at most 32 characters of name, 20 of id and 5 signs."""

Redraw = Callable[[Interaction], Awaitable[None]]
"""Shows the screen that the form was opened from anew, once there is one more on it."""

ShowChanged = Callable[[Interaction, Board | None, str | None], Awaitable[None]]
"""Shows a board after it was changed; None: nothing was, for the reason that comes with it, if there is one."""


class NewBoardForm(Form):
    """Everything that `/serverstats starboard add` asks for."""

    def __init__(self, service: StarboardService, redraw: Redraw | None = None) -> None:
        super().__init__(title=form_title(_("New starboard")), timeout=None)
        self._service = service
        self._redraw = redraw
        self.fields = _Fields(None)
        for each in self.fields.labels():
            self.add_item(each)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Make the board, as the command does."""
        check_manage(interaction)
        threshold = self.fields.read_threshold()
        wishes = BoardWishes(
            channel_id=self.fields.channel_id(),
            name=self.fields.name.value.strip() or None,
            emoji=self.fields.emoji.value.strip() or DEFAULT_EMOJI,
            threshold=DEFAULT_THRESHOLD if threshold is None else threshold,
            counts_self_stars=self.fields.self_stars.value,
        )
        # A board changes only between two looks at messages, and a look may wait for Discord.
        if self._redraw is None:
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await interaction.response.defer()
        board = await self._service.create_board(guild_of(interaction).id, wishes)
        if self._redraw is not None:
            await self._redraw(interaction)
        title = _("Starboard {name} is on", name=safe_name(board.name))
        await answer(interaction, embed=make_embed(title, describe_board(board)))


class EditBoardForm(Form):
    """What can be changed of one board.

    What is left as it was is not changed, whatever others did meanwhile; of what somebody else changed, nothing is written.
    """

    def __init__(self, service: StarboardService, board: Board, show: ShowChanged) -> None:
        super().__init__(title=form_title(_("Change a starboard")), timeout=None)
        self._service = service
        self._board = board
        self._show = show
        self.fields = _Fields(board)
        for each in self.fields.labels():
            self.add_item(each)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Change what is different from what the form showed."""
        check_manage(interaction)
        before = self._board
        emoji = self.fields.emoji.value.strip()
        threshold = self.fields.read_threshold()
        shown: dict[str, Any] = {
            "channel_id": self.fields.channel_id() or before.channel_id,
            "emoji": before.emoji if emoji in ("", show_emoji(before.emoji)) else emoji,
            "threshold": before.threshold if threshold is None else threshold,
            "counts_self_stars": self.fields.self_stars.value,
            "name": self.fields.name.value.strip() or before.name,
        }
        changes = {name: value for name, value in shown.items() if value != getattr(before, name)}
        await interaction.response.defer()
        if not changes:
            await self._show(interaction, None, None)
            return
        try:
            changed = await self._service.change_board(
                guild_of(interaction).id,
                before.board_id,
                is_as_shown=lambda now: all(
                    getattr(now, name) in (getattr(before, name), wanted) for name, wanted in changes.items()
                ),
                **changes,
            )
        except ConflictError as error:
            await self._show(interaction, None, error.message)
            return
        await self._show(interaction, changed, None)


class _Fields:
    """The fields of both forms; `board` is what they show, None for a new one."""

    def __init__(self, board: Board | None) -> None:
        self._is_new = board is None
        kind = discord.SelectDefaultValueType.channel
        self.channel: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            custom_id="channel",
            channel_types=[discord.ChannelType.text, discord.ChannelType.news],
            required=False,
            min_values=0,
            default_values=[]
            if board is None
            else [discord.SelectDefaultValue(id=board.channel_id, type=kind)],
        )
        threshold = DEFAULT_THRESHOLD if board is None else board.threshold
        emoji = DEFAULT_EMOJI if board is None else show_emoji(board.emoji)
        self.threshold = text_field("threshold", default=str(threshold), most=NUMBER_LENGTH)
        self.emoji = text_field("emoji", default=emoji, most=EMOJI_LENGTH)
        self.self_stars: discord.ui.Checkbox[Any] = discord.ui.Checkbox(
            custom_id="self_stars", default=board is not None and board.counts_self_stars
        )
        self.name = text_field("name", default="" if board is None else board.name, most=NAME_LENGTH)

    def labels(self) -> tuple[discord.ui.Label[Any], ...]:
        """Return the fields in the order of the form."""
        return (
            labelled(
                _("Channel"),
                self.channel,
                _("Where starred messages are shown; left out, I make a channel.")
                if self._is_new
                else _("Where new posts go; those that there are stay where they are."),
            ),
            labelled(_("Stars needed"), self.threshold, _("How many stars a message needs to be shown.")),
            labelled(
                _("Emoji"),
                self.emoji,
                _("Which reaction is a star: a standard emoji or one of this server."),
            ),
            labelled(
                _("Stars of one's own"),
                self.self_stars,
                _("Whether the stars that authors give themselves count."),
            ),
            labelled(
                _("Name"),
                self.name,
                _("Left out, it is called as its channel.") if self._is_new else None,
            ),
        )

    def channel_id(self) -> int | None:
        """Return the channel that was chosen."""
        return self.channel.values[0].id if self.channel.values else None

    def read_threshold(self) -> int | None:
        """Return the threshold, None where the field is empty; raises UnprocessableEntityError."""
        return read_whole_number(_("Stars needed"), self.threshold.value)
