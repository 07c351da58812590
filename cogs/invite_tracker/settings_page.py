"""The page of the invite tracker on the settings screen."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import discord

from bot.errors import HeadcountError, ModuleDisabledError
from bot.permissions import NEEDED_PERMISSIONS
from bot.settings.pages import Component, Form, Snapshot
from bot.text.language import N_, _, ngettext
from bot.ui.access import check_manage
from bot.ui.look import Interaction
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.forms import SharedLinkForm
from cogs.invite_tracker.commands.leaderboard_form import LeaderboardForm
from cogs.invite_tracker.commands.screens import TrackerScreens
from cogs.invite_tracker.invite_links import parse_invite_code
from cogs.invite_tracker.messages.message_settings import (
    MessageKind,
    MessageSettings,
    message_of,
    require_channel,
)
from cogs.invite_tracker.service import InviteTrackerService, TrackerInfo
from cogs.invite_tracker.setting_fields import (
    JOIN_FORM,
    LEADERBOARD_FORM,
    LEAVE_FORM,
    LINK_FORM,
    SETTING_FIELDS,
    TITLE,
)
from cogs.invite_tracker.settings import MODULE, InviteTrackerSettings


class TrackerSettingsPage:
    """What can be set, and how each part is doing."""

    key = MODULE
    title = TITLE
    about = N_("Who invited whom: every join with its invite, join and leave messages.")
    emoji = "📨"
    fields = SETTING_FIELDS
    can_be_disabled = True

    def __init__(self, service: InviteTrackerService, screens: TrackerScreens) -> None:
        self._service = service
        self._screens = screens
        self.forms = (
            Form(JOIN_FORM, N_("Join message…"), "👋", partial(screens.message.open, kind=MessageKind.JOIN)),
            Form(
                LEAVE_FORM, N_("Leave message…"), "🚪", partial(screens.message.open, kind=MessageKind.LEAVE)
            ),
            Form(LINK_FORM, N_("Shared link…"), "🔗", self._open_link_form),
            Form(LEADERBOARD_FORM, N_("Leaderboard…"), "🏆", self._open_leaderboard_form),
        )

    async def is_enabled(self, guild_id: int) -> bool:
        """Whether joins are tracked there."""
        try:
            await self._service.fetch_settings(guild_id)
        except ModuleDisabledError:
            return False
        return True

    async def enable(self, guild_id: int) -> None:
        """Begin to track joins."""
        await self._service.enable(guild_id)

    async def ask_to_disable(self, interaction: Interaction) -> None:
        """Answer the press with the question of `/invite_tracker disable`."""
        await self._screens.disable.ask(interaction)

    async def read(self, guild_id: int) -> Snapshot[InviteTrackerSettings]:
        """Return the settings."""
        return await self._service.fetch_settings(guild_id)

    async def save(
        self, guild_id: int, changes: dict[str, Any], expected_version: int
    ) -> Snapshot[InviteTrackerSettings]:
        """Check and store these fields, and return what is stored now."""
        return await self._service.change_settings(guild_id, changes, expected_version)

    async def components(self, guild: discord.Guild) -> Sequence[Component]:
        """Return the state of tracking, of both kinds of messages, and of the shared link."""
        try:
            info = await self._service.describe(guild.id)
            settings = (await self._service.fetch_settings(guild.id)).values
        except ModuleDisabledError:
            return ()
        return (
            _tracking(info),
            _messages(guild, _("Join messages"), MessageKind.JOIN, message_of(settings, MessageKind.JOIN)),
            _messages(guild, _("Leave messages"), MessageKind.LEAVE, message_of(settings, MessageKind.LEAVE)),
            await self._shared_link(guild.id, settings),
            await self._leaderboard(guild.id),
        )

    async def _shared_link(self, guild_id: int, settings: InviteTrackerSettings) -> Component:
        link = settings.server_shared_invite_link
        if link is None:
            return Component(_("Shared link"), is_on=False)
        is_deleted = await self._service.is_deleted(guild_id, parse_invite_code(link))
        troubles = (_("The shared link does not work any more; set another one."),) if is_deleted else ()
        return Component(_("Shared link"), is_on=True, troubles=troubles, detail=f"<{link}>")

    async def _leaderboard(self, guild_id: int) -> Component:
        state = await self._service.describe_leaderboard(guild_id)
        detail = ""
        if state.next_due_at_ms is not None:
            channel_id = state.settings.leaderboard_channel
            place = f" · <#{channel_id}>" if channel_id is not None else ""
            detail = f"<t:{state.next_due_at_ms // 1000}:R>{place}"
        return Component(_("Leaderboard"), state.is_on, state.troubles, detail)

    async def _open_leaderboard_form(self, interaction: Interaction) -> None:
        check_manage(interaction)
        guild = guild_of(interaction)
        stored = await self._service.fetch_settings(guild.id)
        timezone = await self._service.fetch_timezone(guild.id)
        await interaction.response.send_modal(LeaderboardForm(self._service, stored, guild, timezone))

    async def _open_link_form(self, interaction: Interaction) -> None:
        check_manage(interaction)
        stored = await self._service.fetch_settings(guild_of(interaction).id)
        await interaction.response.send_modal(SharedLinkForm(self._service, stored))


def _tracking(info: TrackerInfo) -> Component:
    troubles = [
        _("I lack **{permission}**: {loss}.", permission=_(needed.title), loss=_(needed.without))
        for needed in NEEDED_PERMISSIONS
        if needed.name in info.missing_permissions
    ]
    # What the tracker ran into is mostly a permission that is named already.
    if info.status.trouble is not None and not troubles:
        troubles.append(_(info.status.trouble))
    links = ngettext("{count} known link", "{count} known links", info.stored.invites)
    joins = ngettext("{count} join on record", "{count} joins on record", info.stored.joins)
    return Component(_("Tracking"), is_on=True, troubles=tuple(troubles), detail=f"{links} · {joins}")


def _messages(guild: discord.Guild, label: str, kind: MessageKind, message: MessageSettings) -> Component:
    troubles: tuple[str, ...] = ()
    if message.is_enabled:
        try:
            require_channel(guild, kind, message)
        except HeadcountError as error:
            troubles = (error.message,)
    detail = f"<#{message.channel_id}>" if message.channel_id is not None else ""
    return Component(label, message.is_enabled, troubles, detail)
