"""When a guild's counters are looked at, and what the answers mean for the ledger and for an admin."""

import logging
from collections.abc import Callable

from bot.client import HeadcountClient
from bot.text.language import N_
from cogs.invite_tracker.attribution import Ledger
from cogs.invite_tracker.tracking.counter_requests import (
    CounterRequests,
    InvitesAnswered,
    Look,
    LookFailed,
    LookForbidden,
    VanityAnswered,
)

_log = logging.getLogger(__name__)

TIDY_MS = 2_000
"""A deleted invite is looked for so long after its event, to be on record as deleted."""

ASKED_DISTANCE_MS = 2_000
"""After a look so long passes before another one that other software asks for."""

BLIND = N_("I lack the permission Manage Server: Discord hides how often invites are used.")


class Looks:
    """The looks at the counters of one guild; answers wait here until `apply` hands them to the ledger."""

    def __init__(self, guild_id: int, client: HeadcountClient, wake: Callable[[], None]) -> None:
        self.is_wanted = False
        """Whether to look although nobody joined."""
        self.last_answer_at_ms: int | None = None
        self.trouble: str | None = None
        """What the last look ran into, a sentence for an admin."""
        self.is_blind = False
        """Whether the permission to see the counters was missing."""
        self._guild_id = guild_id
        self._requests = CounterRequests(guild_id, client, self._take)
        self._wake = wake
        self._answers: list[Look] = []
        self._tidies_at_ms: int | None = None
        self._asked_for_at_ms: int | None = None
        self._begun_at_ms: int | None = None

    def tidy_after(self, deleted_at_ms: int) -> None:
        """Look soon after an invite was deleted, unless somebody joins meanwhile: that look shows it as well."""
        self._tidies_at_ms = self._tidies_at_ms or deleted_at_ms + TIDY_MS

    def ask(self, now_ms: int) -> None:
        """Look because other software wants it: at once, or a while after the last look, however often it asks."""
        earliest_ms = 0 if self._begun_at_ms is None else self._begun_at_ms + ASKED_DISTANCE_MS
        self._asked_for_at_ms = max(now_ms, earliest_ms)

    def pause(self) -> None:
        """Plan nothing: the guild is away."""
        self._tidies_at_ms = self._asked_for_at_ms = None

    def wake_at_ms(self) -> int | None:
        """Return when to look next, None when nothing is planned."""
        planned = [at_ms for at_ms in (self._tidies_at_ms, self._asked_for_at_ms) if at_ms is not None]
        return min(planned, default=None)

    def begin_if_wanted(self, ledger: Ledger, now_ms: int) -> None:
        """Look now if the ledger or somebody else wants it, unless a look is under way."""
        planned_at_ms = self.wake_at_ms()
        is_due = planned_at_ms is not None and planned_at_ms <= now_ms
        if self._requests.is_under_way or not (self.is_wanted or is_due or ledger.wants_request(now_ms)):
            return
        self.is_wanted = False
        self._tidies_at_ms = self._asked_for_at_ms = None
        self._begun_at_ms = now_ms
        if self._requests.may_look():
            self._requests.begin(ledger.open_request(now_ms, with_vanity=self._requests.has_vanity()))
        else:
            self._go_blind(ledger)

    def apply(self, ledger: Ledger) -> None:
        """Hand the answers that came to the ledger."""
        answers, self._answers = self._answers, []
        for answer in answers:
            match answer:
                case InvitesAnswered():
                    ledger.note_invites(answer.request, answer.answered_at_ms, answer.payload)
                    self.last_answer_at_ms = answer.answered_at_ms
                    self.trouble = None
                    self.is_blind = False
                case VanityAnswered():
                    ledger.note_vanity(answer.request, answer.answered_at_ms, answer.payload)
                case LookFailed():
                    ledger.note_failed_request(answer.request, answer.failed_at_ms)
                    self.trouble = answer.sentence
                case LookForbidden():
                    self._go_blind(ledger)

    async def forget(self) -> None:
        """Give up what is under way; the answers belonged to a ledger that is gone."""
        self._answers.clear()
        await self.stop()
        self.is_wanted = True

    async def stop(self) -> None:
        """Give up a look that is under way."""
        await self._requests.stop()

    def _take(self, answer: Look) -> None:
        self._answers.append(answer)
        self._wake()

    def _go_blind(self, ledger: Ledger) -> None:
        if not self.is_blind:
            _log.warning(BLIND, extra={"event": "tracker_blind", "guild_id": self._guild_id})
        self.is_blind = True
        self.trouble = BLIND
        ledger.note_blind()
