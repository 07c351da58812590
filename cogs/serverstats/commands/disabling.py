"""Disabling the module: the question before, and what is said afterwards; asked by a command and by the settings page."""

import discord

from bot.text.language import _
from bot.ui.access import check_manage
from bot.ui.confirmation import Question
from bot.ui.look import Interaction, make_embed
from bot.ui.scope import guild_of
from cogs.serverstats.service import Amounts, ServerstatsService


class Disabling:
    """Asks before everything is deleted, with the numbers of what would be."""

    def __init__(self, module: ServerstatsService) -> None:
        """One for the process: it registers what answers the buttons."""
        self._module = module
        self._question = Question(module.client.actions, "serverstats.disable", self._act)

    async def ask(self, interaction: Interaction) -> None:
        """Ask the person alone."""
        check_manage(interaction)
        guild = guild_of(interaction)
        self._module.require_settings(guild.id)
        # To count millions of records may take longer than Discord waits.
        if not interaction.response.is_done():
            await interaction.response.defer(ephemeral=True, thinking=True)
        stored = await self._module.count_stored(guild.id)
        question = make_embed(
            _("Disable serverstats?"),
            _(
                "This deletes for this server: {stored}, and all settings of serverstats.\n"
                "The channels of the counters are deleted, too, except those that existed before. "
                "Messages on starboards stay.\n"
                "**It cannot be undone.**",
                stored=amounts_line(stored),
            ),
            warning=True,
        )
        await self._question.ask(interaction, question, yes=_("Delete and disable"))

    async def _act(self, confirmed: Interaction, _arguments: tuple[str, ...]) -> discord.Embed:
        check_manage(confirmed)
        guild = guild_of(confirmed)
        deleted = await self._module.count_stored(guild.id)
        left = await self._module.disable(guild.id)
        lines = [
            _("Deleted: {stored}, and all settings.", stored=amounts_line(deleted)),
            *(f"⚠ {sentence}" for sentence in left),
        ]
        return make_embed(_("Serverstats disabled"), "\n".join(lines), warning=bool(left))


def amounts_line(stored: Amounts) -> str:
    """Return what is stored on one line."""
    return ", ".join(stored) or _("nothing")
