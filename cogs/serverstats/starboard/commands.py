"""/serverstats starboard …: they translate between Discord and the use cases, no more."""

from typing import Any

import discord
from discord import app_commands

from bot.errors import UnprocessableEntityError
from bot.text.language import _, ngettext
from bot.ui.access import Access
from bot.ui.border import speak_publicly
from bot.ui.look import Interaction, answer, fit_lines, make_embed, safe_name
from bot.ui.scope import guild_of
from cogs.serverstats.starboard.board_wishes import (
    DEFAULT_THRESHOLD,
    NAME_LENGTH,
    THRESHOLD_MOST,
    BoardWishes,
)
from cogs.serverstats.starboard.emoji import DEFAULT_EMOJI
from cogs.serverstats.starboard.marks import parse_jump_url
from cogs.serverstats.starboard.screens import BoardScreens, changed_embed
from cogs.serverstats.starboard.service import StarboardService
from cogs.serverstats.starboard.wording import (
    describe_board,
    giver_line,
    message_line,
    outcome_line,
    ranked,
    receiver_line,
)
from storage.starboard_records import Board

STARBOARD_ACCESS = {
    "serverstats starboard top": Access.EVERYONE,
    "serverstats starboard add": Access.MANAGE_SERVER,
    "serverstats starboard edit": Access.MANAGE_SERVER,
    "serverstats starboard ignore": Access.MANAGE_SERVER,
    "serverstats starboard list": Access.MANAGE_SERVER,
    "serverstats starboard remove": Access.MANAGE_SERVER,
    "serverstats starboard recount": Access.MANAGE_SERVER,
    "serverstats starboard switch": Access.MANAGE_SERVER,
}

Threshold = app_commands.Range[int, 1, THRESHOLD_MOST]
BoardName = app_commands.Range[str, 1, NAME_LENGTH]


class StarboardCommands(app_commands.Group):
    """The subgroup of the starboards."""

    def __init__(self, screens: BoardScreens) -> None:
        super().__init__(name="starboard", description="Messages with many stars, on a channel of their own")
        self._screens = screens

    @property
    def service(self) -> StarboardService:
        """The use cases."""
        return self._screens.service

    @app_commands.command(name="top", description="Show the most starred messages, who wrote and who starred")
    @app_commands.describe(board="Which starboard; the first one when left out")
    async def top(self, interaction: Interaction, board: str | None = None) -> None:
        """Show the three lists of a board, for everyone to see."""
        guild = guild_of(interaction)
        chosen = self._choose(guild.id, board) if board is not None else None
        tops = await self.service.fetch_tops(guild.id, chosen.board_id if chosen else None)
        # Everybody reads it.
        speak_publicly(interaction)
        messages = [
            message_line(guild.id, message, rank, tops.board.emoji)
            for rank, message in enumerate(tops.messages, 1)
        ]
        embed = make_embed(
            _("Top of {name}", name=safe_name(tops.board.name)),
            f"**{_('Most starred')}**\n{ranked(messages)}",
            footer=_("Messages on the board whose first star is at most 31 days old"),
        )
        receivers = [receiver_line(person, rank) for rank, person in enumerate(tops.receivers, 1)]
        givers = [giver_line(person, rank) for rank, person in enumerate(tops.givers, 1)]
        for name, rows in ((_("Stars received"), receivers), (_("Stars given"), givers)):
            value = fit_lines(rows, 1024, lambda more: _("… and {more} more", more=more))
            embed.add_field(name=name, value=value or _("Nothing yet."))
        await answer(interaction, embed=embed, public=True)

    @app_commands.command(name="add", description="Make a starboard and turn it on")
    @app_commands.describe(
        channel="Where starred messages are shown; left out, I make a channel",
        threshold=f"How many stars a message needs; {DEFAULT_THRESHOLD} when left out",
        emoji="Which reaction is a star: a standard emoji or one of this server; ⭐ when left out",
        self_stars="Whether the stars that authors give themselves count; no when left out",
        name="What the starboard is called; as its channel when left out",
    )
    async def add(
        self,
        interaction: Interaction,
        channel: discord.TextChannel | None = None,
        threshold: Threshold = DEFAULT_THRESHOLD,
        emoji: str = DEFAULT_EMOJI,
        self_stars: bool = False,
        name: BoardName | None = None,
    ) -> None:
        """Make a board and say what it does."""
        wishes = BoardWishes(
            channel_id=channel.id if channel is not None else None,
            name=name,
            emoji=emoji,
            threshold=threshold,
            counts_self_stars=self_stars,
        )
        # A board changes only between two looks at messages, and a look may wait for Discord.
        await interaction.response.defer(ephemeral=True)
        board = await self.service.create_board(guild_of(interaction).id, wishes)
        following = _("Next: `/serverstats starboard ignore` · `/serverstats info`")
        title = _("Starboard {name} is on", name=safe_name(board.name))
        await answer(interaction, embed=make_embed(title, f"{describe_board(board)}\n-# {following}"))

    @app_commands.command(name="edit", description="Change a starboard")
    @app_commands.describe(
        board="Which starboard; can be left out when there is only one",
        channel="Where new posts go; those that there are stay where they are",
        threshold="How many stars a message needs",
        emoji="Which reaction is a star: a standard emoji or one of this server",
        self_stars="Whether the stars that authors give themselves count",
        name="What the starboard is called",
    )
    async def edit(
        self,
        interaction: Interaction,
        board: str | None = None,
        channel: discord.TextChannel | None = None,
        threshold: Threshold | None = None,
        emoji: str | None = None,
        self_stars: bool | None = None,
        name: BoardName | None = None,
    ) -> None:
        """Change what is named and leave the rest."""
        guild = guild_of(interaction)
        chosen = self._choose(guild.id, board)
        wished: dict[str, Any] = {
            "channel_id": channel.id if channel is not None else None,
            "threshold": threshold,
            "emoji": emoji,
            "counts_self_stars": self_stars,
            "name": name,
        }
        changes = {field: value for field, value in wished.items() if value is not None}
        if not changes:
            raise UnprocessableEntityError(_("Name at least one thing to change."))
        await interaction.response.defer(ephemeral=True)
        changed = await self.service.change_board(guild.id, chosen.board_id, **changes)
        await answer(interaction, embed=changed_embed(changed))

    @app_commands.command(name="ignore", description="Choose channels and roles that a starboard ignores")
    @app_commands.describe(board="Which starboard; can be left out when there is only one")
    async def ignore(self, interaction: Interaction, board: str | None = None) -> None:
        """Open the screen."""
        await self._screens.ignored.open(interaction, self._choose(guild_of(interaction).id, board))

    @app_commands.command(name="list", description="Show the starboards and what is set for them")
    async def show_all(self, interaction: Interaction) -> None:
        """Show every board, and what keeps it from its work."""
        guild = guild_of(interaction)
        self.service.require_boards(guild.id)
        await answer(interaction, embed=self._screens.list_embed(guild))

    @app_commands.command(name="remove", description="Remove a starboard and what is stored of it")
    @app_commands.describe(board="Which starboard; can be left out when there is only one")
    async def remove(self, interaction: Interaction, board: str | None = None) -> None:
        """Ask first, with the numbers of what would be deleted."""
        await self._screens.ask_to_remove(interaction, self._choose(guild_of(interaction).id, board))

    @app_commands.command(name="recount", description="Count the stars of the newest starred messages again")
    @app_commands.describe(
        message="A link: count this message now, even if I never saw its stars; all watched ones when left out"
    )
    async def recount(self, interaction: Interaction, message: str | None = None) -> None:
        """Begin, and say how many it will be; count a single message at once."""
        guild = guild_of(interaction)
        if message is not None:
            await self._count_one(interaction, guild.id, message)
            return
        count = await self.service.recount(guild.id)
        counted = ngettext(
            "{count} message is being counted again, a few each second.",
            "{count} messages are being counted again, a few each second.",
            count,
        )
        following = _(
            "Then I look through the newest messages of each channel for stars that I missed; "
            "for an older one, give its link as `message`."
        )
        await answer(interaction, embed=make_embed(_("Counting again"), f"{counted}\n{following}"))

    @app_commands.command(name="switch", description="Turn all starboards of this server on or off")
    @app_commands.describe(on="Off: no star is looked at; boards and posts stay as they are")
    async def switch(self, interaction: Interaction, on: bool) -> None:
        """Turn the starboard on or off, and say so."""
        await self.service.set_enabled(guild_of(interaction).id, enabled=on)
        if on:
            title, text = _("The starboard is on"), _("Stars given meanwhile are being counted.")
        else:
            title, text = _("The starboard is off"), _("Boards and posts stay as they are.")
        await answer(interaction, embed=make_embed(title, text))

    @top.autocomplete("board")
    @edit.autocomplete("board")
    @ignore.autocomplete("board")
    @remove.autocomplete("board")
    async def suggest_boards(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the boards whose names contain what was typed."""
        boards = self.service.boards_of(guild_of(interaction).id)
        return [
            app_commands.Choice(name=board.name, value=str(board.board_id))
            for board in boards
            if typed.casefold() in board.name.casefold()
        ]

    async def _count_one(self, interaction: Interaction, guild_id: int, link: str) -> None:
        place = parse_jump_url(link)
        if place is None or place[0] != guild_id:
            raise UnprocessableEntityError(_("message must be the link to a message of this server."))
        await interaction.response.defer(ephemeral=True)
        outcomes = await self.service.add(*place)
        lines = [outcome_line(one.board, one.stars, one.post_id is not None) for one in outcomes]
        text = "\n".join(lines) or _(
            "No starboard has anything of this message: it has no stars, or none that count."
        )
        await answer(interaction, embed=make_embed(_("Counted"), text))

    def _choose(self, guild_id: int, named: str | None) -> Board:
        """Return the board of that id or name, or the only one."""
        boards = self.service.require_boards(guild_id)
        if named is None:
            if len(boards) > 1:
                raise UnprocessableEntityError(_("There are several starboards; name one with `board`."))
            return boards[0]
        for board in boards:
            if named == str(board.board_id) or named.casefold() == board.name.casefold():
                return board
        raise UnprocessableEntityError(_("There is no starboard {name}.", name=safe_name(named)))
