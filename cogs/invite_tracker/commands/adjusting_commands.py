"""/invite_tracker bonus, reset and rules: how counts are adjusted."""

import discord
from discord import app_commands

from bot.text.language import _, ngettext
from bot.text.numbers import format_signed
from bot.ui.look import Interaction, answer, make_embed
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.lists import describe_counts
from cogs.invite_tracker.commands.record_lists import EVERYBODY
from cogs.invite_tracker.commands.scope import TrackerCommands
from cogs.invite_tracker.use_cases.adjusting import BONUS_MOST, REASON_LENGTH

Amount = app_commands.Range[int, 1, BONUS_MOST]
Reason = app_commands.Range[str, 1, REASON_LENGTH]


class AdjustingCommands(TrackerCommands):
    """The commands that change what joins count for."""

    bonus = app_commands.Group(name="bonus", description="Give inviters extra invites, or take some away")
    reset = app_commands.Group(name="reset", description="Let inviters begin to count anew")

    @bonus.command(name="add", description="Give somebody extra invites")
    @app_commands.describe(member="Who gets them", amount="How many", reason="Why; it is kept with the entry")
    async def bonus_add(
        self, interaction: Interaction, member: discord.User, amount: Amount, reason: Reason
    ) -> None:
        """Note an entry that adds."""
        await self._grant(interaction, member, amount, reason)

    @bonus.command(name="remove", description="Take invites away from somebody")
    @app_commands.describe(
        member="From whom they are taken", amount="How many", reason="Why; it is kept with the entry"
    )
    async def bonus_remove(
        self, interaction: Interaction, member: discord.User, amount: Amount, reason: Reason
    ) -> None:
        """Note an entry that takes away; earlier entries stay as they are."""
        await self._grant(interaction, member, -amount, reason)

    @bonus.command(name="list", description="Show who was given or taken how much, by whom and why")
    @app_commands.describe(member="Whose entries; those of everybody when left out")
    async def bonus_list(self, interaction: Interaction, member: discord.User | None = None) -> None:
        """Show the entries, the last first."""
        await self.screens.bonuses.show(interaction, EVERYBODY if member is None else member.id)

    @reset.command(name="member", description="Let the joins of one inviter not count any more")
    @app_commands.describe(member="The inviter")
    async def reset_member(self, interaction: Interaction, member: discord.User) -> None:
        """Ask first, with the amounts."""
        await self.screens.resets.ask_about_one(interaction, member.id)

    @reset.command(name="server", description="Let no join so far count any more, for nobody")
    async def reset_server(self, interaction: Interaction) -> None:
        """Ask first, with the amounts."""
        await self.screens.resets.ask_about_all(interaction)

    @reset.command(name="undo", description="Take the last reset back")
    async def reset_undo(self, interaction: Interaction) -> None:
        """Undo the last reset that was not undone, and say which that was."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        undone = await self.service.undo_reset(guild_of(interaction).id)
        when = f"<t:{undone.reset.reset_at_ms // 1000}:f>"
        if undone.reset.inviter_id is None:
            which = _("The reset of the server of {when} is undone.", when=when)
        else:
            person = f"<@{undone.reset.inviter_id}>"
            which = _("The reset of {person} of {when} is undone.", person=person, when=when)
        joins = ngettext("{count} join counts again.", "{count} joins count again.", undone.joins)
        await answer(interaction, embed=make_embed(_("Reset undone"), f"{which}\n{joins}"))

    @app_commands.command(name="rules", description="See what each fake rule would change before you save it")
    async def try_rules(self, interaction: Interaction) -> None:
        """Open the screen on which rules are tried out."""
        await self.screens.rules.show(interaction)

    async def _grant(self, interaction: Interaction, member: discord.User, amount: int, reason: str) -> None:
        counts = await self.service.grant_bonus(guild_of(interaction).id, member.id, amount, reason)
        lines = [
            _("{amount} for {person}.", amount=f"**{format_signed(amount)}**", person=member.mention),
            ngettext("{count} invite now", "{count} invites now", counts.real)
            + f" · {describe_counts(counts)}",
        ]
        await answer(interaction, embed=make_embed(_("Bonus"), "\n".join(lines)))
