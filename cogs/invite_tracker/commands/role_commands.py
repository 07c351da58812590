"""/invite_tracker role: which roles newcomers get by their link."""

import discord
from discord import app_commands

from bot.text.language import _, ngettext
from bot.ui.access import may_manage
from bot.ui.look import Interaction, answer, make_embed
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.invite_commands import choice_name
from cogs.invite_tracker.commands.role_list import describe_link, member_of
from cogs.invite_tracker.commands.scope import TrackerCommands

Choices = list[app_commands.Choice[str]]


class RoleCommands(TrackerCommands):
    """The commands about roles of newcomers."""

    role = app_commands.Group(name="role", description="Let links bring roles to those who come by them")

    @role.command(name="add", description="Give everyone who comes by a link a role")
    @app_commands.describe(
        code="The code or link, also the vanity URL; choose from the list or paste it",
        role="The role; below your own highest role, and below mine",
    )
    async def role_add(self, interaction: Interaction, code: str, role: discord.Role) -> None:
        """Let a link bring a role from now on."""
        guild = guild_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        link = await self.service.add_joiner_role(guild.id, code, role, member_of(interaction))
        lines = [
            describe_link(link),
            _(
                "I give it to members who join from now on, as soon as it is certain that they came by this link; "
                "never while several links fit. `/invite_tracker correct` neither gives nor takes roles."
            ),
        ]
        await answer(interaction, embed=make_embed(_("Roles of newcomers"), "\n".join(lines)))

    @role.command(name="remove", description="Let a link bring a role no more")
    @app_commands.describe(
        code="The code or link; choose from the list or paste it", role="The role; all of them when left out"
    )
    async def role_remove(
        self, interaction: Interaction, code: str, role: discord.Role | None = None
    ) -> None:
        """Take roles off a link; members keep what they have."""
        guild = guild_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        removed = await self.service.remove_joiner_roles(guild.id, code, None if role is None else role.id)
        names = ", ".join(f"<@&{rule.role_id}>" for rule in removed.roles)
        text = _(
            "`{code}` does not bring {roles} any more. Members keep the roles that they have.",
            code=removed.code,
            roles=names,
        )
        await answer(interaction, embed=make_embed(_("Roles of newcomers"), text))

    @role.command(name="list", description="Show which links bring which roles")
    async def role_list(self, interaction: Interaction) -> None:
        """Show the links, and what keeps their roles from being given."""
        await self.screens.roles.show(interaction)

    @role_add.autocomplete("code")
    async def complete_link(self, interaction: Interaction, typed: str) -> Choices:
        """Offer the live invites."""
        guild = interaction.guild
        if guild is None or not may_manage(interaction.permissions):
            return []
        found = await self.service.suggest_codes(guild.id, typed)
        choices = [
            app_commands.Choice(name=choice_name(guild, invite), value=invite.code) for invite in found
        ]
        vanity = guild.vanity_url_code
        if vanity is not None and vanity.lower().startswith(typed.lower()):
            choices.insert(0, app_commands.Choice(name=_("{code} · vanity URL", code=vanity), value=vanity))
        return choices[:25]

    @role_remove.autocomplete("code")
    async def complete_link_with_roles(self, interaction: Interaction, typed: str) -> Choices:
        """Offer the links that bring roles."""
        guild = interaction.guild
        if guild is None or not may_manage(interaction.permissions):
            return []
        found = await self.service.suggest_links_with_roles(guild.id, typed)
        return [
            app_commands.Choice(
                name=ngettext("{code} · {count} role", "{code} · {count} roles", count, code=code), value=code
            )
            for code, count in found
        ]
