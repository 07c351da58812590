"""Bots raise no counter: the audit log says who added them, a moment after they are there."""

import logging
from dataclasses import dataclass

from bot.client import HeadcountClient
from cogs.invite_tracker.tracking.counter_requests import TRANSIENT
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
    """The bots of one guild that wait for their line in the audit log."""

    def __init__(self, guild_id: int, client: HeadcountClient) -> None:
        self._guild_id = guild_id
        self._client = client
        self._waiting: list[_Waiting] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def note(self, arrival: Arrival) -> None:
        """Learn of a bot that was added."""
        self._waiting.append(_Waiting(arrival))

    def forget(self, found: BotFound) -> None:
        """Drop a bot that is on record now."""
        self._waiting = [waiting for waiting in self._waiting if waiting.arrival != found.arrival]

    def wake_at_ms(self) -> int | None:
        """Return when to look next, None when nobody waits."""
        return min((waiting.next_try_at_ms for waiting in self._waiting), default=None)

    async def look(self, now_ms: int) -> list[BotFound]:
        """Ask the audit log about those whose time has come; each stays until `forget` is told that it is stored."""
        due = [waiting for waiting in self._waiting if waiting.next_try_at_ms <= now_ms]
        guild = self._client.get_guild(self._guild_id)
        if not due or guild is None:
            return []
        if not guild.me.guild_permissions.view_audit_log:
            return [BotFound(waiting.arrival, None, Reason.AUDIT_LOG_MISSING) for waiting in due]
        since_ms = min(waiting.arrival.joined_at_ms for waiting in due) - ENTRY_MARGIN_MS
        reason = Reason.NOT_IN_AUDIT_LOG
        try:
            adders = await fetch_bot_adders(self._client, self._guild_id, since_ms)
        except (*TRANSIENT, AuditLogTooLongError) as error:
            _log.warning("Server %d: the audit log did not answer: %s", self._guild_id, error)
            adders, reason = {}, Reason.REQUEST_FAILED
        found: list[BotFound] = []
        for waiting in due:
            adder_id = adders.get(waiting.arrival.member_id)
            waiting.tries += 1
            if adder_id is not None:
                found.append(BotFound(waiting.arrival, adder_id, None))
            elif waiting.tries >= len(TRY_AFTER_MS):
                found.append(BotFound(waiting.arrival, None, reason))
        return found
