"""/serverstats overview, messages, voice, members, activities, commands and modules: figures and charts."""

from typing import Final

import discord
from discord import app_commands

from bot.errors import DiscordRefusedError, ModuleDisabledError
from bot.text.language import _
from bot.text.numbers import format_number
from bot.ui.look import Interaction
from bot.ui.scope import guild_of
from cogs.serverstats.commands.scope import ServerstatsCog
from cogs.serverstats.commands.showing import (
    Channel,
    defer,
    ranked_lines_of,
    show,
    subject_of,
)
from cogs.serverstats.statistics.service import DAYS_LEAST, DAYS_MOST, Wish
from cogs.serverstats.statistics.views.pages import (
    Page,
    comings_page,
    fact_line,
    group_page,
    kind_page,
    members_page,
    overview_page,
    ranked_lines,
    statuses_page,
)
from cogs.serverstats.statistics.views.wording import amount
from storage.statistics.catalogue import (
    COMMANDS_USED,
    MEMBERS_JOINED,
    MEMBERS_LEFT,
    MEMBERS_TOTAL,
    MESSAGES_DELETED,
    MESSAGES_SENT,
    PRESENCE,
    STATUSES,
    VOICE,
    Aggregate,
    Group,
    kinds_of,
)
from storage.statistics.tops import Dimension

Days = app_commands.Range[int, DAYS_LEAST, DAYS_MOST]

DAYS_WORDS: Final = "How many days, today included; 7 when left out"
USER_WORDS: Final = "Only of this member; others than you need Manage Server"
CHANNEL_WORDS: Final = "Only in this channel"

OVERVIEW_KINDS: Final = (MESSAGES_SENT, VOICE, MEMBERS_JOINED, MEMBERS_LEFT, COMMANDS_USED)
FEW: Final = 5
MODULE_GROUPS: Final = {group.value: group for group in Group if group.is_module}


class StatisticsCommands(ServerstatsCog):
    """The commands that show what was recorded."""

    @app_commands.command(name="overview", description="Show how this server is doing")
    @app_commands.describe(days=DAYS_WORDS)
    async def overview(self, interaction: Interaction, days: Days = 7) -> None:
        """Show a figure of everything that is recorded of the server itself."""
        guild = guild_of(interaction)
        wish = Wish(days)
        enabled = self.statistics.enabled_groups(guild.id)
        kinds = [kind for kind in OVERVIEW_KINDS if kind.group in enabled]
        if not kinds:
            raise ModuleDisabledError(
                _(
                    "Nothing that an overview could show is recorded in this server; "
                    "an admin can choose what is with `/serverstats settings`."
                )
            )
        self.statistics.check(guild.id, kinds, wish)
        await defer(interaction)
        report = await self.statistics.fetch_report(guild.id, kinds, wish)
        members = (
            (await self.statistics.fetch_sampling(guild.id, MEMBERS_TOTAL, wish)).samples
            if Group.MEMBERS in enabled
            else ()
        )
        more = []
        if Group.MESSAGES in enabled:
            for by, name in ((Dimension.CHANNEL, _("Busiest channel")), (Dimension.USER, _("Most messages"))):
                ranking = await self.statistics.fetch_ranking(guild.id, MESSAGES_SENT, by, wish, 1)
                lines = await ranked_lines_of(interaction, MESSAGES_SENT, by, ranking.rows)
                more += [(name, f"{line.words} · {amount(MESSAGES_SENT, line.value)}") for line in lines]
        page = overview_page(
            report.figures,
            report.period,
            report.gaps,
            enabled_at_ms=self.enabled_at_ms(guild),
            lost_records=report.lost_records,
            members=members,
            more=more,
        )
        await show(interaction, self.charts, [page])

    @app_commands.command(name="messages", description="Show how many messages were sent and deleted")
    @app_commands.describe(days=DAYS_WORDS, user=USER_WORDS, channel=CHANNEL_WORDS)
    async def messages(
        self,
        interaction: Interaction,
        days: Days = 7,
        user: discord.User | None = None,
        channel: Channel | None = None,
    ) -> None:
        """Show sent and deleted messages side by side."""
        guild, wish = self.prepare(interaction, (MESSAGES_SENT, MESSAGES_DELETED), days, user, channel)
        await defer(interaction, user)
        report = await self.statistics.fetch_report(guild.id, (MESSAGES_SENT, MESSAGES_DELETED), wish)
        deleted = report.of(MESSAGES_DELETED)
        more = []
        if deleted.recorded_since_ms is not None:
            more.append((_("Deleted"), fact_line(deleted)))
        if user is None and channel is None:
            writers = await self.statistics.fetch_ranking(guild.id, MESSAGES_SENT, Dimension.USER, wish, 1)
            if writers.distinct:
                more.append((_("Members who wrote"), format_number(writers.distinct)))
        page = kind_page(
            "messages",
            report.figures,
            report.period,
            report.gaps,
            subject_of(interaction, user, channel),
            title=_("Messages"),
            enabled_at_ms=self.enabled_at_ms(guild),
            lost_records=report.lost_records,
            legend=(_("sent"), _("deleted")),
            more=more,
        )
        await show(interaction, self.charts, [page])

    @app_commands.command(name="voice", description="Show how much time was spent in voice channels")
    @app_commands.describe(days=DAYS_WORDS, user=USER_WORDS, channel=CHANNEL_WORDS)
    async def voice(
        self,
        interaction: Interaction,
        days: Days = 7,
        user: discord.User | None = None,
        channel: discord.VoiceChannel | discord.StageChannel | None = None,
    ) -> None:
        """Show the time in voice, open sessions included."""
        guild, wish = self.prepare(interaction, (VOICE,), days, user, channel)
        await defer(interaction, user)
        report = await self.statistics.fetch_report(guild.id, (VOICE,), wish)
        more = [(_("Sessions"), format_number(report.of(VOICE).sum.events))]
        if user is None and channel is None:
            speakers = await self.statistics.fetch_ranking(guild.id, VOICE, Dimension.USER, wish, 1)
            if speakers.distinct:
                more.append((_("Members in voice"), format_number(speakers.distinct)))
        page = kind_page(
            "voice",
            report.figures,
            report.period,
            report.gaps,
            subject_of(interaction, user, channel),
            title=_("Time in voice"),
            enabled_at_ms=self.enabled_at_ms(guild),
            lost_records=report.lost_records,
            more=more,
        )
        await show(interaction, self.charts, [page])

    @app_commands.command(name="members", description="Show how many members there are, came and left")
    @app_commands.describe(days=DAYS_WORDS)
    async def members(self, interaction: Interaction, days: Days = 7) -> None:
        """Show the number of members, and who came and left."""
        kinds = (MEMBERS_JOINED, MEMBERS_LEFT)
        guild, wish = self.prepare(interaction, kinds, days)
        await defer(interaction)
        sampling = await self.statistics.fetch_sampling(guild.id, MEMBERS_TOTAL, wish)
        report = await self.statistics.fetch_report(guild.id, kinds, wish)
        enabled_at_ms = self.enabled_at_ms(guild)
        pages = [
            members_page(sampling.samples, sampling.period, sampling.gaps, enabled_at_ms),
            comings_page(
                report.of(MEMBERS_JOINED),
                report.of(MEMBERS_LEFT),
                report.period,
                report.gaps,
                enabled_at_ms=enabled_at_ms,
                lost_records=report.lost_records,
            ),
        ]
        await show(interaction, self.charts, pages)

    @app_commands.command(name="activities", description="Show who is online when, and what is played most")
    @app_commands.describe(days=DAYS_WORDS, user=USER_WORDS)
    async def activities(
        self, interaction: Interaction, days: Days = 7, user: discord.User | None = None
    ) -> None:
        """Show the statuses of the server, unless it is about one member, and the activities with the most time."""
        guild, wish = self.prepare(interaction, (PRESENCE,), days, user)
        if not interaction.client.intents.presences:
            raise DiscordRefusedError(
                _(
                    "I cannot see who is online and what they do: "
                    "Discord has not granted this bot the Presence Intent. "
                    "Its operator can turn it on in Discord's developer portal."
                )
            )
        await defer(interaction, user)
        pages: list[Page] = []
        if user is None:
            sampling = await self.statistics.fetch_sampling(guild.id, STATUSES, wish)
            pages.append(
                statuses_page(sampling.samples, sampling.period, sampling.gaps, self.enabled_at_ms(guild))
            )
        pages.append(
            await self.fetch_ranking_page(
                interaction, PRESENCE, Dimension.TEXT, wish, _("Top activities"), user
            )
        )
        await show(interaction, self.charts, pages)

    @app_commands.command(name="commands", description="Show how often commands of this bot were used")
    @app_commands.describe(days=DAYS_WORDS, user=USER_WORDS)
    async def commands(
        self, interaction: Interaction, days: Days = 7, user: discord.User | None = None
    ) -> None:
        """Show the uses of commands, and which were used most."""
        guild, wish = self.prepare(interaction, (COMMANDS_USED,), days, user)
        await defer(interaction, user)
        report = await self.statistics.fetch_report(guild.id, (COMMANDS_USED,), wish)
        ranking = await self.statistics.fetch_ranking(guild.id, COMMANDS_USED, Dimension.TEXT, wish, FEW)
        lines = await ranked_lines_of(interaction, COMMANDS_USED, Dimension.TEXT, ranking.rows)
        more = [(_("Most used"), "\n".join(ranked_lines(COMMANDS_USED, lines)))] if lines else []
        page = kind_page(
            "commands",
            report.figures,
            report.period,
            report.gaps,
            subject_of(interaction, user),
            title=_("Commands used"),
            enabled_at_ms=self.enabled_at_ms(guild),
            lost_records=report.lost_records,
            more=more,
        )
        await show(interaction, self.charts, [page])

    @app_commands.command(
        name="modules", description="Show what happened in a module: tickets, polls, giveaways …"
    )
    @app_commands.describe(group="Which module", days=DAYS_WORDS, user=USER_WORDS)
    @app_commands.choices(
        group=[app_commands.Choice(name=group.label, value=value) for value, group in MODULE_GROUPS.items()]
    )
    async def modules(
        self, interaction: Interaction, group: str, days: Days = 7, user: discord.User | None = None
    ) -> None:
        """Show every kind of a module on a line of its own."""
        chosen = MODULE_GROUPS[group]
        kinds = tuple(
            kind
            for kind in kinds_of(chosen)
            if kind.aggregate is not Aggregate.LAST and (user is None or kind.has_user)
        )
        guild, wish = self.prepare(interaction, kinds, days, user)
        self.statistics.require_group(guild.id, chosen)
        await defer(interaction, user)
        report = await self.statistics.fetch_report(guild.id, kinds, wish)
        page = group_page(
            report.figures,
            report.period,
            report.gaps,
            subject_of(interaction, user),
            title=_(chosen.label),
            enabled_at_ms=self.enabled_at_ms(guild),
            lost_records=report.lost_records,
        )
        await show(interaction, self.charts, [page])
