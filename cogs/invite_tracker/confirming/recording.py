"""What findings leave on record: repairs, credits that are passed on, and when to ask again; in the caller's transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cogs.invite_tracker.attribution import Decision
from cogs.invite_tracker.confirming.credits import pass_on
from cogs.invite_tracker.confirming.findings import Finding
from cogs.invite_tracker.confirming.pace import Pace
from cogs.invite_tracker.confirming.repairs import KnownCodes, Repair, decide, is_about, may_be_confirmed
from cogs.invite_tracker.messages.rendering import what_is_told
from cogs.invite_tracker.tracking.anonymity import Anonymity
from storage.confirmations import (
    UnconfirmedJoin,
    delete_unconfirmed_joins,
    update_join_messages_changed,
    update_rise_explained,
    update_unconfirmed_joins,
    upsert_unconfirmed_join,
)
from storage.database import ReadTransaction, WriteTransaction
from storage.invites import fetch_baseline, fetch_known_invite, insert_unexplained_rises
from storage.joins import fetch_ambiguous_joins, fetch_joins_by_id, fetch_joins_of_members, upsert_attribution
from storage.records import Certainty, Join, Method, Source, UnexplainedRise

TANGLED_MS: Final = 120_000
"""Joins that share out the uses of the same codes are decided within this time of each other."""

TANGLED_MOST: Final = 2_000

_MEASURED = frozenset({Method.USES_RISE, Method.USED_UP, Method.VANITY_DELTA, Method.NONE})


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What one answer settled: joins that were repaired, and how many it agreed with."""

    repairs: tuple[Repair, ...]
    agreed: int


def decided_for_good(joins: Iterable[Join], decision: Decision) -> list[Join]:
    """Leave out the joins of which the decision says only provisionally how they came: counters may still tell."""
    provisional = {
        (verdict.arrival.member_id, verdict.arrival.joined_at_ms)
        for verdict in (*decision.verdicts, *decision.repairs)
        if verdict.is_provisional
    }
    return [join for join in joins if (join.member_id, join.joined_at_ms) not in provisional]


async def await_confirmation(tx: WriteTransaction, joins: Iterable[Join], pace: Pace, now_ms: int) -> None:
    """Let these joins, which were decided for good, be asked about."""
    for join in joins:
        if may_be_confirmed(join):
            await upsert_unconfirmed_join(tx, join.guild_id, join.join_id, pace.first_at_ms(join, now_ms))


async def record_findings(
    tx: WriteTransaction,
    guild_id: int,
    asked: Sequence[UnconfirmedJoin],
    findings: Mapping[int, Finding],
    *,
    pace: Pace,
    now_ms: int,
    tolerance_ms: int,
    is_opted_out: Callable[[int], bool],
) -> Confirmed:
    """Write what the findings say about the joins that were asked about; `findings` are by member.

    What is on record now counts, not what was when the request was sent. `tolerance_ms` as in `is_about`.
    """
    joins = await fetch_joins_by_id(tx, guild_id, [one.join_id for one in asked])
    codes = await fetch_codes(tx, guild_id, findings.values())
    anonymity = Anonymity(is_opted_out)
    near = NearJoins(guild_id)
    close = await _fetch_close(tx, guild_id, joins.values(), tolerance_ms)
    repairs: list[Repair] = []
    agreed = 0
    done: list[int] = []
    again: list[UnconfirmedJoin] = []
    for one in asked:
        join = joins.get(one.join_id)
        member_id = None if join is None else join.member_id
        if (
            join is None
            or member_id is None
            or not may_be_confirmed(join)
            or anonymity.is_opted_out(member_id)
        ):
            done.append(one.join_id)
            continue
        finding = findings.get(member_id)
        # Of two joins so close, the index may still hold the first.
        tolerated_ms = 0 if join.join_id in close else tolerance_ms
        if finding is None or not is_about(finding, join, tolerated_ms):
            again.append(one)
            continue
        repair = decide(join, finding, codes, tolerated_ms)
        if repair is not None:
            repair = Repair(repair.before, anonymity.stored_join(repair.after, is_hidden=False))
            # Others of this answer may have been given another credit by it.
            joins |= await _repair(tx, repair, near)
            repairs.append(repair)
        elif join.certainty is not Certainty.CERTAIN:
            again.append(one)
            continue
        elif finding.source is not None:
            agreed += 1
        done.append(one.join_id)
    await _postpone(tx, guild_id, again, done, pace, now_ms)
    await delete_unconfirmed_joins(tx, guild_id, done)
    return Confirmed(tuple(repairs), agreed)


async def _fetch_close(
    tx: WriteTransaction, guild_id: int, joins: Iterable[Join], tolerance_ms: int
) -> set[int]:
    """Return which of these joins lie so close to another of the same member that a time may be meant for either."""
    if not tolerance_ms:
        return set()
    named = {join.join_id: join.member_id for join in joins if join.member_id is not None}
    of_members = await fetch_joins_of_members(tx, guild_id, list(named.values()))
    return {
        one.join_id
        for of_member in of_members.values()
        for one in of_member
        if one.join_id in named
        and any(
            other is not one and abs(other.joined_at_ms - one.joined_at_ms) <= 2 * tolerance_ms
            for other in of_member
        )
    }


async def _postpone(
    tx: WriteTransaction,
    guild_id: int,
    again: Iterable[UnconfirmedJoin],
    done: list[int],
    pace: Pace,
    now_ms: int,
) -> None:
    """Let joins be asked about again; those of which it was the last time go to `done`."""
    later = []
    for one in again:
        if one.due_at_ms > now_ms:
            # It only went along, and its own time is still to come.
            continue
        due_at_ms = pace.again_at_ms(one.tries + 1, now_ms)
        if due_at_ms is None:
            done.append(one.join_id)
        else:
            later.append(UnconfirmedJoin(one.join_id, due_at_ms, one.tries + 1))
    await update_unconfirmed_joins(tx, guild_id, later)


class NearJoins:
    """The ambiguous joins around others, read once for all that are repaired together: in a raid they are thousands."""

    def __init__(self, guild_id: int) -> None:
        self._guild_id = guild_id
        self._around_ms: int | None = None
        self._joins: dict[int, Join] = {}

    async def fetch(self, rx: ReadTransaction, join: Join) -> list[Join]:
        """Return those that may share out the uses of the same codes with this one."""
        at_ms = join.recorded_at_ms
        if self._around_ms is None or abs(at_ms - self._around_ms) > TANGLED_MS // 4:
            self._around_ms = at_ms
            found = await fetch_ambiguous_joins(
                rx, self._guild_id, at_ms - TANGLED_MS, at_ms + TANGLED_MS, TANGLED_MOST
            )
            self._joins = {one.join_id: one for one in found}
        return [one for one in self._joins.values() if one.join_id != join.join_id and _shares_out(one)]

    def note(self, changed: Iterable[Join]) -> None:
        """Learn what was written."""
        for join in changed:
            if join.join_id in self._joins:
                self._joins[join.join_id] = join


async def share_out_anew(
    tx: WriteTransaction, before: Join, after: Join, near: NearJoins
) -> list[Join] | None:
    """Let joins nearby take over the credit that one had, and leave it the one that it takes; return them as they are now.

    None when they cannot: then the use that it had belongs to no join that is known.
    """
    if before.credited_code == after.credited_code:
        return []
    changed = pass_on(before.credited_code, after.credited_code, await near.fetch(tx, before))
    for join in changed or ():
        await upsert_attribution(tx, join)
    near.note(changed or ())
    return changed


async def _repair(tx: WriteTransaction, repair: Repair, near: NearJoins) -> dict[int, Join]:
    """Write the repaired join, and those that take over its credit; return them all, by id."""
    before, after = repair.before, repair.after
    passed_on = await share_out_anew(tx, before, after, near)
    if passed_on is None:
        await _settle_rises(tx, repair)
    await upsert_attribution(tx, after)
    near.note([after])
    if what_is_told(before) != what_is_told(after):
        await update_join_messages_changed(tx, after.guild_id, [after.join_id])
    return {join.join_id: join for join in (after, *(passed_on or ()))}


def _shares_out(join: Join) -> bool:
    """Whether a join has its credit from the counters; and anonymous joins never change again."""
    return join.method in _MEASURED and join.member_id is not None


async def _settle_rises(tx: WriteTransaction, repair: Repair) -> None:
    """Put on record that no join explains the use that this one was credited with, and that it explains another."""
    before, after = repair.before, repair.after
    if after.credited_code is not None:
        code = None if after.source is Source.VANITY else after.credited_code
        await update_rise_explained(
            tx, after.guild_id, code, after.joined_at_ms - TANGLED_MS, after.joined_at_ms + TANGLED_MS
        )
    for line in before.evidence:
        if line.code is not None and line.code == before.credited_code:
            code = None if line.method is Method.VANITY_DELTA else line.code
            rise = UnexplainedRise(code, 1, line.window_opened_at_ms, line.window_closed_at_ms)
            await insert_unexplained_rises(tx, after.guild_id, [rise], after.recorded_at_ms)
            return


async def fetch_codes(tx: WriteTransaction, guild_id: int, findings: Iterable[Finding]) -> KnownCodes:
    """Return what is on record of the codes that the findings name."""
    baseline = await fetch_baseline(tx, guild_id)
    inviters = {}
    for code in {finding.code for finding in findings if finding.code is not None}:
        invite = await fetch_known_invite(tx, guild_id, code)
        if invite is not None:
            inviters[code] = invite.inviter_id
    return KnownCodes(None if baseline is None else baseline.vanity_code, inviters)
