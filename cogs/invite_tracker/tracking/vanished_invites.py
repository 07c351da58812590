"""Invites that are gone from the list: the audit log says which were deleted by hand."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.client import HeadcountClient
from bot.request_failures import REQUEST_FAILURES
from cogs.invite_tracker.attribution import AuditDeletion, Ledger, VanishedInvite
from cogs.invite_tracker.tracking.discord_requests import AuditLogTooLongError, fetch_deleted_invites

_log = logging.getLogger(__name__)

ENTRY_LAG_MS = 1_500
"""The audit log lags behind what it tells of; asked too early, a deletion by hand looks like a last use."""

ENTRY_MARGIN_MS = 5_000
RETRY_MS = 2_000


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the audit log says about these invites; None when it cannot be read."""

    vanished: tuple[VanishedInvite, ...]
    deletions: Sequence[AuditDeletion] | None


class VanishedInvites:
    """Finds out how the vanished invites of one guild ended, beside the tracker's own work; `wake` tells of answers."""

    def __init__(self, guild_id: int, client: HeadcountClient, wake: Callable[[], None]) -> None:
        self._guild_id = guild_id
        self._client = client
        self._wake = wake
        self._next_try_at_ms = 0
        self._task: asyncio.Task[None] | None = None
        self._answers: list[_Answer] = []

    def wake_at_ms(self, ledger: Ledger) -> int | None:
        """Return when to ask next, None when there is nothing to ask."""
        vanished = ledger.needs_audit_log()
        if not vanished or self._is_under_way:
            return None
        return max(self._next_try_at_ms, min(one.before_ms for one in vanished) + ENTRY_LAG_MS)

    def ask(self, ledger: Ledger, now_ms: int) -> None:
        """Begin to ask the audit log about those whose time has come."""
        vanished = tuple(one for one in ledger.needs_audit_log() if one.before_ms + ENTRY_LAG_MS <= now_ms)
        guild = self._client.get_guild(self._guild_id)
        if not vanished or guild is None or self._is_under_way or now_ms < self._next_try_at_ms:
            return
        if not guild.me.guild_permissions.view_audit_log:
            ledger.note_audit_unreadable(vanished)
            return
        # Entries are stamped by Discord's clock, the windows by ours.
        since_ms = min(one.after_ms for one in vanished) - ENTRY_MARGIN_MS
        since_ms -= max(0, self._client.discord_time.lead_ms)
        self._task = asyncio.create_task(
            self._ask(vanished, since_ms), name=f"vanished invites of {self._guild_id}"
        )

    def apply(self, ledger: Ledger) -> None:
        """Tell the ledger what was answered."""
        answers, self._answers = self._answers, []
        guild = self._client.get_guild(self._guild_id)
        for answer in answers:
            if answer.deletions is None:
                ledger.note_audit_unreadable(answer.vanished)
            elif guild is not None:
                ledger.note_audit(
                    answer.vanished, answer.deletions, {channel.id for channel in guild.channels}
                )

    async def stop(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def _is_under_way(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _ask(self, vanished: tuple[VanishedInvite, ...], since_ms: int) -> None:
        try:
            deletions = await fetch_deleted_invites(self._client, self._guild_id, since_ms)
        except AuditLogTooLongError:
            self._answers.append(_Answer(vanished, None))
        except Exception as error:
            # The ledger itself stops waiting for the audit log when its patience ends.
            self._next_try_at_ms = self._client.parts.clock.now_ms() + RETRY_MS
            _log.warning(
                "Server %d: the audit log did not answer: %s",
                self._guild_id,
                error,
                exc_info=None if isinstance(error, REQUEST_FAILURES) else error,
            )
        else:
            self._answers.append(_Answer(vanished, deletions))
        # The task must have ended when the tracker looks, or it would not ask again.
        asyncio.get_running_loop().call_soon(self._wake)
