"""What the invite tracker asks Discord: raw answers, so that 1,000 invites cost no 1,000 objects.

Each function names the permission it needs; a refusal is discord.Forbidden.
"""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

import discord

from bot.snowflakes import snowflake_ms
from cogs.invite_tracker.attribution import AuditDeletion

MEMBERS_PER_PAGE = 1000
AUDIT_ENTRIES_PER_PAGE = 100
AUDIT_PAGES_MOST = 5


class AuditLogTooLongError(Exception):
    """There is more in the audit log than is worth reading: what it does not show may still be in it."""


async def fetch_invites(client: discord.Client, guild_id: int) -> list[Mapping[str, Any]]:
    """Return the invite list as Discord sends it, at most 1,000; `uses` is in it only with Manage Server.

    Raises ValueError when something else came, for instance the error page of a proxy.
    """
    # Guild.invites() raises TypeError when an invite's channel is null.
    payload: Any = await client.http.invites_from(guild_id)
    if not isinstance(payload, list) or not all(_is_invite(item) for item in payload):
        raise ValueError("what came is no invite list")
    return payload


async def fetch_vanity(client: discord.Client, guild_id: int) -> Mapping[str, Any]:
    """Return `{"code", "uses"}` of the vanity URL; needs Manage Server."""
    # Guild.vanity_invite() makes two requests for this.
    payload: Any = await client.http.get_vanity_code(guild_id)
    return dict(payload)


async def fetch_deleted_invites(client: discord.Client, guild_id: int, since_ms: int) -> list[AuditDeletion]:
    """Return all invites deleted by hand since then; needs View Audit Log. Raises AuditLogTooLongError."""
    deletions: list[AuditDeletion] = []
    for entry in await _fetch_audit_entries(client, guild_id, discord.AuditLogAction.invite_delete, since_ms):
        before = {change["key"]: change.get("old_value") for change in entry.get("changes", ())}
        if "code" in before:
            deletions.append(
                AuditDeletion(before["code"], before.get("uses"), snowflake_ms(int(entry["id"])))
            )
    return deletions


async def fetch_bot_adders(client: discord.Client, guild_id: int, since_ms: int) -> dict[int, int]:
    """Return bot id → id of who added it, for the bots added since then; needs View Audit Log.

    Raises AuditLogTooLongError.
    """
    adders: dict[int, int] = {}
    for entry in await _fetch_audit_entries(client, guild_id, discord.AuditLogAction.bot_add, since_ms):
        if entry.get("user_id") and entry.get("target_id"):
            # Newest first: the latest addition of a bot is the one that counts.
            adders.setdefault(int(entry["target_id"]), int(entry["user_id"]))
    return adders


async def fetch_member_pages(
    client: discord.Client, guild_id: int, after: int | None = None
) -> AsyncGenerator[list[Mapping[str, Any]], None]:
    """Yield the present members as Discord sends them, page by page, ordered by id, those above `after` alone.

    Needs the members intent.
    """
    while True:
        payload: Any = await client.http.get_members(guild_id, MEMBERS_PER_PAGE, after)
        if payload:
            yield list(payload)
        if len(payload) < MEMBERS_PER_PAGE:
            return
        after = int(payload[-1]["user"]["id"])


def missing_permissions(guild: discord.Guild) -> tuple[str, ...]:
    """Return which of the permissions that attribution rests on the bot lacks, in the order of their weight."""
    granted = guild.me.guild_permissions
    needed = ("manage_guild", "view_audit_log", "manage_channels")
    return tuple(name for name in needed if not getattr(granted, name))


def _is_invite(item: object) -> bool:
    return (
        isinstance(item, dict)
        and isinstance(item.get("code"), str)
        and isinstance(item.get("uses"), int | None)
        and isinstance(item.get("max_uses"), int | None)
    )


async def _fetch_audit_entries(
    client: discord.Client, guild_id: int, action: discord.AuditLogAction, since_ms: int
) -> list[Mapping[str, Any]]:
    """Return all entries of this action since then, newest first; raises AuditLogTooLongError."""
    found: list[Mapping[str, Any]] = []
    before: int | None = None
    for _ in range(AUDIT_PAGES_MOST):
        log: Any = await client.http.get_audit_logs(
            guild_id, limit=AUDIT_ENTRIES_PER_PAGE, before=before, action_type=action.value
        )
        page = log["audit_log_entries"]
        recent = [entry for entry in page if snowflake_ms(int(entry["id"])) >= since_ms]
        found.extend(recent)
        if len(recent) < len(page) or len(page) < AUDIT_ENTRIES_PER_PAGE:
            return found
        before = int(page[-1]["id"])
    raise AuditLogTooLongError
