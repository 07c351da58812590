"""What a decision looks like on record: events and verdicts become rows, inside the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.snowflakes import snowflake_ms
from cogs.invite_tracker.attribution.verdicts import Decision, Verdict
from storage.arrivals import delete_arrivals
from storage.database import WriteTransaction
from storage.invites import insert_unexplained_rises, upsert_baseline, upsert_known_invites
from storage.joins import JoinIds, fetch_joins_of_members, insert_joins, upsert_attribution, upsert_left
from storage.records import Arrival, Certainty, Join, Method, Reason, Source

ArrivalKey = tuple[int, int]
"""(member id, joined_at_ms): one join of one member."""

COPY_MS = 1_000
"""Discord sends some joins twice, with times up to 0.4 s apart; so soon only a leave in between makes two of them."""


def key_of(arrival: Arrival) -> ArrivalKey:
    """Return what identifies the join within its guild."""
    return arrival.member_id, arrival.joined_at_ms


def is_copy(arrival: Arrival, joined_at_ms: int, left_at_ms: int | None) -> bool:
    """Whether this arrival repeats the member's join at that time, or is even older news.

    `left_at_ms` (our clock) is when that join ended, if it was seen to end.
    """
    came_back = left_at_ms is not None and left_at_ms <= arrival.received_at_ms
    if came_back and arrival.joined_at_ms > joined_at_ms:
        return False
    return arrival.joined_at_ms <= joined_at_ms + COPY_MS


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one transaction put on record: new joins (to be announced) and joins whose attribution changed."""

    joins: tuple[Join, ...]
    repaired: tuple[Join, ...]


async def select_new(
    tx: WriteTransaction,
    guild_id: int,
    arrivals: Sequence[Arrival],
    pending: Collection[Arrival],
    since_ms: int,
    left_at_ms: Mapping[ArrivalKey, int],
) -> list[Arrival]:
    """Return the arrivals that are joins of their own: not copies of pending or recorded ones, not before tracking.

    `left_at_ms` is when pending joins were seen to end, those that were.
    A recorded join that was never seen to end is marked as left at the new one.
    """
    on_record = await fetch_joins_of_members(tx, guild_id, [arrival.member_id for arrival in arrivals])
    latest: dict[int, ArrivalKey] = {}
    for key in map(key_of, pending):
        latest[key[0]] = max(key, latest.get(key[0], key))
    new: list[Arrival] = []
    for arrival in sorted(arrivals, key=lambda arrival: arrival.joined_at_ms):
        earlier = on_record.get(arrival.member_id, [])
        if arrival.joined_at_ms < since_ms:
            continue
        if any(is_copy(arrival, join.joined_at_ms, join.left_at_ms) for join in earlier):
            continue
        undecided = latest.get(arrival.member_id)
        if undecided is not None and is_copy(arrival, undecided[1], left_at_ms.get(undecided)):
            continue
        if earlier and earlier[-1].left_at_ms is None:
            await upsert_left(tx, guild_id, arrival.member_id, arrival.joined_at_ms)
        latest[arrival.member_id] = key_of(arrival)
        was_here = bool(earlier) or undecided is not None
        new.append(replace(arrival, is_rejoin=arrival.is_rejoin or was_here))
    return new


async def record_decision(
    tx: WriteTransaction,
    guild_id: int,
    decision: Decision,
    *,
    recorded_keys: Collection[ArrivalKey],
    left_at_ms: Mapping[ArrivalKey, int],
    ids: JoinIds,
    now_ms: int,
) -> Recorded:
    """Write everything that the decision says; `recorded_keys` are pending joins that are on record provisionally."""
    joins = [
        join_of_verdict(verdict, ids.next_id(now_ms), now_ms, left_at_ms.get(key_of(verdict.arrival)))
        for verdict in decision.verdicts
        if key_of(verdict.arrival) not in recorded_keys
    ]
    await insert_joins(tx, joins)
    again = [verdict for verdict in decision.verdicts if key_of(verdict.arrival) in recorded_keys]
    repaired = await _repair(tx, guild_id, [*again, *decision.repairs])
    decided = [
        key_of(verdict.arrival)
        for verdict in (*decision.verdicts, *decision.repairs)
        if not verdict.is_provisional
    ]
    await delete_arrivals(tx, guild_id, decided)
    await insert_unexplained_rises(tx, guild_id, decision.unexplained, now_ms)
    await upsert_known_invites(tx, decision.known_invites)
    if decision.baseline is not None:
        await upsert_baseline(tx, decision.baseline)
    return Recorded(tuple(joins), tuple(repaired))


async def record_bot(tx: WriteTransaction, join: Join) -> None:
    """Write the join of a bot."""
    await insert_joins(tx, [join])
    if join.member_id is not None:
        await delete_arrivals(tx, join.guild_id, [(join.member_id, join.joined_at_ms)])


def join_of_verdict(verdict: Verdict, join_id: int, recorded_at_ms: int, left_at_ms: int | None) -> Join:
    """Return the row of a decided join."""
    arrival = verdict.arrival
    return Join(
        guild_id=arrival.guild_id,
        join_id=join_id,
        member_id=arrival.member_id,
        joined_at_ms=arrival.joined_at_ms,
        recorded_at_ms=recorded_at_ms,
        source=verdict.source,
        code=verdict.code,
        inviter_id=verdict.inviter_id,
        method=verdict.method,
        certainty=verdict.certainty,
        # The one explanation of a certain join stands in the columns beside.
        candidates=verdict.candidates if verdict.certainty is Certainty.AMBIGUOUS else (),
        evidence=verdict.evidence,
        reason=verdict.reason,
        credited_code=verdict.credited_code,
        credited_inviter_id=verdict.credited_inviter_id,
        account_created_at_ms=snowflake_ms(arrival.member_id),
        had_avatar=arrival.had_avatar,
        is_rejoin=arrival.is_rejoin,
        is_own_invite=verdict.credited_inviter_id == arrival.member_id,
        left_at_ms=left_at_ms,
        cleared_at_ms=None,
    )


def join_of_bot(
    arrival: Arrival,
    adder_id: int | None,
    reason: Reason | None,
    join_id: int,
    now_ms: int,
    left_at_ms: int | None,
) -> Join:
    """Return the row of a bot; it is credited to nobody, because no invite brought it."""
    return Join(
        guild_id=arrival.guild_id,
        join_id=join_id,
        member_id=arrival.member_id,
        joined_at_ms=arrival.joined_at_ms,
        recorded_at_ms=now_ms,
        source=Source.BOT,
        code=None,
        inviter_id=adder_id,
        method=Method.NONE if adder_id is None else Method.AUDIT_LOG,
        certainty=Certainty.UNKNOWN if adder_id is None else Certainty.CERTAIN,
        candidates=(),
        evidence=(),
        reason=reason,
        credited_code=None,
        credited_inviter_id=None,
        account_created_at_ms=snowflake_ms(arrival.member_id),
        had_avatar=arrival.had_avatar,
        is_rejoin=arrival.is_rejoin,
        is_own_invite=False,
        left_at_ms=left_at_ms,
        cleared_at_ms=None,
    )


async def _repair(tx: WriteTransaction, guild_id: int, verdicts: Sequence[Verdict]) -> list[Join]:
    on_record = await fetch_joins_of_members(
        tx, guild_id, [verdict.arrival.member_id for verdict in verdicts]
    )
    repaired: list[Join] = []
    for verdict in verdicts:
        for join in on_record.get(verdict.arrival.member_id, []):
            if join.joined_at_ms == verdict.arrival.joined_at_ms:
                better = join_of_verdict(verdict, join.join_id, join.recorded_at_ms, join.left_at_ms)
                await upsert_attribution(tx, better)
                repaired.append(better)
    return repaired
