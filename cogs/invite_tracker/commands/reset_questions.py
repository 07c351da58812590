"""The questions before counts begin anew: with the amounts that do not count any more."""

import discord

from bot.errors import UnprocessableEntityError
from bot.text.language import _, ngettext
from bot.text.numbers import format_signed
from bot.ui.access import check_manage
from bot.ui.actions import Actions
from bot.ui.confirmation import Question
from bot.ui.look import Interaction, make_embed
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.lists import describe_counts
from cogs.invite_tracker.service import InviteTrackerService


class ResetQuestions:
    """Asks, and resets when that is confirmed: one inviter, or the whole server."""

    def __init__(self, actions: Actions, service: InviteTrackerService) -> None:
        self._service = service
        self._one = Question(actions, "tracker.reset", self._reset_one, arguments=1)
        self._all = Question(actions, "tracker.reset_server", self._reset_all)

    async def ask_about_one(self, interaction: Interaction, inviter_id: int) -> None:
        """Answer with the question about one inviter."""
        check_manage(interaction)
        counts = await self._service.fetch_counts(guild_of(interaction).id, inviter_id)
        if not counts.total:
            raise UnprocessableEntityError(
                _("No join counts for {person}, so there is nothing to reset.", person=f"<@{inviter_id}>")
            )
        joins = ngettext("**{count}** join", "**{count}** joins", counts.total)
        lines = [
            _(
                "{joins} of {person} will not count any more ({counts}).",
                joins=joins,
                person=f"<@{inviter_id}>",
                counts=describe_counts(counts),
            )
        ]
        if counts.bonus:
            lines.append(
                _(
                    "The bonus of {bonus} stays; `/invite_tracker bonus` changes it.",
                    bonus=format_signed(counts.bonus),
                )
            )
        lines.append(_undoable())
        embed = make_embed(_("Reset this inviter?"), "\n".join(lines), warning=True)
        await self._one.ask(interaction, embed, inviter_id, yes=_("Reset"))

    async def ask_about_all(self, interaction: Interaction) -> None:
        """Answer with the question about the server."""
        check_manage(interaction)
        amounts = await self._service.fetch_server_amounts(guild_of(interaction).id)
        if not amounts.joins:
            raise UnprocessableEntityError(_("There are no joins that count, so there is nothing to reset."))
        text = _(
            "{joins} of {inviters} will not count any more.",
            joins=ngettext("**{count}** join", "**{count}** joins", amounts.joins),
            inviters=ngettext("**{count}** inviter", "**{count}** inviters", amounts.inviters),
        )
        lines = [text, _("Bonuses stay; `/invite_tracker bonus` changes them."), _undoable()]
        embed = make_embed(_("Reset the whole server?"), "\n".join(lines), warning=True)
        await self._all.ask(interaction, embed, yes=_("Reset all"))

    async def _reset_one(self, interaction: Interaction, arguments: tuple[str, ...]) -> discord.Embed:
        return await self._reset(interaction, int(arguments[0]))

    async def _reset_all(self, interaction: Interaction, _arguments: tuple[str, ...]) -> discord.Embed:
        return await self._reset(interaction, None)

    async def _reset(self, interaction: Interaction, inviter_id: int | None) -> discord.Embed:
        check_manage(interaction)
        cleared = await self._service.reset(guild_of(interaction).id, inviter_id)
        text = ngettext(
            "{count} join does not count any more.", "{count} joins do not count any more.", cleared
        )
        return make_embed(_("Reset"), f"{text}\n{_undoable()}")


def _undoable() -> str:
    return _("Nothing is deleted: `/invite_tracker reset undo` takes it back as long as the joins are kept.")
