"""Which roles may be given to whoever has a link: by the bot, and at the wish of this admin."""

from typing import Final

import discord

from bot.errors import DiscordRefusedError, ForbiddenError, UnprocessableEntityError
from bot.permissions import list_permissions
from bot.text.language import N_, _, ngettext

POWERS: Final = {
    "administrator": N_("Administrator"),
    "manage_guild": N_("Manage Server"),
    "manage_roles": N_("Manage Roles"),
    "manage_channels": N_("Manage Channels"),
    "manage_messages": N_("Manage Messages"),
    "manage_threads": N_("Manage Threads"),
    "manage_webhooks": N_("Manage Webhooks"),
    "manage_nicknames": N_("Manage Nicknames"),
    "manage_expressions": N_("Manage Expressions"),
    "manage_events": N_("Manage Events"),
    "kick_members": N_("Kick Members"),
    "ban_members": N_("Ban Members"),
    "moderate_members": N_("Timeout Members"),
    "mention_everyone": N_("Mention Everyone"),
    "view_audit_log": N_("View Audit Log"),
}
"""Links are passed on, and leak: whoever finds one must not be able to harm the server."""

MISSING_PERMISSION: Final = N_(
    "I need the permission Manage Roles to give newcomers the roles of their links."
)


def find_obstacle(guild: discord.Guild, role_id: int) -> str | None:
    """Return why the bot does not give a role now, one sentence in the language of the context; None when it does."""
    role = guild.get_role(role_id)
    if role is None:
        return _(
            "A role that a link brings was deleted; `/invite_tracker role remove` takes it off the list."
        )
    if unfit := _find_unfit(guild, role):
        return unfit
    if not guild.me.guild_permissions.manage_roles:
        return _(MISSING_PERMISSION)
    if role >= guild.me.top_role:
        return _(
            "To give {role} I need a role that stands above it (Server Settings → Roles).", role=role.mention
        )
    return None


def check_may_set(guild: discord.Guild, role: discord.Role, admin: discord.Member) -> None:
    """Refuse a role that the bot cannot give, that is too much for a link, or that the admin could not give by hand."""
    if unfit := _find_unfit(guild, role):
        raise UnprocessableEntityError(unfit)
    # An interaction's permissions are those in its channel, where Manage Roles stands for Manage Permissions only.
    if not admin.guild_permissions.manage_roles:
        raise ForbiddenError(
            _("You need the permission Administrator, or Manage Server and Manage Roles, for this.")
        )
    if guild.owner_id != admin.id and role >= admin.top_role:
        raise ForbiddenError(
            _("You can choose only roles below your own highest one; {role} is not.", role=role.mention)
        )
    if obstacle := find_obstacle(guild, role.id):
        raise DiscordRefusedError(obstacle)


def _find_unfit(guild: discord.Guild, role: discord.Role) -> str | None:
    """Return why nobody should get this role by a link."""
    if role.id == guild.id:
        return _("Everybody has @everyone already.")
    if role.managed:
        return _("{role} is managed by Discord or by a bot: nobody else can give it.", role=role.mention)
    powers = [title for name, title in POWERS.items() if getattr(role.permissions, name)]
    if not powers:
        return None
    return ngettext(
        "{role} has the permission {powers}; that is too much for whoever has a link.",
        "{role} has the permissions {powers}; that is too much for whoever has a link.",
        len(powers),
        role=role.mention,
        powers=list_permissions(powers),
    )
