"""members-search: the endpoint that knows how a member came in, as far as it is indexed."""

from datetime import datetime, timedelta
from typing import Any

from .backend import BackendError, Guild, Member
from .members import JoinSource, MemberActs

OR_LIST_LIMIT = 10
NEWEST_FIRST, OLDEST_FIRST = 1, 2
_QUERIES = ("user_id", "source_invite_code", "join_source_type", "inviter_id")


class Accepted(dict[str, Any]):
    """An answer that goes out with status 202."""

    status = 202


def search_members(world: MemberActs, guild: Guild, body: dict[str, Any]) -> dict[str, Any]:
    """Answer a members-search; newest join first, or (``sort`` 2) last.

    Knows the filters ``user_id``, ``source_invite_code``, ``join_source_type`` and ``inviter_id`` with
    ``or_query`` lists of up to ten values, in ``and_query`` and ``or_query``. ``after`` gives what comes behind a
    member in the order that is asked for, ``{"guild_joined_at": milliseconds, "user_id": id}``.
    """
    switches = world.switches
    if switches.search_answer == "forbidden" or "members" not in world.approved_intents:
        raise BackendError(403, 50001, "Missing Access")
    if switches.search_answer == "missing":
        raise BackendError(404, 0, "404: Not Found")
    if switches.search_answer == "unindexed":
        return Accepted(
            message="Index not yet available. Try again later.",
            code=110000,
            documents_indexed=0,
            retry_after=switches.search_retry_after_s,
        )
    limit = int(body.get("limit", 250))
    if not 1 <= limit <= 1000:
        raise BackendError(400, 50035, "Invalid Form Body: limit must be between 1 and 1000")
    every, some = body.get("and_query") or {}, body.get("or_query") or {}
    found = [
        entry
        for entry in (_entry(world, guild, member) for member in guild.members.values())
        if entry is not None
        and all(_fits(entry, name, query) for name, query in every.items())
        and (not some or any(_fits(entry, name, query) for name, query in some.items()))
    ]
    order = body.get("sort", NEWEST_FIRST)
    if order not in {NEWEST_FIRST, OLDEST_FIRST} or "before" in body:
        raise BackendError(501, 0, "The local Discord's members-search cannot put members into that order.")
    sign = -1 if order == NEWEST_FIRST else 1
    found.sort(key=_place, reverse=order == NEWEST_FIRST)
    page = found
    if body.get("after"):
        behind = int(body["after"]["guild_joined_at"]), int(body["after"]["user_id"])
        page = [entry for entry in found if _signed(_place(entry), sign) > _signed(behind, sign)]
    return {
        "guild_id": str(guild.id),
        "members": page[:limit],
        "page_result_count": len(page[:limit]),
        "total_result_count": len(found),
    }


def _place(entry: dict[str, Any]) -> tuple[int, int]:
    """Return what members are ordered by: when they joined, in milliseconds, then their id."""
    joined_at = datetime.fromisoformat(entry["member"]["joined_at"])
    return int(joined_at.timestamp() * 1000), int(entry["member"]["user"]["id"])


def _signed(place: tuple[int, int], sign: int) -> tuple[int, int]:
    return sign * place[0], sign * place[1]


def _entry(world: MemberActs, guild: Guild, member: Member) -> dict[str, Any] | None:
    """Return a member with what is known of the join, or None while the member is not indexed yet."""
    join = world.joins.get((guild.id, member.user_id))
    delay = timedelta(seconds=world.switches.search_delay_s)
    if join is not None and world.clock.now() - join.at < delay:
        return None
    return {
        "member": world.member_payload(guild, member),
        "source_invite_code": join.code if join else None,
        "join_source_type": int(join.source if join else JoinSource.UNSPECIFIED),
        "inviter_id": str(join.inviter_id) if join and join.inviter_id else None,
    }


def _fits(entry: dict[str, Any], name: str, query: dict[str, Any]) -> bool:
    if name not in _QUERIES:
        raise BackendError(501, 0, f"The local Discord's members-search has no filter {name}.")
    wanted = query.get("or_query") or []
    if not wanted or len(wanted) > OR_LIST_LIMIT:
        raise BackendError(400, 50035, f"Invalid Form Body: {name} takes one to ten values")
    value = entry["member"]["user"]["id"] if name == "user_id" else entry[name]
    return str(value) in {str(one) for one in wanted}
