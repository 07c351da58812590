"""What keeps statistics from being complete: intents that are off, large servers, permissions."""

import discord

from bot.text.language import _
from bot.text.numbers import format_number
from cogs.serverstats.statistics.rules import GuildRules
from cogs.serverstats.statistics.sampling import PRESENCES_COMPLETE_TO
from storage.statistics.catalogue import Group


def find_troubles(
    guild: discord.Guild, rules: GuildRules, intents: discord.Intents, *, knows_statuses: bool
) -> tuple[str, ...]:
    """Return one sentence for each thing that is wanted and cannot be had, in the language of the context.

    `knows_statuses` says whether Discord has told who is online since the bot began to look.
    """
    found = []
    if Group.ACTIVITIES in rules.groups and not intents.presences:
        found.append(
            _(
                "Statuses and activities are not recorded: the bot lacks the Presence Intent, "
                "which its operator can turn on in Discord's developer portal."
            )
        )
    elif Group.ACTIVITIES in rules.groups and (guild.member_count or 0) > PRESENCES_COMPLETE_TO:
        found.append(
            _(
                "Statuses are not counted: with more than {most} members "
                "Discord does not tell me who is online when I start.",
                most=format_number(PRESENCES_COMPLETE_TO),
            )
        )
    elif Group.ACTIVITIES in rules.groups and not knows_statuses:
        found.append(
            _("Statuses are not counted yet: I learn who is online when Discord presents this server next.")
        )
    if Group.POLLS in rules.groups and not intents.message_content:
        found.append(
            _(
                "Of polls only the votes are counted: the bot lacks the Message Content Intent, "
                "which its operator can turn on in Discord's developer portal."
            )
        )
    if Group.INVITE_TRACKER in rules.groups and not guild.me.guild_permissions.manage_channels:
        found.append(_("Invites that are created or deleted are not counted: I lack Manage Channels."))
    return tuple(found)
