"""A question before something that cannot be undone."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.command_errors import answer_error
from bot.ui.look import NO_PINGS, Interaction, answer, make_embed
from bot.ui.views import OwnedView

Act = Callable[[Interaction], Awaitable[discord.Embed]]
"""Does what was confirmed by this interaction, and returns what to show for it."""


async def ask(interaction: Interaction, question: discord.Embed, *, yes: str, act: Act, command: str) -> None:
    """Ask the person alone; `act` is called once, when they press the button labelled `yes`."""
    view = ConfirmationView(interaction.user.id, command, yes, act)
    await answer(interaction, embed=question, view=view)
    view.shown_by(interaction)


class ConfirmationView(OwnedView):
    """A red button that acts, and one that does not."""

    def __init__(self, owner_id: int, command: str, yes: str, act: Act) -> None:
        super().__init__(owner_id, command)
        self._act = act
        self.confirm.label = yes

    @discord.ui.button(style=discord.ButtonStyle.danger, custom_id="confirm")
    async def confirm(self, interaction: Interaction, _button: discord.ui.Button[Any]) -> None:
        """Act, and show the result in place of the question."""
        self.stop()
        # Acting may take longer than the three seconds that Discord grants.
        await interaction.response.defer()
        try:
            result = await self._act(interaction)
        except Exception as error:  # every error is answered, and the question must not stay open
            await interaction.edit_original_response(view=None)
            await answer_error(interaction, error)
            return
        await interaction.edit_original_response(embed=result, view=None, allowed_mentions=NO_PINGS)

    @discord.ui.button(label="Cancel", style=discord.ButtonStyle.secondary, custom_id="cancel")
    async def cancel(self, interaction: Interaction, _button: discord.ui.Button[Any]) -> None:
        """Do nothing, and say so."""
        self.stop()
        embed = make_embed("Cancelled", "Nothing was changed.")
        await interaction.response.edit_message(embed=embed, view=None)
