"""The command /doctor and its button: they show what the checks found in the server."""

from typing import Any, ClassVar, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.doctor.examination import examine_server
from bot.ui.access import AccessTable, check_command, check_manage
from bot.ui.actions import Press
from bot.ui.look import NO_PINGS, Interaction, answer
from bot.ui.scope import guild_of
from cogs.doctor.access import COMMAND_ACCESS
from cogs.doctor.wording import again_button, report_embed

AGAIN: Final = "doctor.again"


class DoctorCommands(commands.Cog):
    """The command /doctor."""

    command_access: ClassVar[AccessTable] = COMMAND_ACCESS

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Refuse people who may not use the command."""
        check_command(interaction, COMMAND_ACCESS)
        return True

    @app_commands.command(name="doctor", description="Check what keeps me from working in this server")
    @app_commands.guild_only()
    async def doctor(self, interaction: Interaction) -> None:
        """Show what there is to say about this server."""
        embed = await _examine(interaction)
        await answer(interaction, embed=embed, view=_controls(interaction))


async def check_again(interaction: Interaction, _press: Press) -> None:
    """Show on the same message how it is now."""
    check_manage(interaction)
    embed = await _examine(interaction)
    await interaction.response.edit_message(
        embed=embed, view=_controls(interaction), allowed_mentions=NO_PINGS
    )


async def _examine(interaction: Interaction) -> discord.Embed:
    guild = guild_of(interaction)
    findings = await examine_server(interaction.client, guild)
    return report_embed(findings, guild, interaction.client.parts.clock.now_ms())


def _controls(interaction: Interaction) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(again_button(AGAIN, interaction.user.id))
    return view
