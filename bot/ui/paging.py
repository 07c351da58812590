"""Lists that are read page by page."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.errors import HeadcountError
from bot.ui.actions import Actions, Press, button
from bot.ui.border import enter, speak_publicly
from bot.ui.deferring import deferred_when_slow
from bot.ui.look import NO_PINGS, Interaction, answer


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One page as it is shown; pages count from 1."""

    embed: discord.Embed
    page: int
    pages: int


TURNING_ARGUMENTS: Final = 2
"""What a button of a list has besides the list's own arguments: its place in the row, and the page that it leads to."""

FetchPage = Callable[[Interaction, tuple[str, ...], int], Awaitable[ShownPage]]
"""Given the list's arguments, returns the page of that number, or the nearest one that there is.

It checks what the person may see: rights are taken away while a message stands.
"""


class PagedList:
    """A kind of list, e.g. the leaderboard; its buttons name it, and the arguments that it was opened with."""

    def __init__(
        self,
        actions: Actions,
        name: str,
        fetch_page: FetchPage,
        *,
        arguments: int = 0,
        is_public: bool = False,
    ) -> None:
        """`name` is unique in the process; everybody sees a public list, in the language of the server.

        `arguments` is how many the list is shown with.
        """
        self._action = f"list.{name}"
        self._fetch_page = fetch_page
        self._is_public = is_public
        actions.on(self._action, self._turn, arguments=arguments + TURNING_ARGUMENTS)

    async def show(self, interaction: Interaction, *arguments: object) -> None:
        """Answer with the first page, and with buttons when there are more."""
        texts = tuple(map(str, arguments))
        # To read a long list may take longer than Discord waits.
        if self._is_public:
            async with deferred_when_slow(interaction):
                shown = await self._fetch(interaction, texts, 1)
        else:
            if not interaction.response.is_done():
                await interaction.response.defer(ephemeral=True, thinking=True)
            shown = await self._fetch(interaction, texts, 1)
        view = self._view(interaction.user.id, texts, shown) if shown.pages > 1 else None
        await answer(interaction, embed=shown.embed, view=view, public=self._is_public)

    async def _turn(self, interaction: Interaction, press: Press) -> None:
        *arguments, _place, page = press.arguments
        await interaction.response.defer()
        shown = await self._fetch(interaction, tuple(arguments), int(page))
        view = self._view(interaction.user.id, tuple(arguments), shown)
        await interaction.edit_original_response(embed=shown.embed, view=view, allowed_mentions=NO_PINGS)

    async def _fetch(self, interaction: Interaction, arguments: tuple[str, ...], page: int) -> ShownPage:
        """Return the page in the language of those who read it; why there is none reads only the person who asked."""
        if not self._is_public:
            return await self._fetch_page(interaction, arguments, page)
        speak_publicly(interaction)
        try:
            return await self._fetch_page(interaction, arguments, page)
        except HeadcountError:
            # A refusal is worded where it is raised, so it is asked for again.
            enter(interaction)
            return await self._fetch_page(interaction, arguments, page)

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
