"""Discord waits three seconds for an answer; what is stored meanwhile is shown although it takes longer."""

from typing import Any

import pytest

from tests.cogs.invite_tracker.commands.stage import Stage
from tests.discord_in_process import control_of, words_of


@pytest.fixture(autouse=True)
def slow_saving(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each save take four seconds."""
    save = stage.service.save_settings

    async def save_slowly(*args: Any) -> Any:
        await stage.place.clock.sleep(4)
        return await save(*args)

    monkeypatch.setattr(stage.service, "save_settings", save_slowly)


async def test_a_choice_on_the_screen_of_a_message(stage: Stage) -> None:
    screen = await stage.use(stage.manager, "settings join_message")
    assert screen.response is not None
    custom_id = control_of(screen.response, "tracker.message.channel")

    await stage.manager.select(screen.response, [stage.channel], custom_id=custom_id)
    await stage.env.advance_time(5)

    assert (await stage.settings()).join_messages_channel == stage.channel.id
    assert f"**Off** · {stage.channel.mention} · text" in words_of(screen)


async def test_the_text_of_a_message(stage: Stage) -> None:
    screen = await stage.use(stage.manager, "settings join_message")
    assert screen.response is not None
    custom_id = control_of(screen.response, "tracker.message.edit")
    form = await stage.manager.click(screen.response, custom_id=custom_id)

    await stage.manager.submit_modal(form, {"content": "Welcome aboard", "format": ["text"]})
    await stage.env.advance_time(5)

    assert (await stage.settings()).join_message_content == "Welcome aboard"
    assert "Welcome aboard" in words_of(screen)


async def test_the_rules_about_fake_joins(stage: Stage) -> None:
    form = await stage.use(stage.manager, "settings rules")

    saved = await stage.manager.submit_modal(form, {"rules": ["fake_rejoins"], "days": "0"})
    await stage.env.advance_time(5)

    assert (await stage.settings()).fake_rejoins
    assert "✅ Somebody was here before" in words_of(saved)
