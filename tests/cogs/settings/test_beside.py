"""The screen shows what holds after something was changed beside it: in a form, by a question, on another screen."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import simcord

from tests.cogs.settings.stage import Stage, control, says, set_stage
from tests.discord_in_process import control_of, controls_of, words_of


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A server in which both modules are enabled."""
    async with set_stage(tmp_path) as stage:
        for page in stage.place.client.parts.modules.settings_pages():
            await page.enable(stage.guild_id)
        yield stage


async def open_at(stage: Stage, page: str, view: int = 0) -> simcord.ResponseMessage:
    """Open the screen at a view of a page."""
    screen = await stage.open()
    await stage.turn(screen, page, view)
    return screen


async def press_form(stage: Stage, screen: simcord.ResponseMessage, key: str) -> Any:
    """Press the button to a form."""
    return await stage.manager.click(screen, custom_id=control(screen, "settings.form", key))


async def test_a_new_counter_is_counted_on_the_screen_that_its_form_was_opened_from(stage: Stage) -> None:
    screen = await open_at(stage, "serverstats", 1)
    assert "**Counters:** off" in says(screen)
    form = await press_form(stage, screen, "counter_new")

    sent = await stage.manager.submit_modal(form, {"type": ["6"]})

    assert [each.ephemeral for each in sent.followups] == [True]
    assert "Counter made" in words_of(sent.followups[0])
    assert "1 counter" in says(screen)
    assert control(screen, "settings.switch", "counters_enabled")


async def test_a_new_starboard_turns_the_switch_of_the_screen(stage: Stage) -> None:
    screen = await open_at(stage, "serverstats", 1)
    before = controls_of(screen)[control(screen, "settings.switch", "starboard_enabled")]["label"]
    form = await press_form(stage, screen, "board_new")

    await stage.manager.submit_modal(
        form,
        {
            "channel": [stage.place.other_channel],
            "threshold": "2",
            "emoji": "⭐",
            "self_stars": False,
            "name": "Best",
        },
    )

    after = controls_of(screen)[control(screen, "settings.switch", "starboard_enabled")]["label"]
    assert (before, after) == ("Off", "On")


async def test_the_shared_link_is_shown_on_the_screen_and_a_refused_one_is_not(stage: Stage) -> None:
    invite = stage.place.world.make_invite(stage.place.channel.id, stage.place.admin.id)
    screen = await open_at(stage, "invite_tracker", 4)
    form = await press_form(stage, screen, "shared_link")

    refused = await stage.manager.submit_modal(form, {"link": "nothing-of-the-kind"})
    assert refused.followups[0].ephemeral
    assert "**Shared link:** off" in says(screen)

    form = await press_form(stage, screen, "shared_link")
    sent = await stage.manager.submit_modal(form, {"link": invite.code})

    assert "Shared link saved" in words_of(sent.followups[0])
    assert f"**Shared link:** on · <https://discord.gg/{invite.code}>" in says(screen)
    assert control(screen, "settings.form", "shared_link")


@pytest.mark.parametrize(
    ("module", "button"), [("serverstats", "Delete and disable"), ("invite_tracker", "Delete and disable")]
)
async def test_a_module_that_was_disabled_can_be_enabled_on_the_screen(
    stage: Stage, module: str, button: str
) -> None:
    screen = await open_at(stage, module)
    asked = await stage.manager.click(screen, custom_id=control(screen, "settings.disable"))
    [question] = asked.followups
    assert question.ephemeral
    assert control(screen, "settings.disable")

    await stage.manager.click(question, label=button)
    await stage.place.env.settle()

    assert control(screen, "settings.enable", module)


async def test_a_message_that_was_turned_on_beside_the_screen_is_on_there(stage: Stage) -> None:
    screen = await open_at(stage, "invite_tracker")
    opened = await press_form(stage, screen, "join_message")
    [beside] = opened.followups
    channels = next(each for each in controls_of(beside) if each.startswith("c:tracker.message.channel"))

    await stage.manager.select(beside, [stage.place.other_channel], custom_id=channels)
    await stage.manager.click(beside, label="Turn on")
    await stage.place.env.settle()

    assert f"**Join messages:** on · <#{stage.place.other_channel.id}>" in says(screen)


async def test_whoever_is_back_on_the_screen_is_not_turned_to_another_page(stage: Stage) -> None:
    screen = await open_at(stage, "invite_tracker")
    asked = await stage.manager.click(screen, custom_id=control(screen, "settings.disable"))
    await stage.turn(screen, "general")

    await stage.manager.click(asked.followups[0], label="Delete and disable")
    await stage.place.env.settle()

    assert controls_of(screen)[control(screen, "settings.choose", "language")]


async def test_a_screen_that_was_dismissed_keeps_nothing_from_being_changed(stage: Stage) -> None:
    screen = await open_at(stage, "invite_tracker")
    asked = await stage.manager.click(screen, custom_id=control(screen, "settings.disable"))
    stage.place.world.delete_message(stage.place.channel.id, screen.id)

    answered = await stage.manager.click(asked.followups[0], label="Delete and disable")
    await stage.place.env.settle()

    assert "Invite tracker disabled" in words_of(answered)
    commands: Any = stage.place.client.get_cog("SettingsCommands")
    assert commands._screen._left == {}


async def test_the_question_still_disables_after_a_restart(stage: Stage) -> None:
    screen = await open_at(stage, "invite_tracker")
    asked = await stage.manager.click(
        screen, custom_id=control_of(screen, "settings.disable", "invite_tracker")
    )
    await stage.place.restart()

    answered = await stage.manager.click(asked.followups[0], label="Delete and disable")

    assert "Invite tracker disabled" in words_of(answered)
