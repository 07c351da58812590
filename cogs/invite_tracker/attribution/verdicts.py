"""What is concluded about a join, and everything that one decision changes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

from cogs.invite_tracker.attribution.rises import Rise
from storage.records import (
    Arrival,
    Candidate,
    Certainty,
    Evidence,
    InviteBaseline,
    KnownInvite,
    Method,
    Reason,
    Source,
    UnexplainedRise,
)

_T = TypeVar("_T")

NO_COUNTER = Candidate(Source.UNKNOWN, None, None)
"""The explanation that no counter rose for the join."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is concluded about one arrival, field by field as in `storage.records.Join`.

    `is_provisional`: nothing could be asked in time; the arrival must be kept, because a repair may follow.
    """

    arrival: Arrival
    source: Source
    code: str | None
    inviter_id: int | None
    method: Method
    certainty: Certainty
    candidates: tuple[Candidate, ...]
    evidence: tuple[Evidence, ...]
    reason: Reason | None
    credited_code: str | None
    credited_inviter_id: int | None
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything to commit in one transaction, before the ledger is asked to decide again.

    `verdicts` are of arrivals that are not on record yet, `repairs` replace what is on record for that arrival (as a verdict
    or a provisional one). `known_invites` are rows that changed; their `label` is what it was when it was restored.
    """

    verdicts: tuple[Verdict, ...] = ()
    repairs: tuple[Verdict, ...] = ()
    unexplained: tuple[UnexplainedRise, ...] = ()
    known_invites: tuple[KnownInvite, ...] = ()
    baseline: InviteBaseline | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not (
            self.verdicts
            or self.repairs
            or self.unexplained
            or self.known_invites
            or self.baseline is not None
        )


@dataclass(frozen=True, slots=True)
class Explanations:
    """What rises that fit say about a join, before anything is concluded; the same for all joins that they fit."""

    candidates: tuple[Candidate, ...]
    evidence: tuple[Evidence, ...]
    method: Method
    lacks_audit_log: bool


def read_options(options: Collection[Rise]) -> Explanations:
    """Gather what rises that fit have in common and what not."""
    return Explanations(
        candidates=tuple(
            dict.fromkeys(Candidate(rise.source, rise.code, rise.inviter_id) for rise in options)
        ),
        evidence=_evidence(options),
        method=_shared({rise.method for rise in options}) or Method.NONE,
        lacks_audit_log=any(rise.lacks_audit_log for rise in options),
    )


def conclude(
    arrival: Arrival, explanations: Explanations, may_be_unexplained: bool, credited: Rise | None
) -> Verdict:
    """Conclude from the explanations that fit: one answer is certain, several are kept side by side."""
    candidates = explanations.candidates
    if not candidates:
        return unknown(arrival, Reason.NO_COUNTER_ROSE)
    if may_be_unexplained:
        candidates = (*candidates, NO_COUNTER)
    is_certain = len(candidates) == 1
    reason = Reason.AUDIT_LOG_MISSING if explanations.lacks_audit_log else Reason.SEVERAL_FIT
    return Verdict(
        arrival=arrival,
        source=_shared({candidate.source for candidate in candidates}) or Source.UNKNOWN,
        code=candidates[0].code if is_certain else None,
        inviter_id=_shared({candidate.inviter_id for candidate in candidates}),
        method=explanations.method,
        certainty=Certainty.CERTAIN if is_certain else Certainty.AMBIGUOUS,
        candidates=candidates,
        evidence=explanations.evidence,
        reason=None if is_certain else reason,
        credited_code=credited.code if credited is not None else None,
        credited_inviter_id=credited.inviter_id if credited is not None else None,
    )


def unknown(arrival: Arrival, reason: Reason, *, is_provisional: bool = False) -> Verdict:
    """Conclude nothing, and say why."""
    return Verdict(
        arrival=arrival,
        source=Source.UNKNOWN,
        code=None,
        inviter_id=None,
        method=Method.NONE,
        certainty=Certainty.UNKNOWN,
        candidates=(),
        evidence=(),
        reason=reason,
        credited_code=None,
        credited_inviter_id=None,
        is_provisional=is_provisional,
    )


def _shared(values: set[_T]) -> _T | None:
    return next(iter(values)) if len(values) == 1 else None


def _evidence(options: Iterable[Rise]) -> tuple[Evidence, ...]:
    """Return one line per code and method, with the window that spans all windows of that code."""
    lines: dict[tuple[str, Method], Evidence] = {}
    for rise in options:
        key = rise.code, rise.method
        line = Evidence(rise.code, rise.units, rise.method, rise.opened_at_ms, rise.closed_at_ms)
        if (earlier := lines.get(key)) is not None:
            line = Evidence(
                code=rise.code,
                units=earlier.units + line.units,
                method=rise.method,
                window_opened_at_ms=min(earlier.window_opened_at_ms, line.window_opened_at_ms),
                window_closed_at_ms=max(earlier.window_closed_at_ms, line.window_closed_at_ms),
            )
        lines[key] = line
    return tuple(lines.values())
