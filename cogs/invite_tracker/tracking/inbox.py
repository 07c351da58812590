"""What happened goes on record as it is, in its order and before anything is decided about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from cogs.invite_tracker.tracking.events import GuildEvent, JoinReceived, MemberLeft, ScanEnded
from cogs.invite_tracker.tracking.pending import PendingJoins
from cogs.invite_tracker.tracking.recording import select_new
from storage.arrivals import insert_arrivals
from storage.database import WriteTransaction
from storage.joins import upsert_left
from storage.records import Arrival, Join


@dataclass(frozen=True, slots=True)
class Leave:
    """A leave that is on record, and the join that it ended, if that is on record too."""

    left: MemberLeft
    join: Join | None


@dataclass(slots=True)
class Stored:
    """What one transaction put on record.

    `arrivals` are new undecided joins, `leaves` ended joins that were decided before, `held` end undecided ones.
    """

    arrivals: list[Arrival] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)
    held: list[MemberLeft] = field(default_factory=list)
    scan: ScanEnded | None = None


async def store_events(
    tx: WriteTransaction, guild_id: int, events: Sequence[GuildEvent], pending: PendingJoins, since_ms: int
) -> Stored:
    """Store joins and leaves in the order of the events; joins from before `since_ms` (Discord's clock) are none."""
    stored = Stored()
    for kind, group in groupby(events, type):
        if kind is JoinReceived:
            arrivals = [event.arrival for event in group if isinstance(event, JoinReceived)]
            known = (*pending.arrivals.values(), *stored.arrivals)
            new = await select_new(tx, guild_id, arrivals, known, since_ms)
            await insert_arrivals(tx, new)
            stored.arrivals.extend(new)
            continue
        for event in group:
            if isinstance(event, MemberLeft):
                await _store_leave(tx, guild_id, event, pending, stored)
            elif isinstance(event, ScanEnded):
                stored.scan = event
                for left in _leaves_of_scan(event, (*pending.arrivals.values(), *stored.arrivals)):
                    await _store_leave(tx, guild_id, left, pending, stored)
    return stored


async def _store_leave(
    tx: WriteTransaction, guild_id: int, left: MemberLeft, pending: PendingJoins, stored: Stored
) -> None:
    """Mark the join that this leave ends, or hold the leave until that join is decided."""
    if pending.is_undecided(left, stored.arrivals):
        stored.held.append(left)
        return
    join = await upsert_left(tx, guild_id, left.member_id, left.left_at_ms)
    # A join that was marked before keeps its first time: then this leave is no news.
    if join is None or join.left_at_ms == left.left_at_ms:
        stored.leaves.append(Leave(left, join))


def _leaves_of_scan(ended: ScanEnded, arrivals: Sequence[Arrival]) -> list[MemberLeft]:
    """Return the leaves that a scan found; who came back while it ran is here."""
    back = {arrival.member_id for arrival in arrivals if arrival.received_at_ms >= ended.started_at_ms}
    return [MemberLeft(member_id, ended.ended_at_ms, None) for member_id in ended.absent_ids - back]
