"""Forms: what a person sends is answered, also when nobody knows the form any more."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.ui.actions import ANYBODY, Press, button
from bot.ui.look import Interaction, answer
from bot.ui.views import Form
from tests.discord_in_process import Place, in_process, words_of

UNKNOWN = "I was restarted while this form was open, so I do not know it any more: nothing was saved."


class Sheet(Form):
    """One field, whose text is said, after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(title="Sheet", timeout=None)
        self._seconds = seconds
        self.text: discord.ui.TextInput[Any] = discord.ui.TextInput(custom_id="text")
        self.add_item(discord.ui.Label(text="Text", component=self.text))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        await interaction.client.parts.clock.sleep(self._seconds)
        await answer(interaction, f"You wrote {self.text.value}.")


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with in_process(tmp_path) as place:
        yield place


async def open_form(place: Place, seconds: float = 0) -> Any:
    """Let a button open the form, and press it."""

    async def handler(interaction: Interaction, _press: Press) -> None:
        await interaction.response.send_modal(Sheet(seconds))

    place.client.actions.on("test.form", handler)
    view = discord.ui.View(timeout=None)
    view.add_item(button("test.form", owner_id=ANYBODY, label="Open"))
    channel = place.client.get_channel(place.channel.id)
    assert isinstance(channel, discord.TextChannel)
    return await place.member.click(await channel.send("Press", view=view), label="Open")


async def test_a_form_that_nobody_knows_after_a_restart_is_answered_to_the_person_alone(place: Place) -> None:
    form = await open_form(place)
    await place.restart()

    sent = await place.member.submit_modal(form, {"text": "abc"})

    assert words_of(sent) == f"{UNKNOWN} Please open it again."
    assert sent.ephemeral


@pytest.mark.parametrize("seconds", [0, 1])
async def test_a_form_that_is_known_is_answered_once(place: Place, seconds: float) -> None:
    form = await open_form(place, seconds)

    sent = await place.member.submit_modal(form, {"text": "abc"})
    await place.env.advance_time(2)

    assert words_of(sent) == "You wrote abc."
    assert sent.followups == []
