"""The joins of one guild that are stored as arrivals and not decided yet, and the leaves that have to wait for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cogs.invite_tracker.tracking.events import MemberLeft
from cogs.invite_tracker.tracking.recording import ArrivalKey, key_of
from storage.records import Arrival


@dataclass(slots=True)
class PendingJoins:
    """Undecided joins by (member id, joined_at_ms)."""

    arrivals: dict[ArrivalKey, Arrival] = field(default_factory=dict)
    on_record: set[ArrivalKey] = field(default_factory=set)
    """Those that are recorded provisionally: what is decided about them repairs that record."""
    leaves: dict[ArrivalKey, MemberLeft] = field(default_factory=dict)

    def add(self, arrivals: Iterable[Arrival]) -> None:
        """Take in arrivals that are stored."""
        for arrival in arrivals:
            self.arrivals[key_of(arrival)] = arrival

    def end_earlier_joins(self, arrivals: Iterable[Arrival]) -> None:
        """Conclude that who joined again has left before, should nobody have seen how; to be told of leaves first."""
        latest = {arrival.member_id: arrival for arrival in arrivals}
        for key in self.arrivals:
            again = latest.get(key[0])
            if again is not None and key[1] < again.joined_at_ms:
                self.leaves.setdefault(key, MemberLeft(key[0], again.joined_at_ms, None))

    def is_undecided(self, left: MemberLeft, more: Iterable[Arrival] = ()) -> bool:
        """Whether this leave ends a join that is not on record yet; `more` are arrivals still to be added."""
        undecided = (arrival for key, arrival in self.arrivals.items() if key not in self.on_record)
        return any(_ends(left, arrival) for arrival in (*undecided, *more))

    def hold_leave(self, left: MemberLeft) -> None:
        """Keep a leave until the latest join that it can end is on record; the first leave counts."""
        ended = [
            key
            for key, arrival in self.arrivals.items()
            if key not in self.on_record and _ends(left, arrival)
        ]
        if ended:
            self.leaves.setdefault(max(ended), left)

    def left_at_ms(self) -> Mapping[ArrivalKey, int]:
        """Return when the members of undecided joins left, those that did."""
        return {key: left.left_at_ms for key, left in self.leaves.items()}

    def settle(self, key: ArrivalKey, *, is_provisional: bool = False) -> MemberLeft | None:
        """Let go of a join that is on record now, and return the leave that waited for it."""
        if is_provisional:
            self.on_record.add(key)
        else:
            self.arrivals.pop(key, None)
            self.on_record.discard(key)
        return self.leaves.pop(key, None)


def _ends(left: MemberLeft, arrival: Arrival) -> bool:
    return arrival.member_id == left.member_id and arrival.received_at_ms <= left.left_at_ms
