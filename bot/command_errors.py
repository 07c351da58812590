"""What a person sees when a slash command cannot do its work: one sentence, to them alone."""

import logging
import math
import sqlite3

import discord
from discord import app_commands

from bot.errors import HeadcountError
from bot.request_failures import REQUEST_FAILURES
from bot.text.language import N_, _, ngettext
from bot.ui.border import enter

_log = logging.getLogger(__name__)

UNEXPECTED = N_("Something went wrong on my side; the operator finds the details in the log.")


class CommandTree(app_commands.CommandTree):
    """The command tree: every command begins and, when it raises an error, ends here."""

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Let the command know who uses it, and in which language to answer."""
        enter(interaction)
        return True

    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Answer with the sentence that fits."""
        await answer_error(interaction, error)


def sentence_for(error: BaseException) -> str | None:
    """Return what to tell a person about this error, or None when it was not foreseen."""
    if isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError) and error.__cause__:
        return sentence_for(error.__cause__)
    match error:
        case HeadcountError():
            return error.message
        case app_commands.TransformerError():
            return _("I cannot read “{value}” here.", value=error.value)
        case discord.RateLimited():
            return ngettext(
                "Discord asks me to wait {count} second; try again then.",
                "Discord asks me to wait {count} seconds; try again then.",
                math.ceil(error.retry_after),
            )
        case discord.Forbidden():
            if error.text:
                return _("Discord refused: {reason}.", reason=error.text)
            return _("Discord refused: I lack a permission.")
        case discord.DiscordServerError():
            return _("Discord has a problem at the moment; try again in a minute.")
        case discord.HTTPException():
            return _("Discord refused: {reason}.", reason=error.text or error.status)
        case sqlite3.Error():
            return _("The database could not be reached; the operator finds the reason in the log.")
        case _:
            return None


async def answer_error(interaction: discord.Interaction, error: BaseException) -> None:
    """Tell the person, ephemerally; log what was not foreseen."""
    sentence = sentence_for(error)
    cause = error.__cause__ or error
    if sentence is None or isinstance(cause, sqlite3.Error):
        command = interaction.command.qualified_name if interaction.command else "a component"
        _log.error("The interaction with %s failed.", command, exc_info=cause)
    text = sentence or _(UNEXPECTED)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except REQUEST_FAILURES as failure:
        _log.warning("An answer could not be delivered: %s", failure)
