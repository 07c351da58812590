"""What an admin does with the forms of counters, step by step."""

from typing import Any

import simcord

from cogs.serverstats.counters.counter_types import CounterType
from tests.cogs.serverstats.form_stage import FormStage, said
from tests.discord_in_process import control_of

MEMBERS = str(int(CounterType.MEMBERS))


def filled(**values: Any) -> dict[str, Any]:
    """Return what a form is sent with."""
    return {"type": [MEMBERS], "format": "", "goal": ""} | values


async def make(stage: FormStage, **values: Any) -> str:
    """Send the form of a new counter and return the answer."""
    form = await stage.press("counter_new")
    return said(await stage.manager.submit_modal(form, filled(**values)))


async def manage(stage: FormStage) -> simcord.ResponseMessage:
    """Open the screen of all counters."""
    result = await stage.press("counters")
    assert result.ephemeral
    assert result.response is not None
    return result.response


async def pick(stage: FormStage, message: simcord.ResponseMessage, index: int = 0) -> None:
    """Choose one of the counters."""
    counter = stage.counters[index]
    await stage.manager.select(
        message, [str(counter.counter_id)], custom_id=control_of(message, "counter.pick")
    )


async def open_card(stage: FormStage) -> simcord.ResponseMessage:
    """Open the screen of the first counter."""
    screen = await manage(stage)
    await pick(stage, screen)
    return screen


async def open_change_form(stage: FormStage) -> tuple[simcord.ResponseMessage, simcord.InteractionResult]:
    """Open that screen, and the form from it."""
    screen = await open_card(stage)
    return screen, await stage.manager.click(screen, label="Change…")
