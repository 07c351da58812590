"""The records of the invite tracker as they are stored: frozen facts without behaviour.

Times are UTC epoch milliseconds, ids are Discord snowflakes.
"""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """How a member came into the guild."""

    INVITE = "invite"
    VANITY = "vanity"
    BOT = "bot"
    DISCOVERY = "discovery"
    INTEGRATION = "integration"
    HUB = "hub"
    MANUAL_VERIFICATION = "manual_verification"
    EXISTING = "existing"
    UNKNOWN = "unknown"


class Method(StrEnum):
    """How we know it."""

    USES_RISE = "uses_rise"
    USED_UP = "used_up"
    VANITY_DELTA = "vanity_delta"
    AUDIT_LOG = "audit_log"
    MEMBERS_SEARCH = "members_search"
    MANUAL = "manual"
    IMPORTED = "imported"
    """The record of another bot says so; nobody here measured it, so such a join is never certain."""
    NONE = "none"


class Certainty(StrEnum):
    """Whether only one explanation fits, several do, or none."""

    CERTAIN = "certain"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a join that is not certain could not be decided better."""

    SEVERAL_FIT = "several_fit"
    NO_COUNTER_ROSE = "no_counter_rose"
    MANAGE_SERVER_MISSING = "manage_server_missing"
    AUDIT_LOG_MISSING = "audit_log_missing"
    NOT_IN_AUDIT_LOG = "not_in_audit_log"
    REQUEST_FAILED = "request_failed"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One explanation of a join that fits; `Source.UNKNOWN` without a code means "no counter rose for it"."""

    source: Source
    code: str | None
    inviter_id: int | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A rise of a counter that a decision rests on, with the window (our clock) in which it happened."""

    code: str | None
    units: int
    method: Method
    window_opened_at_ms: int
    window_closed_at_ms: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """A join that is not decided yet. `joined_at_ms` is Discord's clock, `received_at_ms` ours."""

    guild_id: int
    member_id: int
    joined_at_ms: int
    received_at_ms: int
    is_bot: bool
    had_avatar: bool
    is_rejoin: bool


@dataclass(frozen=True, slots=True)
class Join:
    """One join of one member; `member_id` is null when the member may not be named."""

    guild_id: int
    join_id: int
    member_id: int | None
    joined_at_ms: int
    recorded_at_ms: int
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
    account_created_at_ms: int
    had_avatar: bool
    is_rejoin: bool
    is_own_invite: bool
    left_at_ms: int | None
    cleared_at_ms: int | None


@dataclass(frozen=True, slots=True)
class KnownInvite:
    """An invite we have seen; with `deleted_at_ms` a tombstone, kept while a retained join refers to it."""

    guild_id: int
    code: str
    channel_id: int | None
    inviter_id: int | None
    uses: int
    accounted_uses: int
    open_since_ms: int | None
    max_uses: int
    is_temporary: bool
    created_at_ms: int | None
    expires_at_ms: int | None
    label: str | None
    deleted_at_ms: int | None


@dataclass(frozen=True, slots=True)
class InviteBaseline:
    """The moments up to which the invite list and the vanity counter of a guild are accounted for."""

    guild_id: int
    invites_asked_at_ms: int
    vanity_asked_at_ms: int | None
    vanity_code: str | None
    vanity_uses: int | None
    vanity_accounted_uses: int | None
    vanity_open_since_ms: int | None
    suspect_until_ms: int | None = None
    """Undecided joins and open rises up to here may be mixed up: nothing that rests on them is certain."""


@dataclass(frozen=True, slots=True)
class UnexplainedRise:
    """Uses that no join explains; `code` is null for the vanity URL."""

    code: str | None
    units: int
    window_opened_at_ms: int
    window_closed_at_ms: int


@dataclass(frozen=True, slots=True)
class FakeRules:
    """The rules of a guild that mark a join as fake, applied when counting, so also to the past."""

    own_invite: bool
    rejoin: bool
    no_avatar: bool
    minimum_account_age_days: int


@dataclass(frozen=True, slots=True)
class InviteCounts:
    """What an inviter's joins add up to. `leaves` holds only joins that are not fake."""

    total: int
    fake: int
    leaves: int
    bonus: int

    @property
    def real(self) -> int:
        return self.total - self.fake - self.leaves + self.bonus
