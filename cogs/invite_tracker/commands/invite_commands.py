"""/invite_tracker create, delete, list and serverlink: the links themselves."""

import discord
from discord import app_commands

from bot.errors import UnprocessableEntityError
from bot.ui.access import check_create_invite
from bot.ui.look import Interaction, answer, fit_lines, make_embed, safe_name, shorten
from bot.ui.paging import ShownPage, show_pages
from bot.ui.scope import guild_of
from cogs.invite_tracker.commands.scope import TrackerCommands
from cogs.invite_tracker.invite_links import invite_url
from cogs.invite_tracker.service import InviteChannel
from storage.records import KnownInvite

INVITES_PER_PAGE = 10
CHOICE_NAME_LENGTH = 100

MAX_AGES = (
    ("30 minutes", 1_800),
    ("1 hour", 3_600),
    ("6 hours", 21_600),
    ("12 hours", 43_200),
    ("1 day", 86_400),
    ("7 days", 604_800),
    ("Never expires", 0),
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
    ) -> None:
        """Make a link at Discord; its joins count for the person who asked."""
        guild = guild_of(interaction)
        place = channel or _invitable(interaction.channel)
        check_create_invite(interaction, place)
        await interaction.response.defer(ephemeral=True)
        invite = await self.service.create_invite(
            guild.id,
            place.id,
            max_uses=max_uses,
            max_age_seconds=max_age,
            is_temporary=temporary,
            for_user_id=interaction.user.id,
        )
        uses = _uses(invite.max_uses) if invite.max_uses else "no limit of uses"
        lines = [
            f"**{invite_url(invite.code)}**",
            f"Leads to {place.mention} · {uses} · {_expiry(invite)}",
            f"Counts for {interaction.user.mention}.",
        ]
        if invite.is_temporary:
            lines.insert(2, "Those who get no role are removed when they go offline.")
        await answer(interaction, embed=make_embed("Your invite link", "\n".join(lines)))

    @app_commands.command(name="delete", description="Delete an invite link of this server")
    @app_commands.describe(code="The code or link; choose from the list or paste it")
    async def delete(self, interaction: Interaction, code: str) -> None:
        """Delete an invite at Discord; what it brought stays counted."""
        guild = guild_of(interaction)
        await interaction.response.defer(ephemeral=True)
        deleted = await self.service.delete_invite(guild.id, code)
        await answer(
            interaction,
            embed=make_embed(
                "Invite deleted", f"`{deleted}` does not work any more. Its joins stay counted."
            ),
        )

    @delete.autocomplete("code")
    async def complete_code(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the live invites, to those who may delete them."""
        guild = interaction.guild
        if guild is None or not interaction.permissions.administrator:
            return []
        found = await self.service.suggest_codes(guild.id, typed)
        return [app_commands.Choice(name=_choice_name(guild, invite), value=invite.code) for invite in found]

    @app_commands.command(name="list", description="List the known invite links of this server")
    async def list_invites(self, interaction: Interaction) -> None:
        """Show the live invites, most used first."""
        guild = guild_of(interaction)

        async def fetch_page(page: int) -> ShownPage:
            found = await self.service.fetch_invite_page(guild.id, page, INVITES_PER_PAGE)
            text = fit_lines(
                [_invite_line(invite) for invite in found.invites],
                4000,
                lambda left_out: f"… and {left_out} more on this page",
            )
            embed = make_embed(
                "Known invite links",
                text or "There are no invite links that I know of. `/invite_tracker create` makes one.",
                footer=_total(found.total),
            )
            return ShownPage(embed, found.page, found.pages)

        await show_pages(interaction, fetch_page, command="invite_tracker list")

    @app_commands.command(name="serverlink", description="Get the link that this server wants to be shared")
    async def serverlink(self, interaction: Interaction) -> None:
        """Show the shared link, or say that there is none."""
        stored = await self.service.fetch_settings(guild_of(interaction).id)
        link = stored.settings.server_shared_invite_link
        if link is None:
            await answer(
                interaction,
                "This server has no shared link; use `/invite_tracker create` for one of your own.",
            )
            return
        await answer(interaction, embed=make_embed("Shared link of this server", f"**{link}**"))


def _invitable(channel: object) -> discord.abc.GuildChannel:
    """Return the channel of the command, for a thread the channel that it hangs from."""
    place = channel.parent if isinstance(channel, discord.Thread) else channel
    if isinstance(place, InviteChannel):
        return place
    raise UnprocessableEntityError(
        "Invites cannot be made for this channel; name one in the option `channel`."
    )


def _total(links: int) -> str | None:
    if links == 0:
        return None
    return "1 link" if links == 1 else f"{links} links, most used first"


def _uses(count: int) -> str:
    return "1 use" if count == 1 else f"{count} uses"


def _expiry(invite: KnownInvite) -> str:
    if invite.expires_at_ms is None:
        return "never expires"
    return f"expires <t:{invite.expires_at_ms // 1000}:R>"


def _invite_line(invite: KnownInvite) -> str:
    uses = f"{invite.uses}/{invite.max_uses} uses" if invite.max_uses else _uses(invite.uses)
    inviter = f"by <@{invite.inviter_id}>" if invite.inviter_id else "no inviter"
    place = f"<#{invite.channel_id}>" if invite.channel_id else "no channel"
    label = f" **{safe_name(invite.label)}**" if invite.label else ""
    return f"`{invite.code}`{label} · {uses} · {_expiry(invite)}\n-# {place} · {inviter}"


def _choice_name(guild: discord.Guild, invite: KnownInvite) -> str:
    """Return plain text: Discord shows no markdown in choices."""
    parts = [invite.code]
    if invite.label:
        parts.append(invite.label)
    channel = guild.get_channel(invite.channel_id) if invite.channel_id else None
    if channel is not None:
        parts.append(f"#{channel.name}")
    parts.append(_uses(invite.uses))
    return shorten(" · ".join(parts), CHOICE_NAME_LENGTH)
