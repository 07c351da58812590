"""A question before something that cannot be undone."""

import contextlib
from collections.abc import Awaitable, Callable

import discord

from bot.command_errors import answer_error
from bot.text.language import _
from bot.ui.actions import Actions, Press, button
from bot.ui.look import NO_PINGS, Interaction, answer, make_embed

Act = Callable[[Interaction, tuple[str, ...]], Awaitable[discord.Embed]]
"""Does what was confirmed, given the question's arguments, and returns what to show for it.

It checks what the person may do: rights are taken away while a question stands.
"""


class Question:
    """A kind of question, e.g. whether to disable a module."""

    def __init__(self, actions: Actions, name: str, act: Act, *, arguments: int = 0) -> None:
        """`name` is unique in the process; `arguments` is how many the question is asked with."""
        self._yes, self._no = f"yes.{name}", f"no.{name}"
        self._act = act
        actions.on(self._yes, self._confirm, arguments=arguments)
        actions.on(self._no, self._cancel)

    async def ask(
        self, interaction: Interaction, question: discord.Embed, *arguments: object, yes: str
    ) -> None:
        """Ask the person alone; the button labelled `yes` acts."""
        owner_id = interaction.user.id
        view = discord.ui.View(timeout=None)
        view.add_item(
            button(self._yes, *arguments, owner_id=owner_id, label=yes, style=discord.ButtonStyle.danger)
        )
        view.add_item(button(self._no, owner_id=owner_id, label=_("Cancel")))
        await answer(interaction, embed=question, view=view)

    async def _confirm(self, interaction: Interaction, press: Press) -> None:
        """Act, and show the result in place of the question; meanwhile it says that this is under way."""
        # Acting may take longer than the three seconds that Discord grants. The buttons go first: nobody acts twice.
        await interaction.response.edit_message(content=_("Working on it …"), view=None)
        try:
            result = await self._act(interaction, press.arguments)
        except Exception as error:  # every error is answered
            await answer_error(interaction, error)
            # The question stays, for people to know what the error is about.
            with contextlib.suppress(discord.HTTPException):
                await interaction.edit_original_response(content=None)
            return
        await interaction.edit_original_response(content=None, embed=result, allowed_mentions=NO_PINGS)

    async def _cancel(self, interaction: Interaction, _press: Press) -> None:
        """Do nothing, and say so."""
        embed = make_embed(_("Cancelled"), _("Nothing was changed."))
        await interaction.response.edit_message(embed=embed, view=None)
