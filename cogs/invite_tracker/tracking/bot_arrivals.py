"""Bots raise no counter: the audit log says who added them, a moment after they are there."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.client import HeadcountClient
from bot.request_failures import REQUEST_FAILURES
from cogs.invite_tracker.tracking.discord_requests import AuditLogTooLongError, fetch_bot_adders
from storage.records import Arrival, Reason

_log = logging.getLogger(__name__)

TRY_AFTER_MS = (0, 1_000, 3_000, 7_000)
"""The audit log lags behind the event; looks come at these ages of the arrival, and then no more."""

ENTRY_MARGIN_MS = 60_000


@dataclass(slots=True)
class _Waiting:
    arrival: Arrival
    tries: int = 0

    @property
    def next_try_at_ms(self) -> int:
        return self.arrival.received_at_ms + TRY_AFTER_MS[min(self.tries, len(TRY_AFTER_MS) - 1)]


@dataclass(frozen=True, slots=True)
class BotFound:
    """A bot with who added it, or why that is not known."""

    arrival: Arrival
    adder_id: int | None
    reason: Reason | None


class BotArrivals:
    """The bots of one guild that wait for their line in the audit log, which is read beside the tracker's own work.

    `wake` tells of answers; what is `found` stays until `forget` is told that it is stored.
    """

    def __init__(self, guild_id: int, client: HeadcountClient, wake: Callable[[], None]) -> None:
        self._guild_id = guild_id
        self._client = client
        self._wake = wake
        self._waiting: list[_Waiting] = []
        self._found: list[BotFound] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def found(self) -> tuple[BotFound, ...]:
        """The bots about which nothing more is to be learned."""
        return tuple(self._found)

    def note(self, arrival: Arrival) -> None:
        """Learn of a bot that was added."""
        self._waiting.append(_Waiting(arrival))

    def forget(self, found: BotFound) -> None:
        """Drop a bot that is on record now."""
        self._found.remove(found)

    def wake_at_ms(self) -> int | None:
        """Return when to ask next, None when nobody waits."""
        if self._is_under_way:
            return None
        return min((waiting.next_try_at_ms for waiting in self._waiting), default=None)

    def ask(self, now_ms: int) -> None:
        """Begin to ask the audit log about those whose time has come."""
        due = [waiting for waiting in self._waiting if waiting.next_try_at_ms <= now_ms]
        guild = self._client.get_guild(self._guild_id)
        if not due or guild is None or self._is_under_way:
            return
        if not guild.me.guild_permissions.view_audit_log:
            for waiting in due:
                self._find(waiting, None, Reason.AUDIT_LOG_MISSING)
            return
        self._task = asyncio.create_task(self._ask(due), name=f"bots of {self._guild_id}")

    async def stop(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def _is_under_way(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _ask(self, due: list[_Waiting]) -> None:
        since_ms = min(waiting.arrival.joined_at_ms for waiting in due) - ENTRY_MARGIN_MS
        adders: dict[int, int] = {}
        reason = Reason.NOT_IN_AUDIT_LOG
        try:
            adders = await fetch_bot_adders(self._client, self._guild_id, since_ms)
        except Exception as error:
            reason = Reason.REQUEST_FAILED
            _log.warning(
                "Server %d: the audit log did not answer: %s",
                self._guild_id,
                error,
                exc_info=None if isinstance(error, (*REQUEST_FAILURES, AuditLogTooLongError)) else error,
            )
        for waiting in due:
            waiting.tries += 1
            adder_id = adders.get(waiting.arrival.member_id)
            if adder_id is not None:
                self._find(waiting, adder_id, None)
            elif waiting.tries >= len(TRY_AFTER_MS):
                self._find(waiting, None, reason)
        # The task must have ended when the tracker looks, or it would not ask again.
        asyncio.get_running_loop().call_soon(self._wake)

    def _find(self, waiting: _Waiting, adder_id: int | None, reason: Reason | None) -> None:
        self._waiting.remove(waiting)
        self._found.append(BotFound(waiting.arrival, adder_id, reason))
