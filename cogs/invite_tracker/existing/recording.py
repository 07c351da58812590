"""Members from before on record, in the caller's transaction: nobody twice, and nobody who is not here any more."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from cogs.invite_tracker.confirming.findings import Finding
from cogs.invite_tracker.confirming.recording import fetch_codes
from cogs.invite_tracker.existing.reading import existing_join, explain, is_unexplained
from cogs.invite_tracker.tracking.anonymity import Anonymity, account_created_ms
from storage.arrivals import fetch_arrivals
from storage.database import ReadTransaction, WriteTransaction
from storage.invite_erasure import age_in_days, fetch_anonymous_joins
from storage.joins import fetch_joins_of_members, insert_joins, upsert_attribution
from storage.records import Arrival

STEP_MEMBERS: Final = 25
"""A step holds the writer for a few milliseconds."""


async def select_unrecorded(rx: ReadTransaction, guild_id: int, people: Sequence[Arrival]) -> list[Arrival]:
    """Return those who are not on record at this moment: the others need no writer."""
    on_record = await fetch_joins_of_members(rx, guild_id, [person.member_id for person in people])
    return [person for person in people if person.member_id not in on_record]


async def select_unexplained(
    rx: ReadTransaction, guild_id: int, findings: Mapping[int, Finding]
) -> dict[int, Finding]:
    """Return the findings that may say something new at this moment."""
    of_members = await fetch_joins_of_members(rx, guild_id, list(findings))
    return {
        member_id: findings[member_id]
        for member_id, joins in of_members.items()
        if findings[member_id].source is not None and is_unexplained(joins[-1])
    }


async def record_people(
    tx: WriteTransaction,
    guild_id: int,
    people: Sequence[Arrival],
    *,
    is_gone: Callable[[int], bool],
    is_hidden: Callable[[int], bool],
    next_id: Callable[[int], int],
    now_ms: int,
) -> int:
    """Store those who are not on record, and return how many; `is_gone` tells of those who left meanwhile.

    Whoever may not be named is left out, as is whoever is on record without a name.
    """
    on_record = await fetch_joins_of_members(tx, guild_id, [person.member_id for person in people])
    anonymous = await fetch_anonymous_joins(tx, guild_id, [person.joined_at_ms for person in people])
    undecided = {arrival.member_id for arrival in await fetch_arrivals(tx, guild_id)}
    new = [
        existing_join(person, next_id(now_ms), now_ms)
        for person in people
        if person.member_id not in on_record
        and person.member_id not in undecided
        and (person.joined_at_ms, _age_days(person)) not in anonymous
        # Last, as events come in while the above is read: who goes from here on is found by their leave.
        and not is_hidden(person.member_id)
        and not is_gone(person.member_id)
    ]
    await insert_joins(tx, new)
    return len(new)


async def record_explanations(
    tx: WriteTransaction,
    guild_id: int,
    findings: Mapping[int, Finding],
    *,
    tolerance_ms: int,
    is_hidden: Callable[[int], bool],
) -> int:
    """Note how members from before came, and return of how many that is known now; `findings` are by member."""
    of_members = await fetch_joins_of_members(tx, guild_id, list(findings))
    codes = await fetch_codes(tx, guild_id, findings.values())
    anonymity = Anonymity(is_hidden)
    explained = 0
    for member_id, joins in of_members.items():
        # The search knows the latest join alone.
        join = joins[-1]
        if not is_unexplained(join) or is_hidden(member_id):
            continue
        better = explain(join, findings[member_id], codes, tolerance_ms)
        if better is not None:
            await upsert_attribution(tx, anonymity.stored_join(better, is_hidden=False))
            explained += 1
    return explained


def _age_days(person: Arrival) -> int:
    return age_in_days(person.joined_at_ms, account_created_ms(person.member_id))
