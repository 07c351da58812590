"""Who may use which command: the rules, and what people who may not are told.

Discord hides a command by permissions only as a whole, never a subcommand; so everything is checked here.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import discord
from discord import app_commands

from bot.errors import ForbiddenError
from bot.text.language import _


class Access(Enum):
    """A rule about the person; the value is how it reads in documentation."""

    EVERYONE = "everyone"
    OWN_RECORDS = "everyone about themselves; about others Administrator or Manage Server"
    CREATE_INVITE = "Create Invite in the invite's channel, or Administrator"
    MANAGE_SERVER = "Administrator or Manage Server"
    MANAGE_ROLES = "Administrator, or Manage Server and Manage Roles"
    ADMINISTRATOR = "Administrator"


AccessTable = Mapping[str, Access]
"""Rules by the qualified name of the command, e.g. `invite_tracker settings rules`."""


class AccessRefusedError(ForbiddenError, app_commands.CheckFailure):
    """The person lacks a permission; nothing was done."""


def may_manage(permissions: discord.Permissions) -> bool:
    """Whether this person may change settings and see the records of others."""
    return permissions.administrator or permissions.manage_guild


def check_command(interaction: discord.Interaction[Any], table: AccessTable) -> None:
    """Raise AccessRefusedError when the person may not use this command at all.

    The two rules that depend on an option, `CREATE_INVITE` and `OWN_RECORDS`, are left to their commands.
    """
    if interaction.command is None:
        return
    match table[interaction.command.qualified_name]:
        case Access.ADMINISTRATOR:
            check_administrator(interaction)
        case Access.MANAGE_SERVER:
            check_manage(interaction)
        case Access.MANAGE_ROLES:
            check_manage_roles(interaction)
        case Access.EVERYONE | Access.OWN_RECORDS | Access.CREATE_INVITE:
            pass


def check_administrator(interaction: discord.Interaction[Any]) -> None:
    """Raise AccessRefusedError unless the person is an administrator."""
    if not interaction.permissions.administrator:
        raise AccessRefusedError(_("You need the permission Administrator for this."))


def check_manage(interaction: discord.Interaction[Any]) -> None:
    """Raise AccessRefusedError unless the person is an administrator or may manage the server."""
    if not may_manage(interaction.permissions):
        raise AccessRefusedError(_("You need the permission Administrator or Manage Server for this."))


def check_manage_roles(interaction: discord.Interaction[Any]) -> None:
    """Raise AccessRefusedError unless the person is an administrator, or may manage the server and its roles."""
    permissions = interaction.permissions
    if not (may_manage(permissions) and (permissions.administrator or permissions.manage_roles)):
        raise AccessRefusedError(
            _("You need the permission Administrator, or Manage Server and Manage Roles, for this.")
        )


def check_create_invite(interaction: discord.Interaction[Any], channel: discord.abc.GuildChannel) -> None:
    """Raise AccessRefusedError unless the person could make an invite in this channel by hand."""
    if isinstance(interaction.user, discord.Member):
        permissions = channel.permissions_for(interaction.user)
        if permissions.create_instant_invite or permissions.administrator:
            return
    raise AccessRefusedError(
        _("You need the permission Create Invite in {channel} for this.", channel=channel.mention)
    )
