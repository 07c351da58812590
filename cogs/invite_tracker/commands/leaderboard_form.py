"""The form of the leaderboard that is posted: when, where, and who is left out."""

from typing import Any

import discord

from bot.errors import ConflictError
from bot.settings.pages import Snapshot
from bot.text.dates import format_datetime, timezone_named
from bot.text.language import _
from bot.ui.access import check_manage
from bot.ui.look import answer, make_embed
from bot.ui.scope import guild_of
from bot.ui.views import Form
from cogs.invite_tracker.leaderboard.schedule import SCHEDULE_NAMES, Schedule
from cogs.invite_tracker.service import InviteTrackerService
from cogs.invite_tracker.settings import HIDDEN_MOST, InviteTrackerSettings
from cogs.invite_tracker.use_cases.leaderboards import LeaderboardState

_HOURS = 24


class LeaderboardForm(Form):
    """Day, hour, channel, and the members and roles that are left out."""

    def __init__(
        self,
        service: InviteTrackerService,
        stored: Snapshot[InviteTrackerSettings],
        guild: discord.Guild,
        timezone: str,
    ) -> None:
        super().__init__(title=_("Leaderboard of the week or month"), timeout=None)
        self._service = service
        self._stored = stored
        settings = stored.values
        self.schedule: discord.ui.Select[Any] = discord.ui.Select(
            options=[
                discord.SelectOption(
                    label=_(label), value=schedule.value, default=schedule is settings.leaderboard_schedule
                )
                for schedule, label in SCHEDULE_NAMES.items()
            ],
            custom_id="schedule",
        )
        self.hour: discord.ui.Select[Any] = discord.ui.Select(
            options=[
                discord.SelectOption(
                    label=f"{hour:02}:00", value=str(hour), default=hour == settings.leaderboard_hour
                )
                for hour in range(_HOURS)
            ],
            custom_id="hour",
        )
        self.channel: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
            channel_types=[discord.ChannelType.text, discord.ChannelType.news],
            placeholder=_("Choose a channel"),
            # Discord refuses a menu with a channel that is gone.
            default_values=[
                discord.SelectDefaultValue(id=channel_id, type=discord.SelectDefaultValueType.channel)
                for channel_id in (settings.leaderboard_channel,)
                if channel_id is not None and guild.get_channel(channel_id) is not None
            ],
            required=False,
            min_values=0,
            custom_id="channel",
        )
        self.members: discord.ui.UserSelect[Any] = discord.ui.UserSelect(
            placeholder=_("Nobody"),
            default_values=[
                discord.SelectDefaultValue(id=member_id, type=discord.SelectDefaultValueType.user)
                for member_id in sorted(settings.leaderboard_hidden_members)
            ],
            required=False,
            min_values=0,
            max_values=HIDDEN_MOST,
            custom_id="members",
        )
        self.roles: discord.ui.RoleSelect[Any] = discord.ui.RoleSelect(
            placeholder=_("None"),
            default_values=[
                discord.SelectDefaultValue(id=role_id, type=discord.SelectDefaultValueType.role)
                for role_id in sorted(settings.leaderboard_hidden_roles)
                if guild.get_role(role_id) is not None
            ],
            required=False,
            min_values=0,
            max_values=HIDDEN_MOST,
            custom_id="roles",
        )
        for text, description, component in (
            (_("It is posted"), _("About the seven days before, or the month before"), self.schedule),
            (_("At"), _("The server's time ({timezone})", timezone=timezone), self.hour),
            (_("In"), _("I need to see it, and to send messages and embeds there"), self.channel),
            (_("Members left out"), _("They are never on it"), self.members),
            (_("Roles left out"), _("Nobody with one of these roles is on it"), self.roles),
        ):
            self.add_item(discord.ui.Label(text=text, description=description, component=component))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Save, and say when the next one comes."""
        check_manage(interaction)
        await self.defer(interaction)
        guild_id = guild_of(interaction).id
        settings = self._stored.values.model_copy(
            update={
                "leaderboard_schedule": Schedule(self.schedule.values[0]),
                "leaderboard_hour": int(self.hour.values[0]),
                "leaderboard_channel": self.channel.values[0].id if self.channel.values else None,
                "leaderboard_hidden_members": frozenset(member.id for member in self.members.values),
                "leaderboard_hidden_roles": frozenset(role.id for role in self.roles.values),
            }
        )
        notice = None
        try:
            await self._service.save_settings(guild_id, settings, self._stored.version)
        except ConflictError as error:
            notice = error.message
        state = await self._service.describe_leaderboard(guild_id)
        embed = make_embed(
            _("Leaderboard of the week or month"),
            "\n".join([describe_state(state), *(f"⚠ {trouble}" for trouble in state.troubles)]),
            warning=notice is not None or bool(state.troubles),
        )
        await answer(interaction, notice, embed=embed)
        await interaction.client.settings_screen.refresh(interaction)


def describe_state(state: LeaderboardState) -> str:
    """Return when the next one comes and where, and who is left out."""
    if state.next_due_at_ms is None:
        return _("None is posted.")
    moment = format_datetime(state.next_due_at_ms, timezone_named(state.timezone))
    channel_id = state.settings.leaderboard_channel
    lines = [
        _(
            "The next one comes {relative} in {channel}: {moment} ({timezone}).",
            relative=f"<t:{state.next_due_at_ms // 1000}:R>",
            channel=f"<#{channel_id}>" if channel_id is not None else _("no channel"),
            moment=moment,
            timezone=state.timezone,
        )
    ]
    hidden = [f"<@{member_id}>" for member_id in sorted(state.settings.leaderboard_hidden_members)]
    hidden += [f"<@&{role_id}>" for role_id in sorted(state.settings.leaderboard_hidden_roles)]
    if hidden:
        lines.append(_("Left out: {people}.", people=", ".join(hidden)))
    return "\n".join(lines)
