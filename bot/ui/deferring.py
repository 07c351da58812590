"""Winning time: Discord waits three seconds for a first sign of life, and a slow disk may take longer."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import discord

from bot.ui.look import Interaction

PATIENCE_SECONDS: Final = 1.5


@contextlib.asynccontextmanager
async def deferred_when_slow(interaction: Interaction) -> AsyncIterator[None]:
    """Announce a public answer once it takes long.

    What comes at once can still be for the person alone, such as a refusal: after the announcement everybody sees it.
    """
    is_slow = False

    async def announce() -> None:
        nonlocal is_slow
        await interaction.client.parts.clock.sleep(PATIENCE_SECONDS)
        is_slow = True
        with contextlib.suppress(discord.HTTPException):
            await interaction.response.defer(thinking=True)

    waiting = asyncio.create_task(announce(), name="answer later")
    try:
        yield
    finally:
        if is_slow:
            # It may be on its way: an answer that overtakes it would be refused.
            await waiting
        else:
            waiting.cancel()
