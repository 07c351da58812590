"""What happened goes on record as it is, in its order and before anything is decided about it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from cogs.invite_tracker.tracking.anonymity import EVERYBODY_NAMED, Anonymity
from cogs.invite_tracker.tracking.events import GuildEvent, JoinReceived, MemberLeft, ScanEnded
from cogs.invite_tracker.tracking.keys import ArrivalKey, key_of
from cogs.invite_tracker.tracking.pending import PendingJoins
from cogs.invite_tracker.tracking.recording import select_new
from storage.arrivals import insert_arrivals
from storage.database import WriteTransaction
from storage.joins import fetch_latest_join_of_member, upsert_left
from storage.records import Arrival, Join

STEP_ROWS: Final = 200
"""So many leaves of a scan hold the writer for 20 ms; after an import, 50,000 may be found at once."""


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
    held: dict[ArrivalKey, MemberLeft] = field(default_factory=dict)
    went_at_ms: dict[int, int] = field(default_factory=dict)
    scan: ScanEnded | None = None


def split_scan(ended: ScanEnded) -> Iterator[ScanEnded]:
    """Yield the end of a scan in parts, each of them no more than one transaction should write."""
    absent_ids = sorted(ended.absent_ids)
    for begin in range(0, max(1, len(absent_ids)), STEP_ROWS):
        end = begin + STEP_ROWS
        yield replace(ended, absent_ids=frozenset(absent_ids[begin:end]), is_last=end >= len(absent_ids))


def first_step(events: Iterable[GuildEvent]) -> tuple[GuildEvent, ...]:
    """Return the first of these events, as many as one transaction should write: others wait for theirs meanwhile."""
    step: list[GuildEvent] = []
    rows = 0
    for event in events:
        rows += len(event.absent_ids) if isinstance(event, ScanEnded) else 1
        if step and rows > STEP_ROWS:
            break
        step.append(event)
    return tuple(step)


async def store_events(
    tx: WriteTransaction,
    guild_id: int,
    events: Sequence[GuildEvent],
    pending: PendingJoins,
    since_ms: int,
    anonymity: Anonymity = EVERYBODY_NAMED,
) -> Stored:
    """Store joins and leaves in the order of the events; joins from before `since_ms` (Discord's clock) are none."""
    stored = Stored()
    for kind, group in groupby(events, type):
        if kind is JoinReceived:
            joins = [
                event
                for event in group
                if isinstance(event, JoinReceived)
                # Whether such a join is on record already cannot be seen.
                and not (event.is_scanned and anonymity.is_opted_out(event.arrival.member_id))
            ]
            arrivals = [join.arrival for join in joins]
            known = (*pending.arrivals.values(), *stored.arrivals)
            left_at_ms = {key: left.left_at_ms for key, left in (stored.held | pending.leaves).items()}
            new = await select_new(tx, guild_id, arrivals, known, since_ms, left_at_ms)
            anonymity.note(new)
            await insert_arrivals(tx, [anonymity.stored_arrival(arrival) for arrival in new])
            stored.arrivals.extend(new)
            went_at_ms = pending.went_at_ms | stored.went_at_ms
            scanned = {key_of(join.arrival) for join in joins if join.is_scanned}
            stored.held |= _left_meanwhile([one for one in new if key_of(one) in scanned], went_at_ms)
            continue
        for event in group:
            if isinstance(event, MemberLeft):
                stored.went_at_ms[event.member_id] = event.left_at_ms
                await _store_leave(tx, guild_id, event, pending, stored, anonymity)
            elif isinstance(event, ScanEnded):
                stored.scan = event if event.is_last else stored.scan
                for left in _leaves_of_scan(event, pending, stored.arrivals):
                    await _store_leave(tx, guild_id, left, pending, stored, anonymity)
    return stored


async def _store_leave(
    tx: WriteTransaction,
    guild_id: int,
    left: MemberLeft,
    pending: PendingJoins,
    stored: Stored,
    anonymity: Anonymity,
) -> None:
    """Mark the join that this leave ends, or hold the leave until that join is decided."""
    key = pending.ended_by(left, stored.arrivals)
    if key is not None:
        is_ended = key in pending.leaves or key in stored.held
        latest = await fetch_latest_join_of_member(tx, guild_id, left.member_id) if is_ended else None
        # Who came back may be decided before the join that this one followed.
        if latest is None or latest.joined_at_ms < key[1]:
            stored.held.setdefault(key, left)
            return
    join = await upsert_left(tx, guild_id, left.member_id, left.left_at_ms)
    # A join that was marked before keeps its first time: then this leave is no news.
    if join is None or join.left_at_ms == left.left_at_ms:
        stored.leaves.append(Leave(left, join))
    elif anonymity.is_opted_out(left.member_id):
        # The named join is from before they opted out; of the one that ended now nobody can tell whose it was.
        stored.leaves.append(Leave(left, None))


def _left_meanwhile(
    arrivals: Iterable[Arrival], went_at_ms: Mapping[int, int]
) -> dict[ArrivalKey, MemberLeft]:
    """Return the leaves, announced already, of those who left while the answer that shows them was on its way."""
    return {
        key_of(arrival): MemberLeft(arrival.member_id, went_at_ms[arrival.member_id], None)
        for arrival in arrivals
        if arrival.joined_at_ms < went_at_ms.get(arrival.member_id, 0)
    }


def _leaves_of_scan(ended: ScanEnded, pending: PendingJoins, arrivals: Iterable[Arrival]) -> list[MemberLeft]:
    """Return the leaves that a scan found; who came back while it ran is here, and may be decided already."""
    came_at_ms = pending.came_at_ms | {arrival.member_id: arrival.received_at_ms for arrival in arrivals}
    return [
        MemberLeft(member_id, ended.ended_at_ms, None)
        for member_id in ended.absent_ids
        if came_at_ms.get(member_id, -1) < ended.started_at_ms
    ]
