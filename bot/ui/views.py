"""Views that belong to one person, answer errors in one sentence and end gracefully."""

import contextlib
from typing import Any, Final

import discord

from bot.command_errors import answer_error
from bot.ui.border import enter
from bot.ui.look import Interaction, answer

TIMEOUT_SECONDS: Final = 600.0
"""Below the 15 minutes for which Discord lets a message be edited through the interaction that sent it."""


class OwnedView(discord.ui.View):
    """A view whose controls only its owner can use; after ten quiet minutes they are disabled."""

    def __init__(self, owner_id: int, command: str) -> None:
        """`command` is the slash command that opens the view anew, without the slash."""
        super().__init__(timeout=TIMEOUT_SECONDS)
        self.owner_id = owner_id
        self.command = command
        self._shown_by: Interaction | None = None

    def shown_by(self, interaction: Interaction) -> None:
        """Note the interaction that sent or edited the message: through it the end of the view is shown."""
        self._shown_by = interaction

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let only the owner through; others are told how to get a view of their own."""
        if interaction.user.id == self.owner_id:
            return True
        await answer(interaction, f"These controls belong to somebody else; use `/{self.command}` yourself.")
        return False

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, _item: discord.ui.Item[Any], /
    ) -> None:
        """Answer with the sentence that fits."""
        await answer_error(interaction, error)

    async def on_timeout(self) -> None:
        """Disable the controls and say how to go on."""
        if self._shown_by is None:
            return
        self.disable()
        # The message may be gone, or its token may have run out: then there is nothing left to tidy up.
        with contextlib.suppress(discord.HTTPException):
            await self._shown_by.edit_original_response(
                content=f"-# These controls have ended; use `/{self.command}` again.", view=self
            )

    def disable(self) -> None:
        """Disable all controls; links stay."""
        for item in self.walk_children():
            if isinstance(
                item, discord.ui.Button | discord.ui.Select | discord.ui.ChannelSelect | discord.ui.RoleSelect
            ):
                item.disabled = not getattr(item, "url", None)


class Form(discord.ui.Modal):
    """A form: what is sent comes in like a command, and errors are answered in one sentence."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let the rest of the task know who sends the form, and in which language to answer."""
        enter(interaction)
        return True

    async def on_error(  # type: ignore[override] # discord.py's own Modal deviates from its base in this way
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Answer with the sentence that fits."""
        await answer_error(interaction, error)


class OwnedModal(discord.ui.Modal):
    """A form that answers errors in one sentence."""

    async def on_error(  # type: ignore[override] # discord.py's own Modal deviates from its base in this way
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Answer with the sentence that fits."""
        await answer_error(interaction, error)
