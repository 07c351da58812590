"""/serverstats enable, disable, info and settings: the module itself."""

from discord import app_commands

from bot.charts.wording import format_seconds
from bot.health import HealthState, health_lines, state_of, troubles_of
from bot.text.amounts import counted
from bot.text.language import _, ngettext
from bot.ui.look import Interaction, answer, make_embed, shorten
from bot.ui.scope import guild_of
from cogs.serverstats.commands.disabling import Disabling, amounts_line
from cogs.serverstats.commands.scope import ServerstatsCog
from cogs.serverstats.commands.showing import FIELD_LENGTH
from cogs.serverstats.settings import MODULE, ServerstatsSettings
from storage.statistics.catalogue import Group
from storage.statistics.downtimes import Downtime, Reason

DOWNTIMES_SHOWN = 3


class ModuleCommands(ServerstatsCog):
    """The commands that turn the module on and off, set it up, and say how it is doing."""

    disabling: Disabling

    @app_commands.command(name="enable", description="Turn on statistics, counters and the starboard")
    async def enable(self, interaction: Interaction) -> None:
        """Enable the module and say what to do next."""
        guild = guild_of(interaction)
        await self.module.enable(guild.id)
        lines = [
            _("Everything in it is still off. What to do next:"),
            _("• `/serverstats settings`: choose what is recorded; `/settings`: the timezone"),
            _("• `/serverstats counter create`: a voice channel that shows a number"),
            _("• `/serverstats starboard add`: a channel for messages with many stars"),
        ]
        troubles = _trouble_lines(self.module.troubles(guild.id))
        embed = make_embed(_("Serverstats enabled"), "\n".join([*lines, *troubles]), warning=bool(troubles))
        await answer(interaction, embed=embed)

    @app_commands.command(
        name="disable", description="Stop recording and delete everything that was recorded"
    )
    async def disable(self, interaction: Interaction) -> None:
        """Ask first, with the numbers of what would be deleted."""
        await self.disabling.ask(interaction)

    @app_commands.command(
        name="info", description="Show what is recorded in this server, and how that is going"
    )
    async def info(self, interaction: Interaction) -> None:
        """Show what is on, how recording is going, troubles, amounts and downtimes."""
        guild = guild_of(interaction)
        settings = self.module.require_settings(guild.id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        health = self.module.client.health.snapshot()
        found = troubles_of(health)
        stored = await self.module.count_stored(guild.id)
        downtimes = await self.statistics.fetch_downtimes(guild.id)
        timezone = self.statistics.timezone_of(guild.id)
        troubles = [*(trouble.text for trouble in found), *self.module.troubles(guild.id)]
        embed = make_embed(
            _("Serverstats"),
            "\n".join([*_recording_lines(settings, state_of(found)), *_trouble_lines(troubles)]),
            warning=bool(troubles),
        )
        enabled_at_ms = self.module.enabled_at_ms(guild.id)
        if enabled_at_ms is not None:
            embed.add_field(name=_("Enabled"), value=f"<t:{enabled_at_ms // 1000}:R>")
        embed.add_field(name=_("Timezone"), value=timezone)
        embed.add_field(name=_("Stored"), value=amounts_line(stored))
        embed.add_field(name=_("Recorded"), value=shorten(_groups(settings), FIELD_LENGTH), inline=False)
        embed.add_field(name=_("Counters"), value=_on(settings.counters_enabled))
        embed.add_field(name=_("Starboard"), value=_on(settings.starboard_enabled))
        health_text = "\n".join(health_lines(health, guild.shard_id))
        embed.add_field(name=_("Health"), value=shorten(health_text, FIELD_LENGTH), inline=False)
        embed.add_field(name=_("Times without data"), value=_downtime_lines(downtimes), inline=False)
        await answer(interaction, embed=embed)

    @app_commands.command(
        name="settings", description="Choose what is recorded and what is left out; counters and starboard"
    )
    async def settings(self, interaction: Interaction) -> None:
        """Open the settings screen at the page of this module."""
        await interaction.client.settings_screen.open(interaction, MODULE)


def _recording_lines(settings: ServerstatsSettings, state: HealthState) -> list[str]:
    if not settings.enabled_groups:
        return [_("Nothing is being recorded: choose what is with `/serverstats settings`.")]
    return [_("Recording is going well.")] if state is HealthState.OK else []


def _trouble_lines(troubles: tuple[str, ...] | list[str]) -> list[str]:
    return [f"⚠ {trouble}" for trouble in troubles]


def _groups(settings: ServerstatsSettings) -> str:
    return ", ".join(_(group.label) for group in Group if group in settings.enabled_groups) or _("nothing")


def _on(is_on: bool) -> str:
    return _("🟢 on") if is_on else _("⚪ off")


def _downtime_lines(downtimes: tuple[Downtime, ...]) -> str:
    if not downtimes:
        return _("none on record")
    latest = list(reversed(downtimes))
    lines = [_downtime_line(downtime) for downtime in latest[:DOWNTIMES_SHOWN]]
    if len(latest) > DOWNTIMES_SHOWN:
        more = len(latest) - DOWNTIMES_SHOWN
        lines.append("-# " + ngettext("… and {count} before", "… and {count} before", more))
    return "\n".join(lines)


def _downtime_line(downtime: Downtime) -> str:
    length = format_seconds((downtime.ended_at_ms - downtime.began_at_ms) / 1000)
    parts = [f"<t:{downtime.began_at_ms // 1000}:f>", length]
    if downtime.reason is Reason.OVERFLOW:
        parts.append(_("{records} lost", records=counted("records", downtime.lost_records)))
    return " · ".join(parts)
