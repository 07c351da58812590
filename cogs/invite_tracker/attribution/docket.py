"""The joins and rises of a guild that are not decided yet, and when and how they are settled."""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from cogs.invite_tracker.attribution.bounds import Bounds
from cogs.invite_tracker.attribution.rises import Cause, Rise, moment
from cogs.invite_tracker.attribution.tangles import Explained, PendingJoin, Tangle, untangle
from cogs.invite_tracker.attribution.verdicts import Explanations, Verdict, conclude, read_options, unknown
from storage.records import Arrival, Certainty, Reason, Source, UnexplainedRise

ArrivalKey = tuple[int, int]
"""(member id, joined_at_ms)."""


class Account(Protocol):
    """Keeps the books of a counter: what is explained, and which rises are pending."""

    def explain(self, rise: Rise, units: int) -> None: ...

    def drop(self, rise: Rise) -> None: ...


class Docket:
    """Settles joins: certain ones as soon as possible, all others when nothing more can be learned.

    `verdicts`, `repairs` and `unexplained` collect what was settled until somebody takes it.
    """

    def __init__(self, bounds: Bounds, accounts: Mapping[Source, Account]) -> None:
        self.bounds = bounds
        self._accounts = accounts
        self._pending: dict[ArrivalKey, PendingJoin] = {}
        self._settled: list[PendingJoin] = []
        self._rises: list[Rise] = []
        self._settled_at_ms = 0
        self._explanations: dict[tuple[Rise, ...], Explanations] = {}
        self.verdicts: list[Verdict] = []
        self.repairs: list[Verdict] = []
        self.unexplained: list[UnexplainedRise] = []

    def restore(
        self,
        arrivals: Iterable[Arrival],
        now_ms: int,
        on_record: Collection[ArrivalKey],
        suspect_until_ms: int | None,
    ) -> int:
        """Take over undecided arrivals; return the last moment in the order of events."""
        for arrival in arrivals:
            key = arrival.member_id, arrival.joined_at_ms
            received_at_ms = arrival.received_at_ms
            self._pending[key] = PendingJoin(
                arrival,
                # After a window that opened in the same millisecond: nothing tells which was first.
                order=moment(received_at_ms, 1),
                # Nothing could be asked while we were away.
                waits_since_ms=max(received_at_ms, now_ms),
                is_tainted=suspect_until_ms is not None and received_at_ms <= suspect_until_ms,
                is_on_record=key in on_record,
            )
        return max((join.order for join in self._pending.values()), default=0)

    def __contains__(self, key: ArrivalKey) -> bool:
        return key in self._pending

    def __len__(self) -> int:
        return len(self._pending)

    def add_join(self, arrival: Arrival, order: int) -> None:
        """Take a join that came at this place in the order of events."""
        key = arrival.member_id, arrival.joined_at_ms
        self._pending[key] = PendingJoin(arrival, order, waits_since_ms=arrival.received_at_ms)

    def add_rises(self, rises: Iterable[Rise]) -> None:
        """Take rises that a look at the counters showed."""
        self._rises += rises

    def note_answer(self, asked: int, answered_at_ms: int, *, invites: bool, vanity: bool) -> None:
        """Learn that counters were looked at, by a request sent at this place in the order of events."""
        for join in self._pending.values():
            if join.order < asked:
                if (invites and join.awaits_invites) or (vanity and join.awaits_vanity):
                    join.waits_since_ms = answered_at_ms
                join.awaits_invites &= not invites
                join.awaits_vanity &= not vanity

    @property
    def unanswered_count(self) -> int:
        """How many joins wait for a look at the counters."""
        return sum(not join.is_answered for join in self._pending.values())

    @property
    def doubtful_until_ms(self) -> int | None:
        """The time of the latest join or rise on which nothing certain may rest."""
        times = [rise.opened_at_ms for rise in self._rises if rise.is_doubtful]
        times += [join.arrival.received_at_ms for join in self._pending.values() if join.is_tainted]
        return max(times, default=None)

    def forget_inviter(self, user_id: int) -> None:
        """Let undecided rises of a person's invites be nobody's."""
        carried = (rise for join in (*self._settled, *self._pending.values()) for rise in join.carried)
        for rise in (*self._rises, *carried):
            if rise.inviter_id == user_id:
                rise.inviter_id = None

    def forget_rises(self) -> None:
        """Let go of everything that the counters showed."""
        self._rises.clear()
        self._settled.clear()

    def dismiss(self, reason: Reason) -> None:
        """Settle every pending join as unknown; no rise that comes later can be meant for it."""
        for join in list(self._pending.values()):
            self._release(join, unknown(join.arrival, reason))
        self._settled.clear()

    def settle(self, now_ms: int, steady_since_ms: int | None) -> None:
        """Settle what can be settled now."""
        self._settled_at_ms = now_ms
        self._pass_time(now_ms, steady_since_ms)
        for tangle in self._untangle():
            if not tangle.joins:
                self._give_up(tangle.rises, now_ms)
            elif _is_final(tangle):
                for one in tangle.joins:
                    self._settle(one)
                self._let_go(tangle.rises)
            else:
                self._settle_early(tangle, now_ms, steady_since_ms)
        self._explanations.clear()

    def next_at_ms(self, steady_since_ms: int | None) -> int | None:
        """When `settle` may find more to do, if nothing happens before."""
        times = []
        for rise in self._rises:
            if rise.is_closed:
                times.append(self._write_off_at_ms(rise))
            elif steady_since_ms is not None:
                times.append(self._closes_at_ms(rise, steady_since_ms))
            if rise.cause is Cause.VANISHED:
                times.append(self._audit_given_up_at_ms(rise))
        times += [
            self._deadline_ms(join, steady_since_ms)
            for join in self._pending.values()
            if join.is_answered or not join.is_on_record
        ]
        # What was due last time and is still there waits for something else than time.
        return min((at_ms for at_ms in times if at_ms > self._settled_at_ms), default=None)

    def _pass_time(self, now_ms: int, steady_since_ms: int | None) -> None:
        for rise in list(self._rises):
            if rise.cause is Cause.VANISHED and self._audit_given_up_at_ms(rise) <= now_ms:
                rise.cause = Cause.POSSIBLE
                rise.lacks_audit_log = True
            if rise.most == 0 and rise.cause is not Cause.VANISHED:
                self._drop(rise)
            elif steady_since_ms is not None and self._closes_at_ms(rise, steady_since_ms) <= now_ms:
                rise.is_closed = True
        oldest_ms = now_ms - self.bounds.late_counter_ms
        self._settled = [join for join in self._settled if join.arrival.received_at_ms >= oldest_ms]

    def _untangle(self) -> list[Tangle]:
        joins = sorted((*self._settled, *self._pending.values()), key=lambda join: join.order)
        rises = [rise for rise in self._rises if rise.most != 0]
        while True:
            tangles, uncoverable = untangle(joins, rises, self.bounds)
            if not uncoverable:
                return tangles
            for rise in uncoverable:
                rise.is_doubtful = rise.lets_in_late = True

    def _settle_early(self, tangle: Tangle, now_ms: int, steady_since_ms: int | None) -> None:
        """Settle what cannot change any more, and what cannot be waited for any longer."""
        rest = []
        for one in tangle.joins:
            if len(one.options) == 1 and not one.may_be_unexplained and not one.join.is_tainted:
                # With several windows of one code it would be open which of them loses a unit.
                self._settle(one)
            elif not one.join.is_settled:
                rest.append(one)
        overdue = {one.join for one in rest if self._deadline_ms(one.join, steady_since_ms) <= now_ms}
        for join in overdue:
            if not join.is_answered and not join.is_on_record:
                join.is_on_record = True
                self.verdicts.append(unknown(join.arrival, Reason.REQUEST_FAILED, is_provisional=True))
        if any(join.is_answered for join in overdue):
            self._settle_some(tangle, rest, {join for join in overdue if join.is_answered})

    def _settle_some(
        self, tangle: Tangle, rest: Iterable[Explained], overdue: Collection[PendingJoin]
    ) -> None:
        """Settle joins out of a tangle that stays: one concrete assignment is credited, the others are in doubt."""
        for one in rest:
            answers = {(rise.source, rise.code) for rise in one.options}
            is_certain = len(answers) == 1 and not one.may_be_unexplained and not one.join.is_tainted
            if is_certain or one.join in overdue:
                self._settle(one)
            else:
                one.join.is_tainted = True
                one.join.carried = tuple(dict.fromkeys((*one.join.carried, *one.options)))
        for rise in tangle.rises:
            rise.is_doubtful = True

    def _settle(self, one: Explained) -> None:
        join = one.join
        options = one.options
        if join.carried:
            options = tuple(dict.fromkeys((*join.carried, *options)))
        if join.is_settled and not options:
            return
        explanations = self._explanations.get(options)
        if explanations is None:
            explanations = self._explanations[options] = read_options(options)
        may_be_unexplained = one.may_be_unexplained or join.is_tainted or join.is_settled
        verdict = conclude(join.arrival, explanations, may_be_unexplained, one.credited)
        if one.credited is not None:
            self._explain(one.credited, 1)
        self._release(join, verdict)

    def _release(self, join: PendingJoin, verdict: Verdict) -> None:
        (self.repairs if join.is_on_record or join.is_settled else self.verdicts).append(verdict)
        if join.is_settled:
            self._settled.remove(join)
            return
        del self._pending[join.arrival.member_id, join.arrival.joined_at_ms]
        if verdict.certainty is Certainty.UNKNOWN:
            join.is_settled = True
            self._settled.append(join)

    def _let_go(self, rises: Iterable[Rise]) -> None:
        """Drop the rises of a decided tangle that need not belong to anybody."""
        for rise in rises:
            if rise.cause is Cause.POSSIBLE and rise.most != 0:
                self._drop(rise)

    def _give_up(self, rises: Iterable[Rise], now_ms: int) -> None:
        """Drop closed rises that no join fits; what must belong to somebody waits for a late join before that."""
        for rise in rises:
            if not rise.is_closed or rise.cause is Cause.VANISHED:
                continue
            if rise.cause is Cause.POSSIBLE:
                self._drop(rise)
            elif self._write_off_at_ms(rise) <= now_ms:
                units = rise.most or 0
                code = None if rise.source is Source.VANITY else rise.code
                self.unexplained.append(UnexplainedRise(code, units, rise.opened_at_ms, rise.closed_at_ms))
                self._explain(rise, units)

    def _explain(self, rise: Rise, units: int) -> None:
        self._accounts[rise.source].explain(rise, units)
        if rise.most == 0:
            self._drop(rise)

    def _drop(self, rise: Rise) -> None:
        self._rises.remove(rise)
        self._accounts[rise.source].drop(rise)

    def _closes_at_ms(self, rise: Rise, steady_since_ms: int) -> int:
        return max(rise.closed_at_ms, steady_since_ms) + self.bounds.lag_bound_ms

    def _write_off_at_ms(self, rise: Rise) -> int:
        return rise.closed_at_ms + self.bounds.late_counter_ms

    def _audit_given_up_at_ms(self, rise: Rise) -> int:
        return rise.noted_at_ms + self.bounds.patience_ms

    def _deadline_ms(self, join: PendingJoin, steady_since_ms: int | None) -> int:
        if steady_since_ms is None:
            return join.waits_since_ms + self.bounds.outage_patience_ms
        return max(join.waits_since_ms, steady_since_ms) + self.bounds.patience_ms


def _is_final(tangle: Tangle) -> bool:
    """Whether nothing that is still on its way can bear on a tangle."""
    return all(rise.is_closed and rise.cause is not Cause.VANISHED for rise in tangle.rises) and all(
        one.join.is_answered for one in tangle.joins
    )
