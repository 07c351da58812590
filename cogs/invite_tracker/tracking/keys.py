"""What identifies a join before it is on record."""

from storage.records import Arrival

ArrivalKey = tuple[int, int]
"""(member id, joined_at_ms): one join of one member."""


def key_of(arrival: Arrival) -> ArrivalKey:
    """Return what identifies the join within its guild."""
    return arrival.member_id, arrival.joined_at_ms
