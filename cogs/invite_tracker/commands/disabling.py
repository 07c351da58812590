"""The question before the module is disabled: with the numbers of what is deleted."""

import discord

from bot.text.language import _, ngettext
from bot.ui.access import check_manage
from bot.ui.actions import Actions
from bot.ui.confirmation import Question
from bot.ui.look import Interaction, make_embed
from bot.ui.scope import guild_of
from cogs.invite_tracker.service import InviteTrackerService, StoredAmounts


class DisableQuestion:
    """Asks, and disables the module when that is confirmed."""

    def __init__(self, actions: Actions, service: InviteTrackerService) -> None:
        self._service = service
        self._question = Question(actions, "tracker.disable", self._disable)

    async def ask(self, interaction: Interaction) -> None:
        """Answer with the question."""
        check_manage(interaction)
        stored = await self._service.count_stored(guild_of(interaction).id)
        lines = [
            _(
                "This deletes for this server: {amounts}, and all settings of the invite tracker.",
                amounts=_amounts(stored),
            ),
            _("**It cannot be undone.** The links themselves keep working."),
        ]
        question = make_embed(_("Disable the invite tracker?"), "\n".join(lines), warning=True)
        await self._question.ask(interaction, question, yes=_("Delete and disable"))

    async def _disable(self, interaction: Interaction, _arguments: tuple[str, ...]) -> discord.Embed:
        check_manage(interaction)
        guild_id = guild_of(interaction).id
        deleted = await self._service.count_stored(guild_id)
        await self._service.disable(guild_id)
        text = _("Deleted: {amounts}, and all settings.", amounts=_amounts(deleted))
        return make_embed(_("Invite tracker disabled"), text)


def _amounts(stored: StoredAmounts) -> str:
    return ", ".join(
        (
            ngettext("**{count}** join", "**{count}** joins", stored.joins),
            ngettext("**{count}** known link", "**{count}** known links", stored.invites),
            ngettext("**{count}** bonus entry", "**{count}** bonus entries", stored.bonuses),
        )
    )
