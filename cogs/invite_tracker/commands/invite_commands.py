"""/invite_tracker create, delete, list and serverlink: the links themselves."""

import discord
from discord import app_commands

from bot.errors import UnprocessableEntityError
from bot.text.language import N_, _
from bot.ui.access import check_create_invite, check_manage_roles
from bot.ui.look import Interaction, answer, make_embed, shorten
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.lists import describe_expiry, describe_uses
from cogs.invite_tracker.commands.role_list import describe_giver, member_of
from cogs.invite_tracker.commands.scope import TrackerCommands
from cogs.invite_tracker.invite_links import invite_url
from cogs.invite_tracker.joiner_roles.requests import InviteWish
from cogs.invite_tracker.service import InviteChannel
from storage.records import KnownInvite

CHOICE_NAME_LENGTH = 100

MAX_AGES = (
    (N_("30 minutes"), 1_800),
    (N_("1 hour"), 3_600),
    (N_("6 hours"), 21_600),
    (N_("12 hours"), 43_200),
    (N_("1 day"), 86_400),
    (N_("7 days"), 604_800),
    (N_("Never expires"), 0),
)
"""The choices that Discord's own dialogue offers."""


class InviteCommands(TrackerCommands):
    """The commands about invite links."""

    @app_commands.command(name="create", description="Make an invite link that counts for you")
    @app_commands.describe(
        channel="Where the link leads; this channel when left out",
        max_uses="How often it can be used, 1 to 100; 0 for no limit",
        max_age="How long it is valid; 7 days when left out",
        temporary="Whether those who get no role are removed when they go offline",
        role="A role for everyone who comes by the link; needs Manage Server and Manage Roles",
    )
    @app_commands.choices(
        max_age=[app_commands.Choice(name=name, value=seconds) for name, seconds in MAX_AGES]
    )
    async def create(
        self,
        interaction: Interaction,
        channel: InviteChannel | None = None,
        max_uses: app_commands.Range[int, 0, 100] = 0,
        max_age: int = 604_800,
        temporary: bool = False,
        role: discord.Role | None = None,
    ) -> None:
        """Make a link at Discord; its joins count for the person who asked."""
        guild = guild_of(interaction)
        place = channel or _invitable(interaction.channel)
        check_create_invite(interaction, place)
        if role is not None:
            check_manage_roles(interaction)
        await interaction.response.defer(ephemeral=True)
        is_given_by_discord = False
        if role is None:
            invite = await self.service.create_invite(
                guild.id,
                place.id,
                max_uses=max_uses,
                max_age_seconds=max_age,
                is_temporary=temporary,
                for_user_id=interaction.user.id,
            )
        else:
            invite, is_given_by_discord = await self.service.create_invite_with_role(
                guild.id,
                place.id,
                role,
                member_of(interaction),
                wish=InviteWish(max_uses, max_age, temporary),
            )
        uses = describe_uses(invite.max_uses) if invite.max_uses else _("no limit of uses")
        target = _("Leads to {channel}", channel=place.mention)
        lines = [
            f"**{invite_url(invite.code)}**",
            f"{target} · {uses} · {describe_expiry(invite)}",
            _("Counts for {person}.", person=interaction.user.mention),
        ]
        if invite.is_temporary:
            lines.insert(2, _("Those who get no role are removed when they go offline."))
        if role is not None:
            lines.append(describe_giver(role, is_given_by_discord=is_given_by_discord))
        await answer(interaction, embed=make_embed(_("Your invite link"), "\n".join(lines)))

    @app_commands.command(name="delete", description="Delete an invite link of this server")
    @app_commands.describe(code="The code or link; choose from the list or paste it")
    async def delete(self, interaction: Interaction, code: str) -> None:
        """Delete an invite at Discord; what it brought stays counted."""
        guild = guild_of(interaction)
        await interaction.response.defer(ephemeral=True)
        deleted = await self.service.delete_invite(guild.id, code)
        text = _("`{code}` does not work any more. Its joins stay counted.", code=deleted)
        await answer(interaction, embed=make_embed(_("Invite deleted"), text))

    @delete.autocomplete("code")
    async def complete_code(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the live invites, to those who may delete them."""
        guild = interaction.guild
        if guild is None or not interaction.permissions.administrator:
            return []
        found = await self.service.suggest_codes(guild.id, typed)
        return [app_commands.Choice(name=choice_name(guild, invite), value=invite.code) for invite in found]

    @app_commands.command(name="list", description="List the known invite links of this server")
    async def list_invites(self, interaction: Interaction) -> None:
        """Show the live invites, most used first."""
        await self.screens.links.show(interaction)

    @app_commands.command(name="serverlink", description="Get the link that this server wants to be shared")
    async def serverlink(self, interaction: Interaction) -> None:
        """Show the shared link, or say that there is none."""
        stored = await self.service.fetch_settings(guild_of(interaction).id)
        link = stored.values.server_shared_invite_link
        if link is None:
            await answer(
                interaction,
                _("This server has no shared link; use `/invite_tracker create` for one of your own."),
            )
            return
        await answer(interaction, embed=make_embed(_("Shared link of this server"), f"**{link}**"))


def _invitable(channel: object) -> discord.abc.GuildChannel:
    """Return the channel of the command, for a thread the channel that it hangs from."""
    place = channel.parent if isinstance(channel, discord.Thread) else channel
    if isinstance(place, InviteChannel):
        return place
    raise UnprocessableEntityError(
        _("Invites cannot be made for this channel; name one in the option `channel`.")
    )


def choice_name(guild: discord.Guild, invite: KnownInvite) -> str:
    """Return an invite as a choice, in plain text: Discord shows no markdown there."""
    parts = [invite.code]
    if invite.label:
        parts.append(invite.label)
    channel = guild.get_channel(invite.channel_id) if invite.channel_id else None
    if channel is not None:
        parts.append(f"#{channel.name}")
    parts.append(describe_uses(invite.uses))
    return shorten(" · ".join(parts), CHOICE_NAME_LENGTH)
