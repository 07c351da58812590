"""/invite_tracker export: what is on record, as a file."""

from contextlib import aclosing
from io import BytesIO
from typing import Final, Literal

import discord
from discord import app_commands

from bot.errors import ForbiddenError
from bot.text.language import _, ngettext
from bot.ui.look import NO_PINGS, Interaction, make_embed
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.scope import TrackerCommands
from cogs.invite_tracker.transfer.writing import Format

FILES_MOST: Final = 10
"""More than that is no way to hand over a file, and Discord takes answers for fifteen minutes only."""


class TransferCommands(TrackerCommands):
    """The command that takes records out."""

    @app_commands.command(name="export", description="Get what is on record as a file, for you alone")
    @app_commands.describe(
        what="Which records; joins when left out",
        file_format="CSV opens in a spreadsheet, JSON lines are for programs; CSV when left out",
    )
    @app_commands.rename(file_format="format")
    async def export(
        self,
        interaction: Interaction,
        what: Literal["joins", "invites", "bonuses"] = "joins",
        file_format: Literal["csv", "jsonl"] = "csv",
    ) -> None:
        """Send as many files as it takes, up to FILES_MOST, each as large as Discord takes here."""
        guild = guild_of(interaction)
        # Reading takes longer than Discord waits; what is wrong is told to the person alone, too.
        await interaction.response.defer(thinking=True, ephemeral=True)
        if not interaction.app_permissions.attach_files:
            raise ForbiddenError(_("I lack the permission Attach Files in this channel."))
        embed = make_embed(_("Export"), _export_text())
        number = 0
        async with aclosing(self.service.export(guild.id, what, Format(file_format))) as files:
            async for content in files:
                number += 1
                if number > FILES_MOST:
                    await interaction.followup.send(
                        embed=_unsent_embed(what), ephemeral=True, allowed_mentions=NO_PINGS
                    )
                    return
                name = f"{what}-{guild.id}-{number}.{file_format}"
                file = discord.File(BytesIO(content), filename=name)
                if number == 1:
                    await interaction.followup.send(
                        embed=embed, file=file, ephemeral=True, allowed_mentions=NO_PINGS
                    )
                else:
                    await interaction.followup.send(file=file, ephemeral=True, allowed_mentions=NO_PINGS)


def _export_text() -> str:
    return "\n".join(
        (
            _("Times are in UTC. People who asked not to be named are in it without their ids."),
            _("-# These are records about people: keep the file where others cannot read it."),
        )
    )


def _unsent_embed(what: str) -> discord.Embed:
    command = f"`python -m bot export --what {what}`"
    text = ngettext(
        "There is more than {count} file can hold here.",
        "There is more than {count} files can hold here.",
        FILES_MOST,
    )
    rest = _("Whoever runs me gets everything in one file: {command}", command=command)
    return make_embed(_("Export"), f"{text}\n{rest}", warning=True)
