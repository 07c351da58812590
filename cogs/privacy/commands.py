"""/privacy: for everybody about themselves, and never on record; every answer is for that person alone."""

from typing import Any, ClassVar, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import HeadcountClient
from bot.text.language import _, ngettext
from bot.ui.access import Access, AccessTable, check_command, check_manage
from bot.ui.actions import Press, button
from bot.ui.confirmation import Question
from bot.ui.look import Interaction, answer, make_embed
from bot.ui.paging import PagedList, ShownPage
from bot.ui.scope import guild_of
from cogs.privacy.service import PrivacyService, person_of
from cogs.privacy.wording import (
    counts_embed,
    info_embed,
    kept_in_general,
    question_embed,
    report_embed,
    shared_servers_embed,
)

COMMAND_ACCESS: Final = {
    "privacy get_data": Access.EVERYONE,
    "privacy delete_data": Access.EVERYONE,
    "privacy info": Access.EVERYONE,
    "privacy shared_servers": Access.EVERYONE,
    "privacy opted_out": Access.MANAGE_SERVER,
}

OPT_OUT: Final = "privacy.opt_out"
OPT_IN: Final = "privacy.opt_in"
PEOPLE_PER_PAGE: Final = 20


@app_commands.guild_only()
class PrivacyCommands(
    commands.GroupCog, group_name="privacy", group_description="What is stored of you here"
):
    """The group /privacy."""

    command_access: ClassVar[AccessTable] = COMMAND_ACCESS

    def __init__(self, client: HeadcountClient, service: PrivacyService) -> None:
        self.service = service
        self._question = Question(client.actions, "privacy.delete", self._delete)
        self._opt_outs = PagedList(client.actions, "privacy.opted_out", self._fetch_opt_outs)
        client.actions.on(OPT_OUT, self._opt_out)
        client.actions.on(OPT_IN, self._opt_in)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Refuse people who may not use the command."""
        check_command(interaction, COMMAND_ACCESS)
        return True

    @app_commands.command(
        name="get_data", description="Show how many references to you are stored in this server"
    )
    async def get_data(self, interaction: Interaction) -> None:
        """Show the counts, module by module."""
        guild = guild_of(interaction)
        # To look through the records of a large server may take longer than Discord waits.
        await interaction.response.defer(ephemeral=True)
        counts = await self.service.count(guild.id, person_of(interaction.user))
        await answer(interaction, embed=counts_embed(counts))

    @app_commands.command(
        name="delete_data", description="Delete everything that refers to you in this server"
    )
    async def delete_data(self, interaction: Interaction) -> None:
        """Show what would be deleted and what would stay, and ask."""
        guild = guild_of(interaction)
        await interaction.response.defer(ephemeral=True)
        preview = await self.service.preview_erasure(guild.id, person_of(interaction.user))
        general = await self._kept(guild, interaction.user.id)
        await self._question.ask(interaction, question_embed(preview, general), yes=_("Delete my data"))

    @app_commands.command(name="info", description="Show what is stored of people, and opt out or in")
    async def info(self, interaction: Interaction) -> None:
        """Show what is kept, with the button that fits."""
        guild = guild_of(interaction)
        opted_out_at_ms = await self.service.opted_out_at_ms(guild.id, interaction.user.id)
        view = _switch(interaction.user.id, is_opted_out=opted_out_at_ms is not None)
        await answer(interaction, embed=self._info(opted_out_at_ms), view=view)

    @app_commands.command(name="shared_servers", description="Show in which servers both you and I are")
    async def shared_servers(self, interaction: Interaction) -> None:
        """Show the servers by name."""
        await interaction.response.defer(ephemeral=True)
        shared = await self.service.fetch_shared_servers(interaction.user.id)
        await answer(interaction, embed=shared_servers_embed(shared))

    @app_commands.command(
        name="opted_out", description="Show who opted out in this server; only they can change it"
    )
    async def opted_out(self, interaction: Interaction) -> None:
        """Show the people, the latest first."""
        await self._opt_outs.show(interaction)

    async def _delete(self, interaction: Interaction, _arguments: tuple[str, ...]) -> discord.Embed:
        guild = guild_of(interaction)
        done = await self.service.erase(guild.id, person_of(interaction.user))
        return report_embed(done, await self._kept(guild, interaction.user.id))

    async def _kept(self, guild: discord.Guild, user_id: int) -> list[str]:
        opted_out_at_ms = await self.service.opted_out_at_ms(guild.id, user_id)
        return kept_in_general(is_opted_out=opted_out_at_ms is not None, is_owner=guild.owner_id == user_id)

    def _info(self, opted_out_at_ms: int | None) -> discord.Embed:
        return info_embed(opted_out_at_ms, self.service.joins_kept_days)

    async def _opt_out(self, interaction: Interaction, _press: Press) -> None:
        guild = guild_of(interaction)
        # While the database is busy to write may take longer than Discord waits.
        await interaction.response.defer()
        await self.service.opt_out(guild.id, interaction.user.id)
        await self._show_anew(interaction, guild)

    async def _opt_in(self, interaction: Interaction, _press: Press) -> None:
        guild = guild_of(interaction)
        await interaction.response.defer()
        await self.service.opt_in(guild.id, interaction.user.id)
        await self._show_anew(interaction, guild)

    async def _show_anew(self, interaction: Interaction, guild: discord.Guild) -> None:
        opted_out_at_ms = await self.service.opted_out_at_ms(guild.id, interaction.user.id)
        await interaction.edit_original_response(
            embed=self._info(opted_out_at_ms),
            view=_switch(interaction.user.id, is_opted_out=opted_out_at_ms is not None),
        )

    async def _fetch_opt_outs(
        self, interaction: Interaction, _arguments: tuple[str, ...], page: int
    ) -> ShownPage:
        check_manage(interaction)
        found = await self.service.fetch_opt_outs(guild_of(interaction).id, page, PEOPLE_PER_PAGE)
        lines = [f"<@{user_id}> · <t:{at_ms // 1000}:R>" for user_id, at_ms in found.rows]
        embed = make_embed(
            _("Opted out"),
            "\n".join(lines) or _("Nobody has opted out in this server."),
            footer=ngettext("{count} person", "{count} people", found.total) if lines else None,
        )
        return ShownPage(embed, found.page, found.pages)


def _switch(owner_id: int, *, is_opted_out: bool) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    if is_opted_out:
        view.add_item(button(OPT_IN, owner_id=owner_id, label=_("Opt in"), style=discord.ButtonStyle.success))
    else:
        view.add_item(
            button(OPT_OUT, owner_id=owner_id, label=_("Opt out"), style=discord.ButtonStyle.danger)
        )
    return view
