"""What may happen in a simulated guild, and what came of it."""

from collections import Counter
from dataclasses import dataclass, field

from cogs.invite_tracker.attribution import Bounds, Verdict
from storage.records import Arrival, Certainty, InviteBaseline, KnownInvite, Source, UnexplainedRise

START_MS = 1_700_000_000_000
GUILD_ID = 1
CHANNEL_ID = 5
VANITY = "vanity"
NOBODY: tuple[Source, str | None] = (Source.UNKNOWN, None)

Truth = tuple[Source, str | None]


@dataclass(frozen=True)
class Story:
    """What happens in a simulated guild; times in ms, shares between 0 and 1."""

    seed: int = 0
    joins: int = 200
    joins_per_second: float = 1.0
    codes: int = 20
    one_time_share: float = 0.15
    link_age_ms: tuple[int, int] = (500, 20_000)
    vanity_share: float = 0.08
    discovery_share: float = 0.05
    old_member_uses_per_join: float = 0.0
    gateway_lag: tuple[int, int] = (30, 150)
    latency: tuple[int, int] = (30, 120)
    read_at: tuple[float, float] = (0.0, 1.0)
    """The part of a request after which the server reads the counters."""
    clock_offset_ms: int = 0
    create_events: bool = True
    failure_share: float = 0.0
    outages: int = 0
    outage_ms: tuple[int, int] = (500, 8_000)
    crashes: int = 0
    downtime_ms: tuple[int, int] = (0, 3_000)
    hand_deletions: int = 0
    expiring_share: float = 0.0
    audit_log: bool = True
    bounds: Bounds = field(default_factory=Bounds)


@dataclass
class Link:
    """An invite in the simulated guild."""

    code: str
    created_at_ms: int
    max_uses: int = 0
    expires_at_ms: int | None = None
    uses: int = 0


@dataclass
class Outcome:
    """What was true, and what was concluded."""

    truth: dict[int, Truth]
    uses: Counter[str]
    uncertain_codes: set[str]
    verdicts: dict[int, Verdict]
    first_verdict_delay_ms: dict[int, int]
    unexplained: list[UnexplainedRise]
    requests: int
    pending: int

    @property
    def wrong(self) -> list[int]:
        """The members whose certain answer is not the truth."""
        return [
            member_id
            for member_id, verdict in self.verdicts.items()
            if verdict.certainty is Certainty.CERTAIN
            and (verdict.source, verdict.code) != self.truth[member_id]
        ]

    @property
    def certain_share(self) -> float:
        """The share of certain and right answers among the joins that a counter shows."""
        shown = [member_id for member_id, truth in self.truth.items() if truth != NOBODY]
        certain = sum(self.verdicts[member_id].certainty is Certainty.CERTAIN for member_id in shown)
        return (certain - len(self.wrong)) / len(shown)

    @property
    def credited(self) -> Counter[str]:
        """How often each code was credited or put on record as unexplained."""
        total = Counter(v.credited_code for v in self.verdicts.values() if v.credited_code is not None)
        for rise in self.unexplained:
            total[rise.code or VANITY] += rise.units
        return total


@dataclass
class Store:
    """What survives a crash."""

    baseline: InviteBaseline | None = None
    known: dict[str, KnownInvite] = field(default_factory=dict)
    arrivals: dict[tuple[int, int], Arrival] = field(default_factory=dict)
    verdicts: dict[tuple[int, int], Verdict] = field(default_factory=dict)
    unexplained: list[UnexplainedRise] = field(default_factory=list)
