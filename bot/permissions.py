"""The permissions that the bot asks for when it is invited: no more than its features need."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.text.language import N_, _


@dataclass(frozen=True, slots=True)
class NeededPermission:
    """A permission of the bot in a server."""

    name: str
    """As discord.py calls it."""
    title: str
    """As Discord's own settings call it; for the catalogue, as is the next."""
    without: str
    """What is lost when it is missing."""


NEEDED_PERMISSIONS = (
    NeededPermission(
        "view_audit_log",
        N_("View Audit Log"),
        N_("joins by links that end with a last use stay open, who added a bot unknown"),
    ),
    NeededPermission(
        "manage_guild",
        N_("Manage Server"),
        N_("Discord hides how often invites were used: no join is attributed"),
    ),
    NeededPermission(
        "manage_channels",
        N_("Manage Channels"),
        N_(
            "new and deleted invites are noticed only at the next fetch, and counters cannot be made or renamed"
        ),
    ),
    NeededPermission("create_instant_invite", N_("Create Invite"), N_("invites cannot be made by command")),
    NeededPermission(
        "view_channel",
        N_("View Channels"),
        N_("hidden channels are out of reach: nothing in them is counted or starred, nothing is sent there"),
    ),
    NeededPermission(
        "send_messages",
        N_("Send Messages"),
        N_("join and leave messages, leaderboards, starboard posts and reached goals are not sent"),
    ),
    NeededPermission(
        "embed_links",
        N_("Embed Links"),
        N_("messages with embeds, leaderboards and starboard posts are not sent"),
    ),
    NeededPermission(
        "manage_roles",
        N_("Manage Roles"),
        N_(
            "members of a role cannot be counted on a counter, and newcomers do not get the roles of their links"
        ),
    ),
    NeededPermission(
        "attach_files",
        N_("Attach Files"),
        N_("statistics, leaderboards and trees come without pictures, and records cannot be exported"),
    ),
    NeededPermission(
        "read_message_history",
        N_("Read Message History"),
        N_("stars cannot be counted: nothing reaches a starboard"),
    ),
    NeededPermission("connect", N_("Connect"), N_("voice channels cannot serve as counters")),
)
"""Manage Messages and Add Reactions are not among them: the bot only deletes its own messages and never reacts."""


def needed_permissions() -> discord.Permissions:
    """Return all of them as Discord's bits."""
    return discord.Permissions(**{permission.name: True for permission in NEEDED_PERMISSIONS})


def list_permissions(titles: Sequence[str]) -> str:
    """Return "A", or "A, B and C", of titles as they stand in the catalogue, in the language of the context."""
    names = [_(title) for title in titles]
    if len(names) == 1:
        return names[0]
    return _("{first} and {last}", first=", ".join(names[:-1]), last=names[-1])


def invite_url(application_id: int) -> str:
    """Return the address at which an admin adds the bot to a server, with exactly these permissions."""
    return discord.utils.oauth_url(
        application_id, permissions=needed_permissions(), scopes=("bot", "applications.commands")
    )
