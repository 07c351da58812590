"""The state of one guild's attribution: what was seen, what is undecided, and what can be concluded now.

It reads no clock and does no I/O. Every method takes the time of our clock; a time that lies before an earlier one is
taken as just after it, so what is noted first counts as having happened first.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from cogs.invite_tracker.attribution.bounds import Bounds
from cogs.invite_tracker.attribution.counters import InviteCounters
from cogs.invite_tracker.attribution.docket import ArrivalKey, Docket
from cogs.invite_tracker.attribution.pacing import Pacing
from cogs.invite_tracker.attribution.rises import TICK_BITS, AuditDeletion, Payload, VanishedInvite, moment
from cogs.invite_tracker.attribution.vanity import VanityCounter
from cogs.invite_tracker.attribution.verdicts import Decision
from storage.records import Arrival, InviteBaseline, KnownInvite, Reason, Source

NO_LOOK_MS = 0
"""As `InviteBaseline.invites_asked_at_ms`: the counters could not be seen lately, so the next look begins anew."""


@dataclass(frozen=True, slots=True)
class Request:
    """One look at the counters: the invite list, and the vanity URL beside it if the guild has one."""

    order: int
    asked_at_ms: int
    with_vanity: bool


class Ledger:
    """Joins and answers in, decisions out, for one guild; used from one task."""

    def __init__(self, guild_id: int, bounds: Bounds | None = None) -> None:
        self._guild_id = guild_id
        self._bounds = bounds or Bounds()
        self._discord_ahead_ms = 0
        self._pacing = Pacing(self._bounds)
        self._invites = InviteCounters(guild_id, self._bounds)
        self._vanity = VanityCounter()
        self._docket = Docket(self._bounds, {Source.INVITE: self._invites, Source.VANITY: self._vanity})
        self._last_moment = 0
        self._invites_opened: int | None = None
        self._vanity_opened: int | None = None
        self._request: Request | None = None
        self._awaits_invites = self._awaits_vanity = False
        self._is_blind = False
        self._restored_suspect_until_ms: int | None = None
        self._committed: InviteBaseline | None = None

    def restore(
        self,
        baseline: InviteBaseline | None,
        known_invites: Iterable[KnownInvite],
        arrivals: Iterable[Arrival],
        now_ms: int,
        on_record: Collection[ArrivalKey] = (),
    ) -> None:
        """Continue from what was committed last; call it first, and once.

        `arrivals` are the undecided ones; those named in `on_record` have a provisional verdict already.
        """
        suspect_until_ms = baseline.suspect_until_ms if baseline is not None else None
        self._restored_suspect_until_ms = suspect_until_ms
        self._committed = baseline
        self._invites.restore(known_invites, suspect_until_ms)
        if baseline is not None and baseline.invites_asked_at_ms != NO_LOOK_MS:
            self._invites_opened = moment(baseline.invites_asked_at_ms)
            if baseline.vanity_asked_at_ms is not None:
                self._vanity.restore(baseline)
                self._vanity_opened = moment(baseline.vanity_asked_at_ms)
        arrivals = tuple(arrivals)
        for arrival in arrivals:
            self.note_discord_ahead(arrival.joined_at_ms - arrival.received_at_ms)
        last_join = self._docket.restore(arrivals, now_ms, on_record, suspect_until_ms)
        self._last_moment = max(self._invites_opened or 0, self._vanity_opened or 0, last_join)

    # What happened

    def note_discord_ahead(self, ahead_ms: int) -> None:
        """Learn that Discord's clock is at least so far ahead of ours.

        The margin grows by as much: otherwise joins would be ruled out because they seem to lie in the future.
        """
        if ahead_ms > self._discord_ahead_ms:
            self._discord_ahead_ms = ahead_ms
            bounds = replace(self._bounds, margin_ms=self._bounds.margin_ms + ahead_ms)
            self._docket.bounds = self._invites.bounds = bounds

    def note_join(self, arrival: Arrival) -> bool:
        """Take a join that is not decided yet; false if it is known already. Bots do not belong here."""
        # Nothing reaches us before it happened: what seems to, shows how far the clocks are apart.
        self.note_discord_ahead(arrival.joined_at_ms - arrival.received_at_ms)
        if (arrival.member_id, arrival.joined_at_ms) in self._docket:
            return False
        self._docket.add_join(arrival, self._next_moment(arrival.received_at_ms))
        return True

    def note_owner(self, code: str, owner_id: int) -> None:
        """Learn for whom the bot made an invite; before or after the invite itself becomes known."""
        self._invites.note_owner(code, owner_id)

    def forget_inviter(self, user_id: int) -> None:
        """Let all invites of a person be nobody's from now on, also those uses of them that are undecided."""
        self._invites.forget_inviter(user_id)
        self._docket.forget_inviter(user_id)

    def note_invite_created(self, payload: Payload) -> None:
        """Take an INVITE_CREATE event: the invite may be used up before it is ever listed."""
        if self._invites_opened is not None and not self._is_blind:
            self._invites.note_created(payload, self._last_moment)

    def note_invite_deleted(self, code: str, received_at_ms: int) -> None:
        """Take an INVITE_DELETE event: no use of the invite is later. The next list shows the rest."""
        self._invites.note_deleted(code, received_at_ms)

    def open_request(self, now_ms: int, *, with_vanity: bool) -> Request:
        """Begin a look at the counters; call it just before sending, after noting every join that reached us.

        Raises RuntimeError while an earlier one is under way.
        """
        if self._request is not None:
            raise RuntimeError("A request for the counters is under way already.")
        self._pacing.note_request(now_ms, self._docket.unanswered_count)
        self._request = Request(self._next_moment(now_ms), now_ms, with_vanity)
        self._awaits_invites, self._awaits_vanity = True, with_vanity
        return self._request

    def note_invites(self, request: Request, answered_at_ms: int, payload: Sequence[Payload]) -> None:
        """Take the answer of `GET /guilds/{id}/invites`, as Discord sends it.

        A list without `uses` means that Manage Server is missing, see `note_blind`.
        """
        if request is not self._request or not self._awaits_invites:
            return
        if any(item.get("uses") is None for item in payload):
            self.note_blind()
            return
        if self._invites_opened is None or self._is_blind:
            self._invites.reset(payload, answered_at_ms)
            self._is_blind = False
        else:
            self._docket.add_rises(
                self._invites.compare(payload, self._invites_opened, request.order, answered_at_ms)
            )
        self._invites_opened = request.order
        # A guild without a vanity URL has nothing more to look at.
        self._docket.note_answer(request.order, answered_at_ms, invites=True, vanity=not request.with_vanity)
        self._awaits_invites = False
        self._end_request_if_answered()

    def note_vanity(self, request: Request, answered_at_ms: int, payload: Payload) -> None:
        """Take the answer of `GET /guilds/{id}/vanity-url`, as Discord sends it."""
        if request is not self._request or not self._awaits_vanity:
            return
        if self._vanity_opened is None:
            self._vanity.reset(payload)
        else:
            self._docket.add_rises(self._vanity.compare(payload, self._vanity_opened, answered_at_ms))
        self._vanity_opened = request.order
        self._docket.note_answer(request.order, answered_at_ms, invites=False, vanity=True)
        self._awaits_vanity = False
        self._end_request_if_answered()

    def note_failed_request(self, request: Request, at_ms: int) -> None:
        """Learn that what is still awaited of a request will not come: the windows grow, that is all."""
        if request is self._request:
            self._end_request()
            self._pacing.note_failure(at_ms)

    def note_blind(self) -> None:
        """Learn that Manage Server is missing; the next list with `uses` is a fresh beginning."""
        self._is_blind = True
        self._end_request()
        self._vanity_opened = None
        self._restored_suspect_until_ms = None
        self._docket.forget_rises()
        self._invites.forget_rises()
        self._vanity.forget_rises()

    def needs_audit_log(self) -> tuple[VanishedInvite, ...]:
        """Return the invites that are gone, and whose end only the audit log knows."""
        return self._invites.vanished()

    def note_audit(
        self,
        vanished: Iterable[VanishedInvite],
        deletions: Iterable[AuditDeletion],
        existing_channel_ids: Collection[int],
    ) -> None:
        """Take what the audit log says about the invites that `needs_audit_log` named when it was asked."""
        by_code = {deletion.code: deletion for deletion in deletions}
        self._invites.note_audit(vanished, by_code, existing_channel_ids)

    def note_audit_unreadable(self, vanished: Iterable[VanishedInvite]) -> None:
        """Learn that the audit log cannot be read (View Audit Log is missing, or the request failed)."""
        self._invites.note_audit_unreadable(vanished)

    # What to do next

    @property
    def next_request_at_ms(self) -> int:
        """The earliest moment for the next request."""
        return self._pacing.next_request_at_ms

    def wants_request(self, now_ms: int) -> bool:
        """Whether the counters should be asked for now."""
        return self._needs_request() and now_ms >= self._pacing.next_request_at_ms

    def wake_at_ms(self, gateway_steady_since_ms: int | None) -> int | None:
        """When to ask `wants_request` and `decide` again if nothing is noted before; null if time changes nothing.

        It may lie in the past. Everything that was noted must have been decided on before.
        """
        at_ms = self._docket.next_at_ms(gateway_steady_since_ms)
        if not self._needs_request():
            return at_ms
        asks_at_ms = self._pacing.next_request_at_ms
        return asks_at_ms if at_ms is None else min(at_ms, asks_at_ms)

    @property
    def has_request(self) -> bool:
        """Whether a look at the counters is under way."""
        return self._request is not None

    @property
    def is_blind(self) -> bool:
        """Whether Manage Server was missing at the last look."""
        return self._is_blind

    @property
    def pending_count(self) -> int:
        """How many joins are undecided."""
        return len(self._docket)

    # What to conclude

    def decide(self, now_ms: int, gateway_steady_since_ms: int | None) -> Decision:
        """Conclude what can be concluded, and return what has to be committed.

        `gateway_steady_since_ms` is null while a shard is disconnected or resuming, else when it last became steady.
        """
        docket = self._docket
        if self._is_blind:
            docket.dismiss(Reason.MANAGE_SERVER_MISSING)
        else:
            docket.settle(now_ms, gateway_steady_since_ms)
        baseline = self._baseline()
        decision = Decision(
            verdicts=tuple(docket.verdicts),
            repairs=tuple(docket.repairs),
            unexplained=tuple(docket.unexplained),
            known_invites=self._invites.take_changed(),
            baseline=baseline if baseline != self._committed else None,
        )
        self._committed = baseline
        for taken in (docket.verdicts, docket.repairs, docket.unexplained):
            taken.clear()
        return decision

    def _baseline(self) -> InviteBaseline | None:
        if self._invites_opened is None:
            return self._committed
        vanity = self._vanity.state() if self._vanity_opened is not None else None
        doubts = (
            self._docket.doubtful_until_ms,
            self._invites.doubtful_until_ms,
            self._restored_suspect_until_ms,
        )
        return InviteBaseline(
            guild_id=self._guild_id,
            invites_asked_at_ms=NO_LOOK_MS if self._is_blind else self._invites_opened >> TICK_BITS,
            vanity_asked_at_ms=None if self._vanity_opened is None else self._vanity_opened >> TICK_BITS,
            vanity_code=None if vanity is None else vanity.code,
            vanity_uses=None if vanity is None else vanity.uses,
            vanity_accounted_uses=None if vanity is None else vanity.accounted,
            vanity_open_since_ms=None if vanity is None else vanity.open_since_ms,
            suspect_until_ms=max((at_ms for at_ms in doubts if at_ms is not None), default=None),
        )

    def _next_moment(self, at_ms: int) -> int:
        self._last_moment = max(self._last_moment + 1, moment(at_ms))
        return self._last_moment

    def _needs_request(self) -> bool:
        if self._request is not None or self._is_blind:
            return False
        return self._invites_opened is None or self._docket.unanswered_count > 0 or self._invites.wants_look

    def _end_request(self) -> None:
        self._request = None
        self._awaits_invites = self._awaits_vanity = False

    def _end_request_if_answered(self) -> None:
        if not self._awaits_invites and not self._awaits_vanity:
            self._end_request()
            self._restored_suspect_until_ms = None
            self._pacing.note_success()
