"""Questions before something that cannot be undone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
import simcord

from bot.errors import ConflictError
from bot.ui.actions import ANYBODY, Press, button
from bot.ui.confirmation import Question
from bot.ui.look import Interaction, make_embed
from tests.discord_in_process import Place, controls_of, in_process, words_of


class Stage:
    """A server in which a question can be asked, and what happens when somebody says yes."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.has_begun = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.error: Exception | None = None
        self.acts: list[tuple[str, ...]] = []
        self.question = Question(place.client.actions, "test.question", self._act, arguments=1)

        place.client.actions.on("test.ask", self._ask)

    async def _ask(self, interaction: Interaction, _press: Press) -> None:
        await self.question.ask(interaction, make_embed("Sure?", "All of it."), "x", yes="Do it")

    async def _act(self, _interaction: Interaction, arguments: tuple[str, ...]) -> discord.Embed:
        self.acts.append(arguments)
        self.has_begun.set()
        await self.may_go_on.wait()
        if self.error is not None:
            raise self.error
        return make_embed("Done", "All of it.")

    async def ask(self) -> simcord.ResponseMessage:
        view = discord.ui.View(timeout=None)
        view.add_item(button("test.ask", owner_id=ANYBODY, label="Ask"))
        channel = self.place.client.get_channel(self.place.channel.id)
        assert isinstance(channel, discord.TextChannel)
        result = await self.place.member.click(await channel.send("Ask", view=view), label="Ask")
        assert result.ephemeral
        assert result.response is not None
        return result.response


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with in_process(tmp_path) as place:
        yield Stage(place)


async def test_while_it_acts_the_question_stays_says_so_and_has_no_buttons(stage: Stage) -> None:
    message = await stage.ask()
    assert len(controls_of(message)) == 2
    pressed = asyncio.create_task(stage.place.member.click(message, label="Do it"))
    async with asyncio.timeout(30):
        await stage.has_begun.wait()
    assert message.content == "Working on it …"
    assert message.embeds[0].title == "Sure?"
    assert controls_of(message) == {}
    stage.may_go_on.set()
    await pressed
    assert (message.content or "", [embed.title for embed in message.embeds]) == ("", ["Done"])
    assert stage.acts == [("x",)]


async def test_an_error_is_told_and_the_question_says_no_longer_that_it_is_under_way(stage: Stage) -> None:
    stage.may_go_on.set()
    stage.error = ConflictError("Somebody else was quicker.")
    message = await stage.ask()
    clicked = await stage.place.member.click(message, label="Do it")
    assert "Somebody else was quicker." in words_of(clicked)
    assert (message.content or "", message.embeds[0].title) == ("", "Sure?")
    assert controls_of(message) == {}


async def test_cancelling_does_nothing_and_says_so(stage: Stage) -> None:
    message = await stage.ask()
    await stage.place.member.click(message, label="Cancel")
    assert [embed.title for embed in message.embeds] == ["Cancelled"]
    assert controls_of(message) == {}
    assert stage.acts == []
