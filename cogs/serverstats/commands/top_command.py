"""/serverstats top: who, where or what had the most."""

from typing import Final

import discord
from discord import app_commands

from bot.text.language import N_, _
from bot.ui.look import Interaction
from cogs.serverstats.commands.scope import ServerstatsCog
from cogs.serverstats.commands.showing import Channel, defer, show
from cogs.serverstats.commands.statistics_commands import CHANNEL_WORDS, DAYS_WORDS, USER_WORDS, Days
from cogs.serverstats.statistics.views.wording import lowered
from storage.statistics.catalogue import KINDS, PRESENCE, Kind
from storage.statistics.tops import Dimension

RANKED_KEYS: Final = (
    "messages/sent",
    "messages/deleted",
    "voice",
    "activities/presence",
    "commands/used",
    "functions/reminders/created",
    "functions/giveaways/responders",
    "modules/autoresponder/triggers/hit",
    "modules/invite_tracker/invite/created",
    "modules/tags/tag/created",
    "modules/tempchannels/tempchannels/created",
    "modules/tickets/created",
    "modules/tickets/closed",
    "modules/polls/poll/created",
    "modules/polls/vote/added",
)
"""What people are proud of; Discord allows 25 choices."""

_WHAT: Final = {"messages/sent": N_("Messages")}
_OF: Final = {"members": Dimension.USER, "channels": Dimension.CHANNEL, "names": Dimension.TEXT}
_NAMES: Final = {PRESENCE.key: N_("Top activities"), "commands/used": N_("Top commands")}


class TopCommand(ServerstatsCog):
    """The command that ranks."""

    @app_commands.command(
        name="top", description="Show the members, channels, commands or activities with the most"
    )
    @app_commands.describe(
        what="What is counted; messages when left out",
        of="Who or what is ranked; members when left out",
        days=DAYS_WORDS,
        user=USER_WORDS,
        channel=CHANNEL_WORDS,
    )
    @app_commands.choices(
        what=[app_commands.Choice(name=_WHAT.get(key, KINDS[key].title), value=key) for key in RANKED_KEYS],
        of=[
            app_commands.Choice(name="Members", value="members"),
            app_commands.Choice(name="Channels", value="channels"),
            app_commands.Choice(name="Names: commands, activities, triggers", value="names"),
        ],
    )
    async def top(
        self,
        interaction: Interaction,
        what: str = "messages/sent",
        of: str = "members",
        days: Days = 7,
        user: discord.User | None = None,
        channel: Channel | None = None,
    ) -> None:
        """Show the ten with the most."""
        kind, by = KINDS[what], _OF[of]
        guild, wish = self.prepare(interaction, (kind,), days, user, channel)
        self.statistics.check(guild.id, (kind,), wish, by)
        await defer(interaction, user)
        page = await self.fetch_ranking_page(interaction, kind, by, wish, _title(kind, by), user, channel)
        await show(interaction, self.charts, [page])


def _title(kind: Kind, by: Dimension) -> str:
    what = _WHAT.get(kind.key, kind.title)
    match by:
        case Dimension.TEXT if kind.key in _NAMES:
            return _(_NAMES[kind.key])
        case Dimension.TEXT:
            return _("Top of: {what}", what=lowered(_(what)))
        case Dimension.USER:
            return _("Top members: {what}", what=lowered(_(what)))
        case Dimension.CHANNEL:
            return _("Top channels: {what}", what=lowered(_(what)))
