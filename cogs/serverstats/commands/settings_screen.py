"""The screen of settings: one ephemeral message, every choice is saved at once."""

from collections.abc import Callable
from typing import Any, Final

import discord

from bot.text.dates import format_time, timezone_named
from bot.ui.access import check_manage
from bot.ui.look import NO_PINGS, Interaction, answer, make_embed
from bot.ui.scope import guild_of
from bot.ui.views import OwnedModal, OwnedView
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import ServerstatsSettings
from cogs.serverstats.statistics.service import StatisticsService
from storage.statistics.catalogue import Group, kinds_of

SELECTED_MOST: Final = 25
"""Discord documentation, Component Reference: a select takes at most 25 values."""
TIMEZONE_LENGTH: Final = 60
DESCRIPTION_LENGTH: Final = 100

_CHANNEL_TYPES: Final = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
    discord.ChannelType.media,
    discord.ChannelType.category,
]


async def open_settings_screen(
    interaction: Interaction, module: ServerstatsService, statistics: StatisticsService
) -> None:
    """Answer the command with the screen."""
    guild = guild_of(interaction)
    settings = module.require_settings(guild.id)
    timezone = await statistics.fetch_timezone(guild.id)
    screen = SettingsScreen(interaction.user.id, module, statistics, settings)
    await answer(interaction, embed=screen.embed(guild, timezone), view=screen)
    screen.shown_by(interaction)


class SettingsScreen(OwnedView):
    """What is recorded, what is left out, and the timezone."""

    def __init__(
        self,
        owner_id: int,
        module: ServerstatsService,
        statistics: StatisticsService,
        settings: ServerstatsSettings,
    ) -> None:
        super().__init__(owner_id, "serverstats settings")
        self.module = module
        self.statistics = statistics
        self.take(settings)

    def take(self, settings: ServerstatsSettings) -> None:
        """Set the controls to these settings."""
        self.shown = settings
        self.groups.options = [
            discord.SelectOption(
                label=group.label,
                value=group.value,
                description=_description(group),
                default=group in settings.enabled_groups,
            )
            for group in Group
        ]
        self.groups.max_values = len(Group)
        self.bots.label = "Leave out bots" if settings.track_bot_messages else "Count bots"
        self.channels.default_values = _defaults(
            settings.ignored_channel_ids, discord.SelectDefaultValueType.channel
        )
        self.roles.default_values = _defaults(settings.ignored_role_ids, discord.SelectDefaultValueType.role)
        # A select that cannot show all of them would drop the others with the next choice.
        self.channels.disabled = len(settings.ignored_channel_ids) > SELECTED_MOST
        self.roles.disabled = len(settings.ignored_role_ids) > SELECTED_MOST

    def embed(self, guild: discord.Guild, timezone: str) -> discord.Embed:
        """Return the state."""
        settings = self.shown
        on = [group.label for group in Group if group in settings.enabled_groups]
        now_ms = self.module.client.parts.clock.now_ms()
        lines = [
            f"**Recorded:** {', '.join(on) if on else 'nothing yet; choose below'}",
            f"**Bots:** {'counted' if settings.track_bot_messages else 'left out'}",
            f"**Channels left out:** {_mentions('#', settings.ignored_channel_ids)}",
            f"**Roles left out:** {_mentions('@&', settings.ignored_role_ids)}",
            f"**Timezone:** {timezone} · now {format_time(now_ms, timezone_named(timezone))[:5]}",
        ]
        if self.channels.disabled or self.roles.disabled:
            lines.append(f"-# A menu shows at most {SELECTED_MOST}; longer lists cannot be changed here.")
        troubles = [f"⚠ {trouble}" for trouble in self.module.troubles(guild.id)]
        return make_embed("Serverstats settings", "\n".join([*lines, *troubles]), warning=bool(troubles))

    async def change(
        self, interaction: Interaction, change: Callable[[ServerstatsSettings], ServerstatsSettings]
    ) -> None:
        """Save, if the person may still do that, and show the result."""
        check_manage(interaction)
        settings = await self.module.change_settings(guild_of(interaction).id, change)
        await self.redraw(interaction, settings)

    async def redraw(self, interaction: Interaction, settings: ServerstatsSettings) -> None:
        """Show these settings on the same message."""
        guild = guild_of(interaction)
        timezone = await self.statistics.fetch_timezone(guild.id)
        self.take(settings)
        change: dict[str, Any] = {
            "embed": self.embed(guild, timezone),
            "view": self,
            "allowed_mentions": NO_PINGS,
        }
        if interaction.response.is_done():
            await interaction.edit_original_response(**change)
        else:
            await interaction.response.edit_message(**change)
        self.shown_by(interaction)

    @discord.ui.select(
        cls=discord.ui.Select,
        placeholder="Nothing is recorded: choose what is",
        min_values=0,
        custom_id="groups",
        row=0,
    )
    async def groups(self, interaction: Interaction, select: discord.ui.Select[Any]) -> None:
        """Switch groups of statistics on and off."""
        chosen = frozenset(group for group in Group if group.value in select.values)
        await self.change(interaction, lambda now: now.model_copy(update={"enabled_groups": chosen}))

    @discord.ui.select(
        cls=discord.ui.ChannelSelect,
        channel_types=_CHANNEL_TYPES,
        placeholder="Channels and categories that are left out",
        min_values=0,
        max_values=SELECTED_MOST,
        custom_id="channels",
        row=1,
    )
    async def channels(self, interaction: Interaction, select: discord.ui.ChannelSelect[Any]) -> None:
        """Choose in which channels nothing is counted."""
        chosen = frozenset(channel.id for channel in select.values)
        await self.change(interaction, lambda now: now.model_copy(update={"ignored_channel_ids": chosen}))

    @discord.ui.select(
        cls=discord.ui.RoleSelect,
        placeholder="Roles whose members are left out",
        min_values=0,
        max_values=SELECTED_MOST,
        custom_id="roles",
        row=2,
    )
    async def roles(self, interaction: Interaction, select: discord.ui.RoleSelect[Any]) -> None:
        """Choose whose members are not counted."""
        chosen = frozenset(role.id for role in select.values)
        await self.change(interaction, lambda now: now.model_copy(update={"ignored_role_ids": chosen}))

    @discord.ui.button(label="Leave out bots", custom_id="bots", row=3)
    async def bots(self, interaction: Interaction, _button: discord.ui.Button[Any]) -> None:
        """Count bots, or leave them out: whichever this screen does not show."""
        is_counted = not self.shown.track_bot_messages
        await self.change(interaction, lambda now: now.model_copy(update={"track_bot_messages": is_counted}))

    @discord.ui.button(label="Timezone…", custom_id="timezone", row=3)
    async def timezone(self, interaction: Interaction, _button: discord.ui.Button[Any]) -> None:
        """Open the form for the timezone."""
        check_manage(interaction)
        now = await self.statistics.fetch_timezone(guild_of(interaction).id)
        await interaction.response.send_modal(TimezoneForm(self, now))


class TimezoneForm(OwnedModal, title="Timezone of this server"):
    """One field; a name that does not exist is refused with similar ones."""

    def __init__(self, screen: SettingsScreen, timezone: str) -> None:
        super().__init__(timeout=None)
        self._screen = screen
        self.timezone: discord.ui.TextInput[Any] = discord.ui.TextInput(
            default=timezone,
            placeholder="Europe/Amsterdam",
            max_length=TIMEZONE_LENGTH,
            custom_id="timezone",
        )
        self.add_item(
            discord.ui.Label(
                text="Timezone",
                description="Continent/City; days begin at midnight there, from now on",
                component=self.timezone,
            )
        )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Let days follow the timezone from now on."""
        check_manage(interaction)
        guild_id = guild_of(interaction).id
        # What waits is stored first, and a slow disk may take longer for that than Discord waits.
        await interaction.response.defer()
        await self._screen.statistics.change_timezone(guild_id, self.timezone.value)
        await self._screen.redraw(interaction, self._screen.module.require_settings(guild_id))


def _description(group: Group) -> str:
    titles = [kind.title for kind in kinds_of(group)]
    text = ", ".join([titles[0], *(title[0].lower() + title[1:] for title in titles[1:])])
    return (
        text if len(text) <= DESCRIPTION_LENGTH else f"{text[: DESCRIPTION_LENGTH - 1].rpartition(',')[0]} …"
    )


def _defaults(ids: frozenset[int], kind: discord.SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    if len(ids) > SELECTED_MOST:
        return []
    return [discord.SelectDefaultValue(id=one, type=kind) for one in sorted(ids)]


def _mentions(mark: str, ids: frozenset[int]) -> str:
    shown = [f"<{mark}{one}>" for one in sorted(ids)[:SELECTED_MOST]]
    if len(ids) > SELECTED_MOST:
        shown.append(f"and {len(ids) - SELECTED_MOST} more")
    return " ".join(shown) or "none"
