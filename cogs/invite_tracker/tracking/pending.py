"""The joins of one guild that are stored as arrivals and not decided yet, and the leaves that have to wait for them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cogs.invite_tracker.tracking.events import MemberLeft
from cogs.invite_tracker.tracking.keys import ArrivalKey, key_of
from storage.records import Arrival


@dataclass(slots=True)
class PendingJoins:
    """Undecided joins by (member id, joined_at_ms)."""

    arrivals: dict[ArrivalKey, Arrival] = field(default_factory=dict)
    on_record: set[ArrivalKey] = field(default_factory=set)
    """Those that are recorded provisionally: what is decided about them repairs that record."""
    leaves: dict[ArrivalKey, MemberLeft] = field(default_factory=dict)
    came_at_ms: dict[int, int] = field(default_factory=dict)
    """Who came lately (our clock), decided or not, until `end_scan`: a scan may have missed them."""
    went_at_ms: dict[int, int] = field(default_factory=dict)
    """Who went lately, until `end_scan`: a scan may show them as they were before."""

    def add(self, arrivals: Iterable[Arrival]) -> None:
        """Take in arrivals that are stored."""
        for arrival in arrivals:
            self.arrivals[key_of(arrival)] = arrival
            self.came_at_ms[arrival.member_id] = arrival.received_at_ms

    def end_scan(self) -> None:
        """Learn that no scan is under way: whoever comes and goes from now on is seen once, by their events."""
        self.came_at_ms.clear()
        self.went_at_ms.clear()

    def end_earlier_joins(self, keys: Iterable[ArrivalKey]) -> None:
        """Conclude that who joined again, decided or not, has left before, should nobody have seen how.

        To be told of leaves first.
        """
        joined_at_ms: dict[int, list[int]] = defaultdict(list)
        for member_id, at_ms in keys:
            joined_at_ms[member_id].append(at_ms)
        for key in self.arrivals:
            again_ms = min((at_ms for at_ms in joined_at_ms.get(key[0], ()) if at_ms > key[1]), default=None)
            if again_ms is not None:
                self.leaves.setdefault(key, MemberLeft(key[0], again_ms, None))

    def ended_by(self, left: MemberLeft, more: Iterable[Arrival] = ()) -> ArrivalKey | None:
        """Return the latest join that this leave can end and that is not on record yet; `more` are still to be added."""
        undecided = (arrival for key, arrival in self.arrivals.items() if key not in self.on_record)
        return max(
            (
                key_of(arrival)
                for arrival in (*undecided, *more)
                if arrival.member_id == left.member_id and arrival.received_at_ms <= left.left_at_ms
            ),
            default=None,
        )

    def hold_leaves(self, leaves: Mapping[ArrivalKey, MemberLeft]) -> None:
        """Keep leaves until the join that each ends is on record; the first leave of a join counts."""
        for key, left in leaves.items():
            self.leaves.setdefault(key, left)

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
