"""The page of what holds everywhere in a server: timezone, language, log channel."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import discord

from bot.client import HeadcountClient
from bot.errors import ConflictError, DiscordRefusedError, UnprocessableEntityError
from bot.permissions import NEEDED_PERMISSIONS, list_permissions
from bot.settings.fields import describe_changes
from bot.settings.guild_settings import GUILD_FIELDS, GuildSettings
from bot.settings.pages import Component, Form, Snapshot
from bot.settings.timezones import find_timezone, timezone_names
from bot.text.language import N_, _, ngettext
from bot.ui.access import check_manage
from bot.ui.look import Interaction
from bot.ui.scope import guild_of
from bot.ui.views import Form as Modal
from cogs.settings.saving import save_field

KEY: Final = "general"
TIMEZONE_LENGTH: Final = 60
LOG_PERMISSIONS: Final = ("view_channel", "send_messages", "embed_links")


class GeneralPage:
    """A page like those of the modules; what it is about cannot be disabled."""

    key = KEY
    title = N_("General")
    about = N_("What holds for everything that I do in this server.")
    emoji = "⚙️"
    fields = GUILD_FIELDS
    can_be_disabled = False

    def __init__(self, client: HeadcountClient) -> None:
        self._client = client
        self._book = client.parts.guild_settings
        self.forms = (Form("timezone", N_("Timezone…"), "🕰️", self._open_timezone_form),)

    async def is_enabled(self, guild_id: int) -> bool:
        """Return True: there is no server without these settings."""
        return self._client.get_guild(guild_id) is not None

    async def enable(self, guild_id: int) -> None:
        """Do nothing: it is enabled."""

    async def ask_to_disable(self, _interaction: Interaction) -> None:
        """Refuse."""
        raise UnprocessableEntityError(_("These settings cannot be disabled."))

    async def read(self, guild_id: int) -> Snapshot[GuildSettings]:
        """Return the settings."""
        return Snapshot(self._book.settings_of(guild_id), self._book.version_of(guild_id))

    async def save(
        self, guild_id: int, changes: dict[str, Any], expected_version: int
    ) -> Snapshot[GuildSettings]:
        """Check and store these fields, and tell the log channel."""
        current = self._book.settings_of(guild_id)
        settings = GuildSettings.model_validate(current.model_dump() | changes)
        if settings.log_channel_id is not None and settings.log_channel_id != current.log_channel_id:
            self._check_log_channel(guild_id, settings.log_channel_id)
        before = await self._book.save(guild_id, settings, expected_version)
        self._client.settings_log.note(
            guild_id,
            self.title,
            lambda: describe_changes(self.fields, before, settings),
            # Nobody moves or ends the log unseen.
            former_channel_id=before.log_channel_id,
        )
        return await self.read(guild_id)

    async def save_timezone(self, guild_id: int, typed: str, *, shown: str | None = None) -> str:
        """Let the server's days follow this timezone, and return its name; the other settings stay whatever they are.

        With `shown`, raises ConflictError when the timezone is neither that one any more nor what was typed.
        """
        names = await asyncio.to_thread(timezone_names)
        timezone = find_timezone(typed, names)
        await save_field(self, guild_id, "timezone", timezone, is_as_shown=lambda now: shown in (None, now))
        return timezone

    async def components(self, guild: discord.Guild) -> Sequence[Component]:
        """Return the state of the log channel."""
        settings = self._book.settings_of(guild.id)
        if settings.log_channel_id is None:
            return (Component(_("Log of changes"), is_on=False),)
        trouble = _log_channel_trouble(guild, settings.log_channel_id)
        return (
            Component(
                _("Log of changes"),
                is_on=True,
                troubles=(trouble,) if trouble else (),
                detail=f"<#{settings.log_channel_id}>",
            ),
        )

    def _check_log_channel(self, guild_id: int, channel_id: int) -> None:
        guild = self._client.get_guild(guild_id)
        trouble = _log_channel_trouble(guild, channel_id) if guild is not None else None
        if trouble:
            raise DiscordRefusedError(trouble)

    async def _open_timezone_form(self, interaction: Interaction) -> None:
        check_manage(interaction)
        guild = guild_of(interaction)
        await interaction.response.send_modal(TimezoneForm(self, self._book.settings_of(guild.id).timezone))


class TimezoneForm(Modal):
    """One field; a name that does not exist is refused with similar ones."""

    def __init__(self, page: GeneralPage, timezone: str) -> None:
        super().__init__(title=_("Timezone of this server"), timeout=None)
        self._page = page
        self._shown = timezone
        self.timezone: discord.ui.TextInput[Any] = discord.ui.TextInput(
            default=timezone,
            placeholder="Europe/Amsterdam",
            max_length=TIMEZONE_LENGTH,
            custom_id="timezone",
        )
        self.add_item(
            discord.ui.Label(
                text=_("Timezone"),
                description=_("Continent/City; days begin at midnight there, from now on"),
                component=self.timezone,
            )
        )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Let days follow the timezone from now on."""
        check_manage(interaction)
        # What waits is stored first, and a slow disk may take longer for that than Discord waits.
        await interaction.response.defer()
        try:
            name = await self._page.save_timezone(
                guild_of(interaction).id, self.timezone.value, shown=self._shown
            )
            notice = _("Saved: the timezone is `{name}`.", name=name)
        except ConflictError as error:
            notice = f"⚠ {error.message}"
        await interaction.client.settings_screen.refresh(interaction, notice)


def _log_channel_trouble(guild: discord.Guild, channel_id: int) -> str | None:
    channel = guild.get_channel(channel_id)
    if channel is None:
        return _("The log channel was deleted; choose another one.")
    mine = channel.permissions_for(guild.me)
    missing = [
        each.title
        for each in NEEDED_PERMISSIONS
        if each.name in LOG_PERMISSIONS and not getattr(mine, each.name)
    ]
    if missing:
        return ngettext(
            "I need the permission {permissions} in {channel}.",
            "I need the permissions {permissions} in {channel}.",
            len(missing),
            permissions=list_permissions(missing),
            channel=channel.mention,
        )
    return None
