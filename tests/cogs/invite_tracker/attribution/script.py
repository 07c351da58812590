"""A guild written out by hand: every look, event and decision of a test at the time that the test names."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cogs.invite_tracker.attribution import AuditDeletion, Bounds, Decision, Ledger, Request, Verdict
from storage.records import Arrival, Candidate, InviteBaseline, KnownInvite, Source, UnexplainedRise

GUILD_ID = 1
CHANNEL_ID = 5
T0 = 1_700_000_000_000
"""Times in tests are milliseconds after this."""

UNKNOWN = Candidate(Source.UNKNOWN, None, None)


def invite(
    code: str,
    uses: int = 0,
    *,
    max_uses: int = 0,
    created: int = -3_600_000,
    expires: int | None = None,
    inviter_id: int | None = None,
    channel_id: int | None = CHANNEL_ID,
) -> dict[str, Any]:
    """Return an invite as Discord lists it."""
    return {
        "code": code,
        "uses": uses,
        "max_uses": max_uses,
        "max_age": 0,
        "temporary": False,
        "created_at": stamp(created),
        "expires_at": None if expires is None else stamp(expires),
        "inviter": {"id": str(inviter_id or sum(map(ord, code)))},
        "channel": None if channel_id is None else {"id": str(channel_id), "name": "general", "type": 0},
    }


def stamp(at: int) -> str:
    return datetime.fromtimestamp((T0 + at) / 1_000, UTC).isoformat()


def candidate(code: str) -> Candidate:
    return Candidate(Source.INVITE, code, sum(map(ord, code)))


class Script:
    """A ledger, and what was committed of it."""

    def __init__(
        self, *listed: dict[str, Any], vanity: int | None = None, bounds: Bounds | None = None
    ) -> None:
        self.bounds = bounds or Bounds()
        self.ledger = Ledger(GUILD_ID, self.bounds)
        self.steady_since: int | None = T0 - 100_000
        self.verdicts: dict[int, Verdict] = {}
        self.provisional: set[int] = set()
        self.repairs: list[Verdict] = []
        self.unexplained: list[UnexplainedRise] = []
        self.known: dict[str, KnownInvite] = {}
        self.baseline: InviteBaseline | None = None
        self.arrivals: dict[int, Arrival] = {}
        self.with_vanity = vanity is not None
        self.ledger.restore(None, (), (), T0 - 2_000)
        self.look(-1_000, -950, *listed, vanity=vanity)
        self.decide(0)

    def ask(self, at: int) -> Request:
        return self.ledger.open_request(T0 + at, with_vanity=self.with_vanity)

    def look(
        self,
        asked: int,
        answered: int,
        *listed: dict[str, Any],
        vanity: int | None = None,
        word: str | None = "ours",
    ) -> None:
        request = self.ask(asked)
        self.ledger.note_invites(request, T0 + answered, listed)
        if vanity is not None:
            self.ledger.note_vanity(request, T0 + answered, {"code": word, "uses": vanity})

    def join(self, member_id: int, joined: int, received: int | None = None) -> None:
        arrival = Arrival(
            GUILD_ID,
            member_id,
            T0 + joined,
            T0 + (joined + 80 if received is None else received),
            False,
            False,
            False,
        )
        self.arrivals[member_id] = arrival
        assert self.ledger.note_join(arrival)

    def audit(self, *deletions: AuditDeletion, channels: Sequence[int] = (CHANNEL_ID,)) -> None:
        self.ledger.note_audit(self.ledger.needs_audit_log(), deletions, channels)

    def decide(self, at: int) -> Decision:
        steady_since = self.steady_since
        decision = self.ledger.decide(T0 + at, steady_since)
        for verdict in (*decision.verdicts, *decision.repairs):
            member_id = verdict.arrival.member_id
            self.verdicts[member_id] = verdict
            self.provisional.discard(member_id)
            if verdict.is_provisional:
                self.provisional.add(member_id)
            else:
                self.arrivals.pop(member_id, None)
        self.repairs += decision.repairs
        self.unexplained += decision.unexplained
        self.known |= {row.code: row for row in decision.known_invites}
        self.baseline = decision.baseline or self.baseline
        return decision

    def restart(self, at: int) -> None:
        """Begin with a new ledger from what was committed."""
        self.ledger = Ledger(GUILD_ID, self.bounds)
        on_record = {(member_id, self.arrivals[member_id].joined_at_ms) for member_id in self.provisional}
        self.ledger.restore(
            self.baseline, self.known.values(), self.arrivals.values(), T0 + at, on_record=on_record
        )

    def codes(self) -> Mapping[int, str | None]:
        """Return the certain code of each decided member, None for those that are not certain."""
        return {member_id: verdict.code for member_id, verdict in self.verdicts.items()}

    def fits(self, member_id: int) -> set[str | None]:
        """Return the codes of the candidates of a member; None stands for no counter."""
        return {one.code for one in self.verdicts[member_id].candidates}
