"""Where the leaderboard is posted, what the bot needs there, and what stands in the way."""

import discord

from bot.errors import DiscordRefusedError, HeadcountError, UnprocessableEntityError
from bot.permissions import list_permissions
from bot.text.language import N_, _, ngettext
from cogs.invite_tracker.leaderboard.schedule import Schedule
from cogs.invite_tracker.settings import InviteTrackerSettings
from storage.leaderboards import LeaderboardRecord, Outcome

_NEEDED = {
    "view_channel": N_("View Channel"),
    "send_messages": N_("Send Messages"),
    "embed_links": N_("Embed Links"),
}

_OUTCOMES = {
    Outcome.TOO_LATE: N_("The last leaderboard was left out: it could not be posted within a day."),
    Outcome.REFUSED: N_("The last leaderboard was left out: Discord refused it."),
    Outcome.UNCLEAR: N_(
        "Whether the last leaderboard was posted is not known: I lost the connection, "
        "and cannot look for it without the permission Read Message History."
    ),
}


def require_channel(guild: discord.Guild, channel_id: int | None) -> discord.TextChannel:
    """Return the channel of the leaderboard; refuse when there is none or the bot cannot post there."""
    if channel_id is None:
        raise UnprocessableEntityError(_("Choose a channel for the leaderboard first."))
    channel = guild.get_channel(channel_id)
    if channel is None:
        raise UnprocessableEntityError(_("The channel of the leaderboard does not exist; choose another."))
    if not isinstance(channel, discord.TextChannel):
        raise UnprocessableEntityError(
            _("{channel} is not a text channel; choose another for the leaderboard.", channel=channel.mention)
        )
    held = channel.permissions_for(guild.me)
    missing = [title for name, title in _NEEDED.items() if not getattr(held, name)]
    if missing:
        raise DiscordRefusedError(
            ngettext(
                "I need the permission {permissions} in {channel} for the leaderboard.",
                "I need the permissions {permissions} in {channel} for the leaderboard.",
                len(missing),
                permissions=list_permissions(missing),
                channel=channel.mention,
            )
        )
    return channel


def check_change(guild: discord.Guild, before: InviteTrackerSettings, after: InviteTrackerSettings) -> None:
    """Refuse a change that cannot work; what stays as it was is not judged again."""
    is_on = after.leaderboard_schedule is not Schedule.OFF
    turned_on = is_on and before.leaderboard_schedule is Schedule.OFF
    moved = after.leaderboard_channel != before.leaderboard_channel
    if turned_on or (moved and (is_on or after.leaderboard_channel is not None)):
        require_channel(guild, after.leaderboard_channel)


def list_troubles(
    guild: discord.Guild, settings: InviteTrackerSettings, record: LeaderboardRecord | None
) -> tuple[str, ...]:
    """Return what keeps the leaderboard from being posted, or kept the last one, one sentence each."""
    if settings.leaderboard_schedule is Schedule.OFF:
        return ()
    try:
        require_channel(guild, settings.leaderboard_channel)
    except HeadcountError as error:
        return (error.message,)
    sentence = _OUTCOMES.get(record.outcome) if record is not None and record.outcome is not None else None
    return (_(sentence),) if sentence is not None else ()
