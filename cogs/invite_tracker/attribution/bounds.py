"""The bounds on delays and clocks that attribution rests on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is assumed about delays and clocks, and how long a join may wait for its answer."""

    margin_ms: int = 400
    """How far Discord's clock may be from ours; Discord has stamped one join with two times this far apart."""
    lag_bound_ms: int = 1_000
    """A join reaches us at most this long after it happened, while the gateway is steady."""
    patience_ms: int = 10_000
    """A join that is older is settled with what is known, so that a lasting burst postpones nothing for ever."""
    outage_patience_ms: int = 60_000
    """The same while the gateway is not steady, when waiting is likely to pay."""
    late_counter_ms: int = 30_000
    """A counter rises at most this long after its join; afterwards a rise stays unexplained."""
    request_distance_least_ms: int = 100
    request_distance_most_ms: int = 1_000
    crowd: int = 4
    """This many joins waiting for one request make a burst."""
    failure_pause_least_ms: int = 1_000
    failure_pause_most_ms: int = 30_000
    edge_limit: int = 200_000
    """A tangle with more (join, rise) pairs than this is not decided: all that fits stays open."""
