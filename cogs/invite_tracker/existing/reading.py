"""What Discord says of members who were here before, as rows. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.snowflakes import DISCORD_EPOCH_MS
from cogs.invite_tracker.confirming.findings import Finding
from cogs.invite_tracker.confirming.repairs import KnownCodes, decide
from cogs.invite_tracker.tracking.anonymity import account_created_ms
from cogs.invite_tracker.tracking.events import read_join
from storage.invite_erasure import DAY_MS
from storage.records import Arrival, Certainty, Join, Method, Source

_ID_BITS = 22
"""The low bits of an id; the others hold the milliseconds since Discord's epoch (Discord documentation, Reference)."""


def read_people(
    guild_id: int, page: Iterable[Mapping[str, Any]], joined_before_ms: int, received_at_ms: int
) -> Iterator[Arrival]:
    """Yield the people on a page of the member list who joined before that (Discord's clock); bots are none.

    Guests have no time of joining, and are no members.
    """
    for member in page:
        if not member.get("joined_at"):
            continue
        arrival = read_join(guild_id, member, received_at_ms).arrival
        if not arrival.is_bot and arrival.joined_at_ms < joined_before_ms:
            yield arrival


def existing_join(arrival: Arrival, join_id: int, recorded_at_ms: int) -> Join:
    """Return the row of a member who was here before: how they came is not known, or not yet."""
    return Join(
        guild_id=arrival.guild_id,
        join_id=join_id,
        member_id=arrival.member_id,
        joined_at_ms=arrival.joined_at_ms,
        recorded_at_ms=recorded_at_ms,
        source=Source.EXISTING,
        code=None,
        inviter_id=None,
        method=Method.NONE,
        certainty=Certainty.UNKNOWN,
        candidates=(),
        evidence=(),
        reason=None,
        credited_code=None,
        credited_inviter_id=None,
        account_created_at_ms=account_created_ms(arrival.member_id),
        had_avatar=arrival.had_avatar,
        is_rejoin=arrival.is_rejoin,
        is_own_invite=False,
        left_at_ms=None,
        cleared_at_ms=None,
    )


def is_unexplained(join: Join) -> bool:
    """Whether this is a member from before, still here, of whom nobody said yet how they came."""
    return (
        join.source is Source.EXISTING
        and join.method is Method.NONE
        and join.member_id is not None
        and join.left_at_ms is None
    )


def explain(join: Join, finding: Finding, codes: KnownCodes, tolerance_ms: int) -> Join | None:
    """Return the row of a member from before with what the search says; None when it says nothing about this join."""
    if not is_unexplained(join):
        return None
    repair = decide(replace(join, source=Source.UNKNOWN), finding, codes, tolerance_ms)
    # That they were here before is what is known best.
    return None if repair is None else replace(repair.after, source=Source.EXISTING)


def listed_until_ms(last_member_id: int) -> int:
    """Return up to where the list is done when this was the last member: a whole day, which leads to nobody."""
    created_at_ms = account_created_ms(last_member_id)
    return created_at_ms // DAY_MS * DAY_MS


def id_before(created_at_ms: int) -> int:
    """Return the id behind which the accounts come that were made from then on."""
    return max(0, (created_at_ms - DISCORD_EPOCH_MS << _ID_BITS) - 1)
