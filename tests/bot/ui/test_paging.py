"""Lists that are read page by page, also from a slow disk: Discord waits three seconds for a first sign of life."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.errors import ForbiddenError
from bot.ui.actions import ANYBODY, Press, button
from bot.ui.look import Interaction, make_embed
from bot.ui.paging import PagedList, ShownPage
from tests.discord_in_process import Place, control_of, in_process, words_of


class Shelf:
    """Two lists of three pages, one for everybody; reading them takes some seconds."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.seconds = 0
        self.may_read = True
        self.lists = {
            is_public: PagedList(
                place.client.actions, f"test.{name}", self._fetch, arguments=1, is_public=is_public
            )
            for name, is_public in (("private", False), ("public", True))
        }
        place.client.actions.on("test.show", self._show, arguments=1)

    async def _fetch(self, _interaction: Interaction, arguments: tuple[str, ...], page: int) -> ShownPage:
        await self.place.clock.sleep(self.seconds)
        if not self.may_read:
            raise ForbiddenError("Not for you.")
        return ShownPage(make_embed(f"{arguments[0]} {page}"), page, 3)

    async def _show(self, interaction: Interaction, press: Press) -> None:
        await self.lists[press.arguments[0] == "True"].show(interaction, "Page")

    async def show(self, *, is_public: bool) -> Any:
        """Ask for the list and wait until it must be there."""
        view = discord.ui.View(timeout=None)
        view.add_item(button("test.show", is_public, owner_id=ANYBODY, label="Show"))
        channel = self.place.client.get_channel(self.place.channel.id)
        assert isinstance(channel, discord.TextChannel)
        result = await self.place.member.click(await channel.send("Press", view=view), label="Show")
        await self.place.env.advance_time(self.seconds + 1)
        return result


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    async with in_process(tmp_path) as place:
        yield Shelf(place)


@pytest.mark.parametrize("is_public", [False, True])
@pytest.mark.parametrize("seconds", [0, 2, 10])
async def test_a_list_is_shown_however_long_it_takes(shelf: Shelf, is_public: bool, seconds: int) -> None:
    shelf.seconds = seconds

    shown = await shelf.show(is_public=is_public)

    assert words_of(shown.response) == "Page 1"
    assert shown.ephemeral is not is_public


@pytest.mark.parametrize("is_public", [False, True])
async def test_a_page_is_turned_in_its_place_however_long_it_takes(shelf: Shelf, is_public: bool) -> None:
    message = (await shelf.show(is_public=is_public)).response
    shelf.seconds = 10
    name = "public" if is_public else "private"

    turned = await shelf.place.member.click(
        message, custom_id=control_of(message, f"list.test.{name}", "next", 2)
    )
    await shelf.place.env.advance_time(11)

    assert words_of(message) == "Page 2"
    assert turned.followups == []


@pytest.mark.parametrize("is_public", [False, True])
async def test_why_there_is_no_list_reads_only_who_asked(shelf: Shelf, is_public: bool) -> None:
    shelf.may_read = False

    refused = await shelf.show(is_public=is_public)

    assert words_of(refused) == "Not for you."
    assert refused.ephemeral


async def test_why_a_page_cannot_be_turned_leaves_the_list_as_it_is(shelf: Shelf) -> None:
    message = (await shelf.show(is_public=True)).response
    shelf.may_read = False

    refused = await shelf.place.member.click(
        message, custom_id=control_of(message, "list.test.public", "next", 2)
    )

    assert words_of(message) == "Page 1"
    assert [(words_of(each), each.ephemeral) for each in refused.followups] == [("Not for you.", True)]
