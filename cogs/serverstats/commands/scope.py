"""What all commands of serverstats share."""

from typing import Final

import discord
from discord.ext import commands

from bot.text.amounts import counted
from bot.text.language import _
from bot.ui.look import Interaction
from bot.ui.scope import guild_of
from cogs.serverstats.commands.showing import (
    Channel,
    Charts,
    check_channel,
    check_user,
    ranked_lines_of,
    subject_of,
)
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.statistics.service import StatisticsService, Wish
from cogs.serverstats.statistics.views.pages import Page, ranking_page
from storage.statistics.catalogue import Kind
from storage.statistics.tops import Dimension

_RANKED_WORDS: Final = {Dimension.USER: "members", Dimension.CHANNEL: "channels", Dimension.TEXT: "names"}


class ServerstatsCog(commands.Cog):
    """Commands that only translate between Discord and the use cases."""

    module: ServerstatsService
    statistics: StatisticsService
    charts: Charts

    def prepare(
        self,
        interaction: Interaction,
        kinds: tuple[Kind, ...],
        days: int,
        user: discord.abc.User | None = None,
        channel: Channel | None = None,
    ) -> tuple[discord.Guild, Wish]:
        """Refuse what cannot be shown, before anybody sees that it was asked."""
        guild = guild_of(interaction)
        wish = Wish(days, None if user is None else user.id, None if channel is None else channel.id)
        self.statistics.check(guild.id, kinds, wish)
        check_user(interaction, user)
        check_channel(interaction, channel)
        return guild, wish

    def enabled_at_ms(self, guild: discord.Guild) -> int:
        """Return since when the module is enabled."""
        return self.module.enabled_at_ms(guild.id) or 0

    async def fetch_ranking_page(
        self,
        interaction: Interaction,
        kind: Kind,
        by: Dimension,
        wish: Wish,
        title: str,
        user: discord.abc.User | None = None,
        channel: Channel | None = None,
    ) -> Page:
        """Return the page of the ten with the most; `user` and `channel` are those of the wish."""
        ranking = await self.statistics.fetch_ranking(guild_of(interaction).id, kind, by, wish)
        lines = await ranked_lines_of(interaction, kind, by, ranking.rows)
        distinct = ""
        if user is None and channel is None and lines:
            distinct = _("{names} in all", names=counted(_RANKED_WORDS[by], ranking.distinct))
        return ranking_page(
            "top",
            kind,
            lines,
            ranking.period,
            ranking.gaps,
            subject_of(interaction, user, channel),
            title=title,
            distinct=distinct,
        )
