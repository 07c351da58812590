"""Lists that are read page by page."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord

from bot.ui.actions import Actions, Press, button
from bot.ui.border import speak_publicly
from bot.ui.look import Interaction, answer
from bot.ui.views import OwnedView


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One page as it is shown; pages count from 1."""

    embed: discord.Embed
    page: int
    pages: int


FetchPage = Callable[[int], Awaitable[ShownPage]]
"""Returns the page of that number, or the nearest one that there is."""


async def show_pages(
    interaction: Interaction, fetch_page: FetchPage, *, command: str, public: bool = False
) -> None:
    """Answer with the first page, and with buttons when there are more."""
    first = await fetch_page(1)
    if first.pages == 1:
        await answer(interaction, embed=first.embed, public=public)
        return
    view = PagedView(interaction.user.id, command, fetch_page, first)
    await answer(interaction, embed=first.embed, view=view, public=public)
    view.shown_by(interaction)


class PagedView(OwnedView):
    """Buttons to the first, previous, next and last page."""

    def __init__(self, owner_id: int, command: str, fetch_page: FetchPage, shown: ShownPage) -> None:
        super().__init__(owner_id, command)
        self._fetch_page = fetch_page
        self._note(shown)

    def _note(self, shown: ShownPage) -> None:
        self._page, self._pages = shown.page, shown.pages
        self.first.disabled = self.previous.disabled = shown.page <= 1
        self.next.disabled = self.last.disabled = shown.page >= shown.pages
        self.position.label = f"{shown.page}/{shown.pages}"

    async def _turn_to(self, interaction: Interaction, page: int) -> None:
        shown = await self._fetch_page(page)
        self._note(shown)
        await interaction.response.edit_message(embed=shown.embed, view=self)
        self.shown_by(interaction)

    @discord.ui.button(emoji="⏮️", custom_id="first")
    async def first(self, interaction: Interaction, _button: discord.ui.Button[Any]) -> None:
        """Show the first page."""
        await self._turn_to(interaction, 1)

    @discord.ui.button(emoji="◀️", custom_id="previous")
    async def previous(self, interaction: Interaction, _button: discord.ui.Button[Any]) -> None:
        """Show the page before."""
        await self._turn_to(interaction, self._page - 1)

    @discord.ui.button(label="1/1", custom_id="position", disabled=True)
    async def position(self, _interaction: Interaction, _button: discord.ui.Button[Any]) -> None:
        """Only says which page this is."""

    @discord.ui.button(emoji="▶️", custom_id="next")
    async def next(self, interaction: Interaction, _button: discord.ui.Button[Any]) -> None:
        """Show the page after."""
        await self._turn_to(interaction, self._page + 1)

    @discord.ui.button(emoji="⏭️", custom_id="last")
    async def last(self, interaction: Interaction, _button: discord.ui.Button[Any]) -> None:
        """Show the last page."""
        await self._turn_to(interaction, self._pages)


FetchListPage = Callable[[Interaction, tuple[str, ...], int], Awaitable[ShownPage]]
"""Given the list's arguments, returns the page of that number, or the nearest one that there is.

It checks what the person may see: rights are taken away while a message stands.
"""


class PagedList:
    """A kind of list, e.g. the leaderboard; its buttons name it, and the arguments that it was opened with."""

    def __init__(
        self, actions: Actions, name: str, fetch_page: FetchListPage, *, is_public: bool = False
    ) -> None:
        """`name` is unique in the process; everybody sees a public list, in the language of the server."""
        self._action = f"list.{name}"
        self._fetch_page = fetch_page
        self._is_public = is_public
        actions.on(self._action, self._turn)

    async def show(self, interaction: Interaction, *arguments: object) -> None:
        """Answer with the first page, and with buttons when there are more."""
        self._speak(interaction)
        texts = tuple(map(str, arguments))
        shown = await self._fetch_page(interaction, texts, 1)
        view = self._view(interaction.user.id, texts, shown) if shown.pages > 1 else None
        await answer(interaction, embed=shown.embed, view=view, public=self._is_public)

    async def _turn(self, interaction: Interaction, press: Press) -> None:
        self._speak(interaction)
        *arguments, _place, page = press.arguments
        shown = await self._fetch_page(interaction, tuple(arguments), int(page))
        view = self._view(interaction.user.id, tuple(arguments), shown)
        await interaction.response.edit_message(embed=shown.embed, view=view)

    def _speak(self, interaction: Interaction) -> None:
        if self._is_public:
            speak_publicly(interaction)

    def _view(self, owner_id: int, arguments: tuple[str, ...], shown: ShownPage) -> discord.ui.View:
        view = discord.ui.View(timeout=None)
        at_start, at_end = shown.page <= 1, shown.page >= shown.pages

        def add(place: str, page: int, disabled: bool, **look: Any) -> None:
            # Two buttons may lead to the same page, and custom ids must differ.
            made = button(self._action, *arguments, place, page, owner_id=owner_id, disabled=disabled, **look)
            view.add_item(made)

        add("first", 1, at_start, emoji="⏮️")
        add("previous", max(1, shown.page - 1), at_start, emoji="◀️")
        add("position", shown.page, True, label=f"{shown.page}/{shown.pages}")
        add("next", min(shown.pages, shown.page + 1), at_end, emoji="▶️")
        add("last", shown.pages, at_end, emoji="⏭️")
        return view
