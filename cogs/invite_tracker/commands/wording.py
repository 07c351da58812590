"""How a join reads: who invited the member, and how we know. Pure; Discord markdown, ids as mentions.

One rule stands above the rest: where several explanations fit, none of them is named alone.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from storage.records import Candidate, Certainty, Join, Method, Reason, Source

_WAYS = {
    Source.INTEGRATION: "through an integration",
    Source.DISCOVERY: "through Server Discovery",
    Source.HUB: "through a student hub",
    Source.MANUAL_VERIFICATION: "through manual verification",
    Source.EXISTING: "before I began to track",
    Source.UNKNOWN: "without a counted link",
}

_REASONS = {
    Reason.SEVERAL_FIT: "several links were used in that moment, and more than one fits",
    Reason.NO_COUNTER_ROSE: "no use counter rose; Server Discovery, apps and widgets leave no trace there",
    Reason.MANAGE_SERVER_MISSING: "I lacked Manage Server, without which Discord shows no use counters",
    Reason.AUDIT_LOG_MISSING: (
        "a link is gone, and I could not read in the audit log (View Audit Log) whether it was deleted or used up"
    ),
    Reason.REQUEST_FAILED: "Discord did not answer when I asked for the use counters",
}

_BOT_REASONS = {
    Reason.AUDIT_LOG_MISSING: "I lacked View Audit Log, where Discord notes who adds a bot",
    Reason.NOT_IN_AUDIT_LOG: "the audit log does not say who added this bot",
    Reason.REQUEST_FAILED: "Discord did not answer when I asked for the audit log",
}

_ONE_LINK_FITS = "one link fits, but they may have come without a counted link as well"


def describe_origin(join: Join) -> str:
    """Return who invited the member, e.g. "Invited by <@1> with `abc`", with every explanation that fits."""
    if join.certainty is Certainty.AMBIGUOUS and len(join.candidates) > 1:
        return _describe_candidates(join.candidates)
    if join.certainty is Certainty.UNKNOWN:
        who = "who added this bot" if join.source is Source.BOT else "who invited them"
        return f"It is not known {who}"
    return _describe_one(join.source, join.code, join.inviter_id)


def describe_certainty(join: Join) -> str:
    """Return how sure that is and why, e.g. "**certain**: the use counter of `abc` rose, …"."""
    if join.certainty is Certainty.CERTAIN:
        return f"**certain**: {_proof(join)}"
    if join.certainty is Certainty.AMBIGUOUS:
        answer = "inviter certain, link not" if knows_inviter(join) else "not certain"
        return f"**{answer}**: {_doubt(join)}"
    reasons = _BOT_REASONS if join.source is Source.BOT else _REASONS
    reason = reasons.get(join.reason) if join.reason is not None else None
    return f"**unknown**: {reason or 'nothing was measured'}"


def describe_briefly(join: Join) -> str:
    """Return the links that may have brought the member, with inviters where these differ, on one line."""
    if join.certainty is Certainty.UNKNOWN:
        return "unknown"
    if join.certainty is Certainty.CERTAIN or len(join.candidates) < 2:
        return (
            f"{_code(join.code)} · certain"
            if join.code
            else f"{_WAYS.get(join.source, join.source.value)} · certain"
        )
    if knows_inviter(join):
        return f"{_join_with_or([_code(candidate.code) for candidate in join.candidates])} · inviter certain"
    return f"{_join_with_or(_options(join.candidates))} · not certain"


def knows_inviter(join: Join) -> bool:
    """Whether one inviter stands behind every explanation that fits."""
    if join.certainty is Certainty.CERTAIN:
        return join.inviter_id is not None
    people = {(candidate.source, candidate.inviter_id) for candidate in join.candidates}
    return len(people) == 1 and next(iter(people)) not in {(source, None) for source in Source}


def describe_member(member_id: int | None) -> str:
    """Return a mention, or a word for somebody who may not be named."""
    return f"<@{member_id}>" if member_id is not None else "somebody who is not named"


def describe_notes(join: Join) -> tuple[str, ...]:
    """Return what else is on record about this join and changes how it counts."""
    notes = {
        "came back": join.is_rejoin,
        "used a link of their own": join.is_own_invite,
        "left since": join.left_at_ms is not None,
        "cleared by an admin": join.cleared_at_ms is not None,
    }
    return tuple(note for note, applies in notes.items() if applies)


def _describe_one(source: Source, code: str | None, inviter_id: int | None) -> str:
    match source:
        case Source.INVITE if inviter_id is not None:
            return f"Invited by <@{inviter_id}>" + (f" with {_code(code)}" if code else "")
        case Source.INVITE:
            return f"Joined with {_code(code)}, a link that names no inviter"
        case Source.VANITY:
            return f"Joined through the vanity URL {_code(code)}" if code else "Joined through the vanity URL"
        case Source.BOT:
            return f"Added by <@{inviter_id}>" if inviter_id is not None else "Added by an admin"
        case Source.EXISTING:
            return "Was here before I began to track"
        case _:
            return f"Came {_WAYS[source]}"


def _describe_candidates(candidates: Sequence[Candidate]) -> str:
    named = [c for c in candidates if c.source is Source.INVITE and c.inviter_id is not None]
    others = [c for c in candidates if c not in named]
    invited = _join_with_or(_options(named))
    ways = _join_with_or([_way(candidate) for candidate in others])
    if not invited:
        return f"Came {ways}"
    return f"Invited by {invited}" + (f", or came {ways}" if ways else "")


def _options(candidates: Iterable[Candidate]) -> list[str]:
    """Return one text per inviter with all their links that fit, e.g. "<@1> (`abc`, `def`)"."""

    def by_inviter(candidate: Candidate) -> int:
        return candidate.inviter_id or 0

    options = []
    for inviter_id, group in groupby(sorted(candidates, key=by_inviter), by_inviter):
        if inviter_id == 0:
            options += [_way(candidate) for candidate in group]
        else:
            options.append(f"<@{inviter_id}> ({', '.join(_code(candidate.code) for candidate in group)})")
    return options


def _way(candidate: Candidate) -> str:
    if candidate.source is Source.INVITE:
        return f"with {_code(candidate.code)}"
    if candidate.source is Source.VANITY:
        return "through the vanity URL"
    return _WAYS.get(candidate.source, "in another way")


def _doubt(join: Join) -> str:
    if join.reason is not None and join.reason is not Reason.SEVERAL_FIT and join.reason in _REASONS:
        return _REASONS[join.reason]
    counted = {candidate for candidate in join.candidates if candidate.source is not Source.UNKNOWN}
    return _ONE_LINK_FITS if len(counted) == 1 else _REASONS[Reason.SEVERAL_FIT]


def _proof(join: Join) -> str:
    match join.method:
        case Method.USES_RISE:
            return f"the use counter of {_code(join.code)} rose, and no other join explains it"
        case Method.USED_UP:
            return f"{_code(join.code)} vanished with its last use, and no other join explains it"
        case Method.VANITY_DELTA:
            return "the counter of the vanity URL rose, and no other join explains it"
        case Method.AUDIT_LOG:
            return "the audit log says so"
        case Method.MEMBERS_SEARCH:
            return "Discord's own member search says so"
        case Method.MANUAL:
            return "an admin corrected it"
        case Method.NONE:
            return "only this explanation fits"


def _code(code: str | None) -> str:
    return f"`{code}`" if code else "an unknown link"


def _join_with_or(options: Sequence[str]) -> str:
    if len(options) < 2:
        return "".join(options)
    return f"{', '.join(options[:-1])} or {options[-1]}"
