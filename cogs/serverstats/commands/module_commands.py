"""/serverstats enable, disable, info and settings: the module itself."""

import discord
from discord import app_commands

from bot.charts.wording import format_seconds
from bot.recorder import RecorderStatus
from bot.text.numbers import with_unit
from bot.ui.access import check_manage
from bot.ui.confirmation import ask
from bot.ui.look import Interaction, answer, make_embed, shorten
from bot.ui.scope import guild_of
from cogs.serverstats.commands.scope import ServerstatsCog
from cogs.serverstats.commands.settings_screen import open_settings_screen
from cogs.serverstats.service import Amounts
from cogs.serverstats.settings import ServerstatsSettings
from storage.statistics.catalogue import Group
from storage.statistics.downtimes import Downtime, Reason

DOWNTIMES_SHOWN = 3


class ModuleCommands(ServerstatsCog):
    """The commands that turn the module on and off, set it up, and say how it is doing."""

    @app_commands.command(name="enable", description="Turn on statistics, counters and the starboard")
    async def enable(self, interaction: Interaction) -> None:
        """Enable the module and say what to do next."""
        guild = guild_of(interaction)
        await self.module.enable(guild.id)
        lines = [
            "Everything in it is still off. What to do next:",
            "• `/serverstats settings`: choose what is recorded, and the timezone",
            "• `/serverstats counter create`: a voice channel that shows a number",
            "• `/serverstats starboard add`: a channel for messages with many stars",
        ]
        troubles = _trouble_lines(self.module.troubles(guild.id))
        embed = make_embed("Serverstats enabled", "\n".join([*lines, *troubles]), warning=bool(troubles))
        await answer(interaction, embed=embed)

    @app_commands.command(
        name="disable", description="Stop recording and delete everything that was recorded"
    )
    async def disable(self, interaction: Interaction) -> None:
        """Ask first, with the numbers of what would be deleted."""
        guild = guild_of(interaction)
        self.module.require_settings(guild.id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        stored = await self.module.count_stored(guild.id)
        question = make_embed(
            "Disable serverstats?",
            f"This deletes for this server: {_amounts(stored)}, and all settings of serverstats.\n"
            "The channels of the counters are deleted, too, except those that existed before. "
            "Messages on starboards stay.\n"
            "**It cannot be undone.**",
            warning=True,
        )

        async def act(confirmed: Interaction) -> discord.Embed:
            check_manage(confirmed)
            deleted = await self.module.count_stored(guild.id)
            left = await self.module.disable(guild.id)
            lines = [
                f"Deleted: {_amounts(deleted)}, and all settings.",
                *(f"⚠ {sentence}" for sentence in left),
            ]
            return make_embed("Serverstats disabled", "\n".join(lines), warning=bool(left))

        await ask(interaction, question, yes="Delete and disable", act=act, command="serverstats disable")

    @app_commands.command(
        name="info", description="Show what is recorded in this server, and how that is going"
    )
    async def info(self, interaction: Interaction) -> None:
        """Show what is on, how recording is going, troubles, amounts and downtimes."""
        guild = guild_of(interaction)
        settings = self.module.require_settings(guild.id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        status = self.module.client.parts.recorder.status
        stored = await self.module.count_stored(guild.id)
        downtimes = await self.statistics.fetch_downtimes(guild.id)
        timezone = await self.statistics.fetch_timezone(guild.id)
        troubles = [*_recorder_troubles(status), *self.module.troubles(guild.id)]
        embed = make_embed(
            "Serverstats",
            "\n".join([_recorder_line(settings, status), *_trouble_lines(troubles)]),
            warning=bool(troubles),
        )
        enabled_at_ms = self.module.enabled_at_ms(guild.id)
        if enabled_at_ms is not None:
            embed.add_field(name="Enabled", value=f"<t:{enabled_at_ms // 1000}:R>")
        embed.add_field(name="Timezone", value=timezone)
        embed.add_field(name="Stored", value=_amounts(stored) or "nothing")
        embed.add_field(name="Recorded", value=shorten(_groups(settings), 1024), inline=False)
        embed.add_field(name="Counters", value=_on(settings.counters_enabled))
        embed.add_field(name="Starboard", value=_on(settings.starboard_enabled))
        embed.add_field(name="Times without data", value=_downtime_lines(downtimes), inline=False)
        await answer(interaction, embed=embed)

    @app_commands.command(
        name="settings", description="Choose what is recorded, what is left out, and the timezone"
    )
    async def settings(self, interaction: Interaction) -> None:
        """Open the screen of settings."""
        await open_settings_screen(interaction, self.module, self.statistics)


def _recorder_line(settings: ServerstatsSettings, status: RecorderStatus) -> str:
    if not settings.enabled_groups:
        return "Nothing is being recorded: choose what is with `/serverstats settings`."
    if status.failing_since_ms is not None:
        return f"{with_unit(status.waiting, 'records')} of all servers wait to be stored."
    return "Recording is going well."


def _recorder_troubles(status: RecorderStatus) -> list[str]:
    """Return what keeps the recorder from storing; the database's own words stay in the log."""
    troubles = []
    if status.failing_since_ms is not None:
        troubles.append(
            f"The database could not be written since <t:{status.failing_since_ms // 1000}:R>; "
            f"{with_unit(status.waiting, 'records')} wait, and there is room for {status.capacity:,}. "
            "The operator finds the reason in the log."
        )
    if status.lost:
        troubles.append(
            f"{with_unit(status.lost, 'records')} of all servers had to be given up since my last start, "
            "as the database could not be written."
        )
    return troubles


def _trouble_lines(troubles: tuple[str, ...] | list[str]) -> list[str]:
    return [f"⚠ {trouble}" for trouble in troubles]


def _groups(settings: ServerstatsSettings) -> str:
    return ", ".join(group.label for group in Group if group in settings.enabled_groups) or "nothing"


def _on(is_on: bool) -> str:
    return "🟢 on" if is_on else "⚪ off"


def _amounts(stored: Amounts) -> str:
    return ", ".join(f"**{with_unit(count, what).replace(' ', '** ', 1)}" for what, count in stored)


def _downtime_lines(downtimes: tuple[Downtime, ...]) -> str:
    if not downtimes:
        return "none on record"
    latest = list(reversed(downtimes))
    lines = [_downtime_line(downtime) for downtime in latest[:DOWNTIMES_SHOWN]]
    if len(latest) > DOWNTIMES_SHOWN:
        lines.append(f"-# … and {len(latest) - DOWNTIMES_SHOWN} before")
    return "\n".join(lines)


def _downtime_line(downtime: Downtime) -> str:
    length = format_seconds((downtime.ended_at_ms - downtime.began_at_ms) / 1000)
    line = f"<t:{downtime.began_at_ms // 1000}:f> · {length}"
    if downtime.reason is Reason.OVERFLOW:
        return f"{line} · {with_unit(downtime.lost_records, 'records')} lost"
    return line
