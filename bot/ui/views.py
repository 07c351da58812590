"""The base of all forms."""

from typing import Any

import discord

from bot.command_errors import answer_error
from bot.ui.border import enter


class Form(discord.ui.Modal):
    """A form: what is sent comes in like a command, and errors are answered in one sentence."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let the rest of the task know who sends the form, and in which language to answer."""
        enter(interaction)
        return True

    async def defer(self, interaction: discord.Interaction[Any]) -> None:
        """Win time for an answer to the person alone; what the form was opened from can be redrawn afterwards."""
        if interaction.message is None:
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await interaction.response.defer()

    async def on_error(  # type: ignore[override] # discord.py's own Modal deviates from its base in this way
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Answer with the sentence that fits."""
        await answer_error(interaction, error)
