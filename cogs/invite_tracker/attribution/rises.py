"""Rises of a counter, and what raw invite payloads say about the invites behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from storage.records import Method, Source

Payload = Mapping[str, Any]

TICK_BITS = 10
"""Moments of our clock are ordered as `milliseconds << TICK_BITS | tick`: events of one millisecond keep their order."""


def moment(at_ms: int, tick: int = 0) -> int:
    """Return the place of a moment of our clock in the order of events."""
    return (at_ms << TICK_BITS) + tick


@dataclass(frozen=True, slots=True)
class InviteFacts:
    """An invite as Discord describes it; `uses` is missing without Manage Server. Times are Discord's clock."""

    code: str
    uses: int | None
    max_uses: int
    is_temporary: bool
    created_at_ms: int | None
    expires_at_ms: int | None
    inviter_id: int | None
    channel_id: int | None


def read_invite(payload: Payload) -> InviteFacts:
    """Read an invite with its metadata, as listed (Discord documentation, Invite resource) or as INVITE_CREATE sends it."""
    inviter = payload.get("inviter")
    channel = payload.get("channel")
    channel_id = channel["id"] if channel else payload.get("channel_id")
    created_at_ms = _read_time_ms(payload.get("created_at"))
    expires_at_ms = _read_time_ms(payload.get("expires_at"))
    max_age_seconds = payload.get("max_age") or 0
    if expires_at_ms is None and max_age_seconds and created_at_ms is not None:
        expires_at_ms = created_at_ms + 1_000 * max_age_seconds
    return InviteFacts(
        code=payload["code"],
        uses=payload.get("uses"),
        max_uses=payload.get("max_uses") or 0,
        is_temporary=bool(payload.get("temporary")),
        created_at_ms=created_at_ms,
        expires_at_ms=expires_at_ms,
        inviter_id=int(inviter["id"]) if inviter else None,
        channel_id=int(channel_id) if channel_id else None,
    )


def _read_time_ms(text: str | None) -> int | None:
    return None if text is None else int(datetime.fromisoformat(text).timestamp() * 1_000)


class Cause(Enum):
    """What a rise was seen by."""

    COUNTER = auto()
    """The counter shows it, so it must belong to a join."""
    POSSIBLE = auto()
    """The invite is gone, and may have been used before that, or not."""
    VANISHED = auto()
    """The same, and the audit log has not been asked yet."""


@dataclass(slots=True, eq=False)
class Rise:
    """Between `least` and `most` uses of one code in one window, less those that joins already explain.

    The window runs from `opened` (the order of our clock) to `closed_at_ms` (our clock), and within `not_before_ms` and
    `not_after_ms` (Discord's clock). `units` is what was seen at first.
    """

    source: Source
    code: str
    inviter_id: int | None
    method: Method
    cause: Cause
    least: int
    most: int | None
    units: int
    opened: int
    closed_at_ms: int
    noted_at_ms: int
    """When the answer came that shows it."""
    not_before_ms: int | None = None
    not_after_ms: int | None = None
    explained: int = 0
    lacks_audit_log: bool = False
    """The audit log would have told more, but may not be read."""
    is_doubtful: bool = False
    """It may belong to a join that was settled otherwise: no answer that rests on it is certain."""
    lets_in_late: bool = False
    """No join explains it: its counter may have lagged behind, so earlier joins may be meant."""
    is_closed: bool = False
    """Every join that could belong to it has reached us."""

    @property
    def opened_at_ms(self) -> int:
        """When the window opened (our clock)."""
        return self.opened >> TICK_BITS

    @property
    def is_required(self) -> bool:
        """Whether some join that is known must explain it."""
        return self.is_closed and not self.is_doubtful and self.cause is Cause.COUNTER

    def explain(self, units: int) -> None:
        """Take away units that joins explain."""
        self.explained += units
        self.least = max(self.least - units, 0)
        if self.most is not None:
            self.most -= units


@dataclass(frozen=True, slots=True)
class VanishedInvite:
    """An invite that is gone, whose end only the audit log knows; the times (our clock) bound its deletion."""

    code: str
    channel_id: int | None
    after_ms: int
    before_ms: int


@dataclass(frozen=True, slots=True)
class AuditDeletion:
    """An audit log entry of an invite deleted by hand, with its `uses` at that moment (null if the entry lacks them)."""

    code: str
    uses: int | None
    deleted_at_ms: int | None
