"""What admins see of starboards: the list, the screen on which they are changed, the question before one is removed.

All buttons work for as long as their message stands; what the person may do is checked with every press.
"""

import discord

from bot.client import HeadcountClient
from bot.errors import UnprocessableEntityError
from bot.text.language import _, ngettext
from bot.ui.access import check_manage
from bot.ui.actions import Press, button, select
from bot.ui.confirmation import Question
from bot.ui.look import (
    MESSAGE_EMBEDS_LENGTH,
    NO_PINGS,
    Interaction,
    answer,
    fit_lines,
    make_embed,
    safe_name,
    shorten,
)
from bot.ui.scope import guild_of
from cogs.serverstats.starboard.ignore_screen import IgnoreScreen
from cogs.serverstats.starboard.modals import EditBoardForm, NewBoardForm
from cogs.serverstats.starboard.service import StarboardService
from cogs.serverstats.starboard.wording import describe_amounts, describe_board
from storage.starboard_records import Board

NOTES_LENGTH = 2000
FIELD_LENGTH = 1024
"""Discord documentation, Message Resource, Embed Limits."""
OPTION_LENGTH = 100


class BoardScreens:
    """The screens of starboards; made once for a process, as their buttons are known by name."""

    def __init__(self, client: HeadcountClient, service: StarboardService) -> None:
        self.service = service
        self.ignored = IgnoreScreen(client, service)
        self._question = Question(client.actions, "board.remove", self._remove, arguments=1)
        client.actions.on("board.all", self._show_all, arguments=1)
        client.actions.on("board.pick", self._pick)
        client.actions.on("board.edit", self._edit, arguments=1)
        client.actions.on("board.ignore", self._ignore, arguments=1)
        client.actions.on("board.remove", self._ask_of, arguments=1)
        client.actions.on("board.new", self._new)

    async def open_new(self, interaction: Interaction) -> None:
        """Answer with the form of a new board."""
        check_manage(interaction)
        self.service.module.require_settings(guild_of(interaction).id)
        refresh = interaction.client.settings_screen.refresh
        await interaction.response.send_modal(NewBoardForm(self.service, refresh))

    async def open(self, interaction: Interaction) -> None:
        """Answer with the screen on which boards are changed."""
        check_manage(interaction)
        self.service.module.require_settings(guild_of(interaction).id)
        embed, view = self._screen(interaction)
        await answer(interaction, embed=embed, view=view)

    def list_embed(self, guild: discord.Guild) -> discord.Embed:
        """Return every board with what is set for it, and what keeps it from its work."""
        boards = self.service.boards_of(guild.id)
        if not boards:
            return make_embed(_("Starboards"), _("There are no starboards yet."))
        notes = [f"⚠ {trouble}" for trouble in self.service.troubles(guild)]
        if not self.service.is_on(guild.id):
            notes.append(_("The starboard is turned off; `/serverstats starboard switch` turns it on."))
        title = ngettext("{count} starboard", "{count} starboards", len(boards))
        embed = make_embed(title, shorten("\n".join(notes), NOTES_LENGTH), warning=bool(notes))
        names = [safe_name(board.name) for board in boards]
        left_over = MESSAGE_EMBEDS_LENGTH - len(embed) - sum(map(len, names))
        for board, name in zip(boards, names, strict=True):
            value = fit_lines(
                describe_board(board).split("\n"),
                min(FIELD_LENGTH, left_over // len(boards)),
                lambda left: ngettext("… and {count} more line", "… and {count} more lines", left),
            )
            embed.add_field(name=name, value=value, inline=False)
        return embed

    async def ask_to_remove(self, interaction: Interaction, board: Board) -> None:
        """Ask first, with the numbers of what would be deleted."""
        amounts = await self.service.count_board(board.guild_id, board.board_id)
        question = make_embed(
            _("Remove the starboard {name}?", name=safe_name(board.name)),
            _(
                "This deletes its settings and what is stored of it: {amounts}.\n"
                "**It cannot be undone.** The channel {channel} and the posts in it stay.",
                amounts=describe_amounts(amounts),
                channel=f"<#{board.channel_id}>",
            ),
            warning=True,
        )
        await self._question.ask(interaction, question, board.board_id, yes=_("Remove"))

    # The screen

    def _screen(self, interaction: Interaction) -> tuple[discord.Embed, discord.ui.View]:
        guild, owner_id = guild_of(interaction), interaction.user.id
        view = discord.ui.View(timeout=None)
        options = [
            discord.SelectOption(label=shorten(board.name, OPTION_LENGTH), value=str(board.board_id))
            for board in self.service.boards_of(guild.id)
        ]
        if options:
            placeholder = _("Choose a starboard to change or remove")
            view.add_item(select("board.pick", owner_id=owner_id, options=options, placeholder=placeholder))
        new = _("New starboard…")
        view.add_item(button("board.new", owner_id=owner_id, label=new, style=discord.ButtonStyle.primary))
        return self.list_embed(guild), view

    async def _show_all(self, interaction: Interaction, _press: Press) -> None:
        check_manage(interaction)
        embed, view = self._screen(interaction)
        await interaction.response.edit_message(
            content=None, embed=embed, view=view, allowed_mentions=NO_PINGS
        )

    async def _pick(self, interaction: Interaction, press: Press) -> None:
        """Show one board, with what can be done about it."""
        board = self._find(interaction, press.values[0])
        await interaction.response.edit_message(
            content=None,
            embed=_board_embed(board),
            view=_card(interaction, board),
            allowed_mentions=NO_PINGS,
        )

    async def _edit(self, interaction: Interaction, press: Press) -> None:
        """Open the form of a board."""

        async def show(submitted: Interaction, changed: Board | None, reason: str | None) -> None:
            if changed is not None:
                embed = changed_embed(changed)
            elif reason is not None:
                embed = _board_embed(self._find(submitted, press.arguments[0]))
            else:
                embed = make_embed(_("Nothing was changed."))
            await submitted.edit_original_response(
                content=None if reason is None else f"⚠ {reason}",
                embed=embed,
                view=_card(submitted, board),
                allowed_mentions=NO_PINGS,
            )

        board = self._find(interaction, press.arguments[0])
        await interaction.response.send_modal(EditBoardForm(self.service, board, show))

    async def _ignore(self, interaction: Interaction, press: Press) -> None:
        await self.ignored.open(interaction, self._find(interaction, press.arguments[0]))

    async def _ask_of(self, interaction: Interaction, press: Press) -> None:
        await self.ask_to_remove(interaction, self._find(interaction, press.arguments[0]))

    async def _new(self, interaction: Interaction, _press: Press) -> None:
        """Open the form of a new board; the screen shows it, too, once it is there."""
        check_manage(interaction)
        self.service.module.require_settings(guild_of(interaction).id)

        async def redraw(submitted: Interaction) -> None:
            embed, view = self._screen(submitted)
            await submitted.edit_original_response(
                content=None, embed=embed, view=view, allowed_mentions=NO_PINGS
            )

        await interaction.response.send_modal(NewBoardForm(self.service, redraw))

    async def _remove(self, interaction: Interaction, arguments: tuple[str, ...]) -> discord.Embed:
        board = self._find(interaction, arguments[0])
        deleted = await self.service.remove_board(board.guild_id, board.board_id)
        text = _("Deleted: {amounts}, and its settings.", amounts=describe_amounts(deleted))
        if not self.service.boards_of(board.guild_id):
            text += "\n" + _("It was the last one, so the starboard is turned off.")
        return make_embed(_("Starboard removed"), text)

    def _find(self, interaction: Interaction, board_id: str) -> Board:
        """Return a board to somebody who may change it."""
        check_manage(interaction)
        guild = guild_of(interaction)
        for board in self.service.require_boards(guild.id):
            if board.board_id == int(board_id):
                return board
        raise UnprocessableEntityError(_("There is no such starboard."))


def changed_embed(board: Board) -> discord.Embed:
    """Return what is said of a board that was just changed."""
    note = _("Messages are being counted again.")
    title = _("Starboard {name} changed", name=safe_name(board.name))
    return make_embed(title, f"{describe_board(board)}\n-# {note}")


def _board_embed(board: Board) -> discord.Embed:
    return make_embed(safe_name(board.name), describe_board(board))


def _card(interaction: Interaction, board: Board) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for action, label, style in (
        ("board.edit", _("Change…"), discord.ButtonStyle.primary),
        ("board.ignore", _("Ignore…"), discord.ButtonStyle.secondary),
        ("board.remove", _("Remove…"), discord.ButtonStyle.danger),
        ("board.all", _("All starboards"), discord.ButtonStyle.secondary),
    ):
        view.add_item(button(action, board.board_id, owner_id=interaction.user.id, label=label, style=style))
    return view
