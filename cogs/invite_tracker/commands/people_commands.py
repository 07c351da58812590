"""/invite_tracker stats, inviter and leaderboard: who invited whom."""

import discord
from discord import app_commands

from bot.text.dates import format_datetime, timezone_named
from bot.text.language import _, ngettext
from bot.ui.access import check_manage, may_manage
from bot.ui.look import Interaction, answer, fit_lines, make_embed, safe_name
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.lists import describe_counts
from cogs.invite_tracker.commands.scope import TrackerCommands
from cogs.invite_tracker.commands.wording import (
    describe_briefly,
    describe_certainty,
    describe_member,
    describe_notes,
    describe_origin,
)
from cogs.invite_tracker.counting import STATISTICS_DAYS
from storage.records import Join

LATEST_JOINS = 10
JOINS_LENGTH = 3500

Person = discord.Member | discord.User


class PeopleCommands(TrackerCommands):
    """The commands about inviters and the people they brought."""

    @app_commands.command(name="stats", description="Show how many people somebody invited")
    @app_commands.describe(inviter="Whose invites; yours when left out")
    async def stats(self, interaction: Interaction, inviter: discord.User | None = None) -> None:
        """Show the counts to everyone; the joins behind them to the inviter and to who manages the server."""
        person: Person = inviter or interaction.user
        may_see_joins = person.id == interaction.user.id or may_manage(interaction.permissions)
        stats = await self.service.fetch_inviter_stats(
            guild_of(interaction).id, person.id, LATEST_JOINS if may_see_joins else 0
        )
        headline = ngettext("{count} invite", "{count} invites", stats.counts.real)
        text = f"## {headline}\n{describe_counts(stats.counts)}"
        if stats.latest:
            joins = fit_lines(
                map(_join_line, stats.latest),
                JOINS_LENGTH,
                lambda more: _("… and {more} more", more=more),
            )
            text += f"\n\n**{_('Latest joins')}**\n{joins}"
        embed = make_embed(
            _("Invites of {person}", person=safe_name(person.display_name)),
            text,
            footer=ngettext("The last day", "The last {count} days", STATISTICS_DAYS),
        )
        await answer(interaction, embed=embed)

    @app_commands.command(name="inviter", description="Show who invited a member, and how that is known")
    @app_commands.describe(member="The member in question; you when left out")
    async def inviter(self, interaction: Interaction, member: discord.User | None = None) -> None:
        """Show the latest join of a member with method and certainty."""
        person: Person = member or interaction.user
        if person.id != interaction.user.id:
            check_manage(interaction)
        join = await self.service.fetch_join(guild_of(interaction).id, person.id)
        title = _("How {person} came here", person=safe_name(person.display_name))
        if join is None:
            text = _(
                "No join is on record: it was before I began to track, or longer ago than joins are kept."
            )
            await answer(interaction, embed=make_embed(title, text))
            return
        timezone = timezone_named(await self.service.fetch_timezone(join.guild_id))
        joined_at = format_datetime(join.joined_at_ms, timezone)
        when = f"{joined_at} ({timezone.key}), <t:{join.joined_at_ms // 1000}:R>"
        joined = " · ".join([_("Joined {when}", when=when), *describe_notes(join)])
        lines = [
            describe_origin(join),
            describe_certainty(join),
            f"-# {joined}",
        ]
        await answer(interaction, embed=make_embed(title, "\n".join(lines)))

    @app_commands.command(name="leaderboard", description="Show who invited the most people")
    @app_commands.describe(days="Count only the joins of the last so many days, 1 to 31")
    async def leaderboard(
        self, interaction: Interaction, days: app_commands.Range[int, 1, STATISTICS_DAYS] | None = None
    ) -> None:
        """Show the inviters by real invites, for everyone to see."""
        await self.screens.leaderboard.show(interaction, "" if days is None else days)


def _join_line(join: Join) -> str:
    notes = "".join(f" · {note}" for note in describe_notes(join))
    member = describe_member(join.member_id)
    return f"<t:{join.joined_at_ms // 1000}:R> {member} · {describe_briefly(join)}{notes}"
