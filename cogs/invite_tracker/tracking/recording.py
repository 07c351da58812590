"""What a decision looks like on record: events and verdicts become rows, inside the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from cogs.invite_tracker.attribution.verdicts import Decision, Verdict
from cogs.invite_tracker.messages.rendering import what_is_told
from cogs.invite_tracker.tracking.anonymity import (
    EVERYBODY_NAMED,
    Anonymity,
    account_created_ms,
    is_stand_in,
)
from cogs.invite_tracker.tracking.keys import ArrivalKey, key_of
from storage.arrivals import delete_arrivals
from storage.confirmations import update_join_messages_changed
from storage.corrections import update_correction_before
from storage.database import WriteTransaction
from storage.invite_erasure import age_in_days, fetch_anonymous_joins
from storage.invites import insert_unexplained_rises, upsert_baseline, upsert_known_invites
from storage.joins import JoinIds, fetch_joins_of_members, insert_joins, upsert_attribution, upsert_left
from storage.records import Arrival, Certainty, Join, Method, Reason, Source

COPY_MS = 1_000
"""Discord sends some joins twice, with times up to 0.4 s apart; so soon only a leave in between makes two of them."""

BETTER_KNOWN = frozenset({Method.MEMBERS_SEARCH, Method.MANUAL})
"""What counters say later does not change what Discord or an admin said."""


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
    anonymous = await fetch_anonymous_joins(tx, guild_id, [arrival.joined_at_ms for arrival in arrivals])
    new: list[Arrival] = []
    for arrival in sorted(arrivals, key=lambda arrival: arrival.joined_at_ms):
        earlier = on_record.get(arrival.member_id, [])
        if arrival.joined_at_ms < since_ms or _is_among(anonymous, arrival):
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
    anonymity: Anonymity = EVERYBODY_NAMED,
) -> Recorded:
    """Write everything that the decision says; `recorded_keys` are pending joins that are on record provisionally."""

    def join_of(verdict: Verdict) -> Join:
        left = left_at_ms.get(key_of(verdict.arrival))
        return join_of_verdict(verdict, ids.next_id(now_ms), now_ms, left)

    new = [verdict for verdict in decision.verdicts if key_of(verdict.arrival) not in recorded_keys]
    again = [verdict for verdict in decision.verdicts if key_of(verdict.arrival) in recorded_keys]
    joins = [
        anonymity.stored_join(join_of(verdict), is_hidden=False)
        for verdict in new
        if not anonymity.hides(verdict.arrival)
    ]
    await insert_joins(tx, joins)
    # An anonymous row cannot be found again, so it is written once, when nothing about it can change any more.
    final = [
        verdict
        for verdict in (*new, *decision.repairs)
        if anonymity.hides(verdict.arrival)
        and not verdict.is_provisional
        and key_of(verdict.arrival) not in recorded_keys
    ]
    joins += await _insert_anonymous(tx, guild_id, [join_of(verdict) for verdict in final], anonymity)
    repaired = await _repair(
        tx,
        guild_id,
        [verdict for verdict in (*again, *decision.repairs) if not anonymity.hides(verdict.arrival)],
        anonymity,
    )
    decided = [
        anonymity.stored_key(key_of(verdict.arrival))
        for verdict in (*decision.verdicts, *decision.repairs)
        if not verdict.is_provisional
    ]
    await delete_arrivals(tx, guild_id, decided)
    await insert_unexplained_rises(tx, guild_id, decision.unexplained, now_ms)
    await upsert_known_invites(tx, [anonymity.stored_invite(invite) for invite in decision.known_invites])
    if decision.baseline is not None:
        await upsert_baseline(tx, decision.baseline)
    return Recorded(tuple(joins), tuple(repaired))


async def record_bot(tx: WriteTransaction, join: Join, anonymity: Anonymity = EVERYBODY_NAMED) -> None:
    """Write the join of a bot."""
    await insert_joins(tx, [anonymity.stored_join(join, is_hidden=False)])
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
        account_created_at_ms=account_created_ms(arrival.member_id),
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
        account_created_at_ms=account_created_ms(arrival.member_id),
        had_avatar=arrival.had_avatar,
        is_rejoin=arrival.is_rejoin,
        is_own_invite=False,
        left_at_ms=left_at_ms,
        cleared_at_ms=None,
    )


def _is_among(anonymous: Collection[tuple[int, int]], arrival: Arrival) -> bool:
    """Whether this join is on record without its member: of the same millisecond, by an account of the same age."""
    age_days = age_in_days(arrival.joined_at_ms, account_created_ms(arrival.member_id))
    return (arrival.joined_at_ms, age_days) in anonymous


async def _insert_anonymous(
    tx: WriteTransaction, guild_id: int, joins: Sequence[Join], anonymity: Anonymity
) -> list[Join]:
    """Store joins without their members, and return them with their members, as far as those are known."""
    member_ids = [join.member_id for join in joins if join.member_id is not None]
    earlier = await fetch_joins_of_members(tx, guild_id, member_ids)
    stored = [
        anonymity.stored_join(join, is_hidden=True, is_known=join.member_id in earlier) for join in joins
    ]
    await insert_joins(tx, stored)
    return [
        replace(as_stored, member_id=join.member_id)
        for join, as_stored in zip(joins, stored, strict=True)
        if join.member_id is not None and not is_stand_in(join.member_id)
    ]


async def _repair(
    tx: WriteTransaction, guild_id: int, verdicts: Sequence[Verdict], anonymity: Anonymity
) -> list[Join]:
    on_record = await fetch_joins_of_members(
        tx, guild_id, [verdict.arrival.member_id for verdict in verdicts]
    )
    repaired: list[Join] = []
    told_otherwise: list[int] = []
    for verdict in verdicts:
        for join in on_record.get(verdict.arrival.member_id, []):
            if join.joined_at_ms != verdict.arrival.joined_at_ms:
                continue
            better = anonymity.stored_join(
                join_of_verdict(verdict, join.join_id, join.recorded_at_ms, join.left_at_ms),
                is_hidden=False,
            )
            if join.method is Method.MANUAL:
                # It stands; an undo is to bring back what was measured in the end.
                await upsert_attribution(tx, replace(join, evidence=better.evidence))
                await update_correction_before(tx, better)
            elif join.method not in BETTER_KNOWN:
                await upsert_attribution(tx, better)
                repaired.append(better)
                if what_is_told(join) != what_is_told(better):
                    told_otherwise.append(join.join_id)
    await update_join_messages_changed(tx, guild_id, told_otherwise)
    return repaired
