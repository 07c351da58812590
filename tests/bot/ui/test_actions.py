"""Buttons and selects that work for as long as their message stands."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.errors import UnprocessableEntityError
from bot.ui.actions import ANYBODY, Press, button, role_select, select
from bot.ui.look import Interaction, answer
from tests.discord_in_process import Place, in_process, words_of


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A server."""
    async with in_process(tmp_path) as place:
        yield place


def record(place: Place, *, arguments: int = 0, action: str = "test.press") -> list[Press]:
    """Let the action note what comes in."""
    presses: list[Press] = []

    async def handler(interaction: Interaction, press: Press) -> None:
        presses.append(press)
        await interaction.response.send_message("Done.", ephemeral=True)

    place.client.actions.on(action, handler, arguments=arguments)
    return presses


async def show(place: Place, *items: discord.ui.Item[Any]) -> discord.Message:
    """Send a message with these components."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    channel = place.client.get_channel(place.channel.id)
    assert isinstance(channel, discord.TextChannel)
    return await channel.send("Press", view=view)


async def test_an_answer_with_controls_keeps_nothing_in_memory_and_can_be_pressed(place: Place) -> None:
    """discord.py would keep what only one person sees for a quarter of an hour, with a timer of its own."""
    presses = record(place)

    async def open_screen(interaction: Interaction, _press: Press) -> None:
        view = discord.ui.View(timeout=None)
        view.add_item(button("test.press", owner_id=ANYBODY, label="Go"))
        await answer(interaction, "Press", view=view)

    place.client.actions.on("test.open", open_screen)
    message = await show(place, button("test.open", owner_id=ANYBODY, label="Open"))
    opened = await place.member.click(message, label="Open")

    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    assert [name for name in names if "timeout" in name] == []
    assert opened.response is not None
    await place.member.click(opened.response, label="Go")
    assert len(presses) == 1


async def test_a_press_brings_its_arguments_and_what_was_selected(place: Place) -> None:
    presses = record(place, arguments=2)
    chosen = record(place, action="test.choose")
    role = place.guild.create_role("Crew")
    options = [discord.SelectOption(label=each, value=each) for each in ("a", "b")]
    message = await show(
        place,
        button("test.press", "x", 7, owner_id=ANYBODY, label="Go"),
        select("test.choose", owner_id=ANYBODY, options=options, max_values=2),
        role_select("test.choose", owner_id=ANYBODY),
    )

    await place.member.click(message, label="Go")
    await place.member.select(message, ["b", "a"], custom_id="s:test.choose:0")
    await place.member.select(message, [role], custom_id="r:test.choose:0")

    assert presses == [Press(("x", "7"), ())]
    assert chosen == [Press((), ("b", "a")), Press((), (str(role.id),))]


async def test_a_press_is_answered_after_a_restart(place: Place) -> None:
    message = await show(place, button("test.press", "x", owner_id=ANYBODY, label="Go"))
    await place.restart()
    presses = record(place, arguments=1)

    await place.member.click(message, label="Go")

    assert presses == [Press(("x",), ())]


async def test_only_the_owner_presses(place: Place) -> None:
    presses = record(place)
    message = await show(place, button("test.press", owner_id=place.admin.id, label="Go"))

    refused = await place.member.click(message, label="Go")
    await place.admin.click(message, label="Go")

    assert "These controls belong to somebody else" in words_of(refused)
    assert refused.ephemeral
    assert presses == [Press((), ())]


async def test_a_component_of_another_version_is_answered_with_a_sentence(place: Place) -> None:
    message = await show(place, button("test.gone", owner_id=ANYBODY, label="Go"))

    answered = await place.member.click(message, label="Go")

    assert "This message is of an older version of me" in words_of(answered)


@pytest.mark.parametrize("arguments", [(), ("a",), ("a", "b", "c")])
async def test_a_component_with_the_arguments_of_another_version_is_answered_with_a_sentence(
    place: Place, arguments: tuple[str, ...]
) -> None:
    presses = record(place, arguments=2)
    message = await show(place, button("test.press", *arguments, owner_id=ANYBODY, label="Go"))

    answered = await place.member.click(message, label="Go")

    assert "This message is of an older version of me" in words_of(answered)
    assert answered.ephemeral
    assert presses == []


async def test_an_error_is_one_sentence(place: Place) -> None:
    async def refuse(_interaction: Interaction, _press: Press) -> None:
        raise UnprocessableEntityError("Too many.")

    place.client.actions.on("test.refuse", refuse)
    message = await show(place, button("test.refuse", owner_id=ANYBODY, label="Go"))

    answered = await place.member.click(message, label="Go")

    assert words_of(answered) == "Too many."
    assert answered.ephemeral


def test_a_custom_id_that_discord_would_refuse_is_found_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="longer than Discord takes"):
        button("test.press", "x" * 100, owner_id=ANYBODY, label="Go")


async def test_two_features_cannot_take_the_same_action(place: Place) -> None:
    record(place)
    with pytest.raises(ValueError, match="two handlers"):
        record(place)
