"""Invites that are gone from the list: the audit log says which were deleted by hand."""

import logging

from bot.client import HeadcountClient
from cogs.invite_tracker.attribution import Ledger
from cogs.invite_tracker.tracking.counter_requests import TRANSIENT
from cogs.invite_tracker.tracking.discord_requests import AuditLogTooLongError, fetch_deleted_invites

_log = logging.getLogger(__name__)

ENTRY_LAG_MS = 700
"""The audit log lags behind what it tells of; asked too early, a deletion by hand looks like a last use."""

ENTRY_MARGIN_MS = 5_000
RETRY_MS = 2_000


class VanishedInvites:
    """Finds out how the vanished invites of one guild ended."""

    def __init__(self, guild_id: int, client: HeadcountClient) -> None:
        self._guild_id = guild_id
        self._client = client
        self._next_try_at_ms = 0

    def wake_at_ms(self, ledger: Ledger) -> int | None:
        """Return when to ask next, None when there is nothing to ask."""
        vanished = ledger.needs_audit_log()
        if not vanished:
            return None
        return max(self._next_try_at_ms, min(one.before_ms for one in vanished) + ENTRY_LAG_MS)

    async def resolve(self, ledger: Ledger, now_ms: int) -> None:
        """Ask the audit log about those whose time has come, and tell the ledger."""
        vanished = [one for one in ledger.needs_audit_log() if one.before_ms + ENTRY_LAG_MS <= now_ms]
        guild = self._client.get_guild(self._guild_id)
        if not vanished or guild is None or now_ms < self._next_try_at_ms:
            return
        if not guild.me.guild_permissions.view_audit_log:
            ledger.note_audit_unreadable(vanished)
            return
        # Entries are stamped by Discord's clock, the windows by ours.
        since_ms = min(one.after_ms for one in vanished) - ENTRY_MARGIN_MS
        since_ms -= max(0, self._client.discord_time.lead_ms)
        try:
            deletions = await fetch_deleted_invites(self._client, self._guild_id, since_ms)
        except AuditLogTooLongError:
            ledger.note_audit_unreadable(vanished)
            return
        except TRANSIENT as error:
            # The ledger itself stops waiting for the audit log when its patience ends.
            self._next_try_at_ms = now_ms + RETRY_MS
            _log.warning("Server %d: the audit log did not answer: %s", self._guild_id, error)
            return
        ledger.note_audit(vanished, deletions, {channel.id for channel in guild.channels})
