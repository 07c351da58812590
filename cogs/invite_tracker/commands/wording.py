"""How a join reads: who invited the member, and how we know. Pure; Discord markdown, ids as mentions.

One rule stands above the rest: where several explanations fit, none of them is named alone.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from bot.text.language import N_, _
from storage.records import Candidate, Certainty, Join, Method, Reason, Source

_WAYS = {
    Source.INTEGRATION: N_("through an integration"),
    Source.DISCOVERY: N_("through Server Discovery"),
    Source.HUB: N_("through a student hub"),
    Source.MANUAL_VERIFICATION: N_("through manual verification"),
    Source.EXISTING: N_("before I began to track"),
    Source.UNKNOWN: N_("without a counted link"),
}

_CERTAIN_WAYS = _WAYS | {
    Source.INVITE: N_("through an unknown link"),
    Source.VANITY: N_("through the vanity URL"),
    Source.BOT: N_("added by an app or an admin"),
}

_REASONS = {
    Reason.SEVERAL_FIT: N_("several links were used in that moment, and more than one fits"),
    Reason.NO_COUNTER_ROSE: N_(
        "no use counter rose; Server Discovery, apps and widgets leave no trace there"
    ),
    Reason.MANAGE_SERVER_MISSING: N_("I lacked Manage Server, without which Discord shows no use counters"),
    Reason.AUDIT_LOG_MISSING: N_(
        "a link is gone, and I could not read in the audit log (View Audit Log) whether it was deleted or used up"
    ),
    Reason.REQUEST_FAILED: N_("Discord did not answer when I asked for the use counters"),
}

_BOT_REASONS = {
    Reason.AUDIT_LOG_MISSING: N_("I lacked View Audit Log, where Discord notes who adds a bot"),
    Reason.NOT_IN_AUDIT_LOG: N_("the audit log does not say who added this bot"),
    Reason.REQUEST_FAILED: N_("Discord did not answer when I asked for the audit log"),
}

_ONE_LINK_FITS = N_("one link fits, but they may have come without a counted link as well")


def describe_origin(join: Join) -> str:
    """Return who invited the member, e.g. "Invited by <@1> with `abc`", with every explanation that fits."""
    if join.certainty is Certainty.AMBIGUOUS and len(join.candidates) > 1:
        return _describe_candidates(join.candidates)
    if join.certainty is Certainty.UNKNOWN:
        if join.source is Source.BOT:
            return _("It is not known who added this bot")
        if join.source is Source.EXISTING:
            return _("Was here before I began to track, and it is not known who invited them")
        return _("It is not known who invited them")
    return _describe_one(join.source, join.code, join.inviter_id)


def describe_certainty(join: Join) -> str:
    """Return how sure that is and why, e.g. "**certain**: the use counter of `abc` rose, …"."""
    if join.certainty is Certainty.CERTAIN:
        return _("**certain**: {proof}", proof=_proof(join))
    if join.certainty is Certainty.AMBIGUOUS:
        if join.method is Method.IMPORTED:
            return _("**imported**: {proof}, and I could not check it", proof=_proof(join))
        if knows_inviter(join):
            return _("**inviter certain, link not**: {doubt}", doubt=_doubt(join))
        return _("**not certain**: {doubt}", doubt=_doubt(join))
    reasons = _BOT_REASONS if join.source is Source.BOT else _REASONS
    reason = reasons.get(join.reason) if join.reason is not None else None
    return _("**unknown**: {reason}", reason=_(reason) if reason else _("nothing was measured"))


def describe_briefly(join: Join) -> str:
    """Return the links that may have brought the member, with inviters where these differ, on one line."""
    if join.certainty is Certainty.UNKNOWN:
        return _("unknown")
    if join.method is Method.IMPORTED:
        origin = _code(join.code) if join.code else _describe_one(join.source, None, join.inviter_id)
        return _("{origin} · imported", origin=origin)
    if join.certainty is Certainty.CERTAIN or len(join.candidates) < 2:
        origin = _code(join.code) if join.code else _(_CERTAIN_WAYS[join.source])
        return _("{origin} · certain", origin=origin)
    if knows_inviter(join):
        links = _join_with_or([_code(candidate.code) for candidate in join.candidates])
        return _("{origin} · inviter certain", origin=links)
    return _("{origin} · not certain", origin=_join_with_or(_options(join.candidates)))


def knows_inviter(join: Join) -> bool:
    """Whether one inviter stands behind every explanation that fits."""
    if join.certainty is Certainty.CERTAIN:
        return join.inviter_id is not None
    people = {(candidate.source, candidate.inviter_id) for candidate in join.candidates}
    return len(people) == 1 and next(iter(people)) not in {(source, None) for source in Source}


def describe_member(member_id: int | None) -> str:
    """Return a mention, or a word for somebody who may not be named."""
    return f"<@{member_id}>" if member_id is not None else _("somebody who is not named")


def describe_notes(join: Join) -> tuple[str, ...]:
    """Return what else is on record about this join and changes how it counts."""
    notes = (
        (_("came back"), join.is_rejoin),
        (_("used a link of their own"), join.is_own_invite),
        (_("left since"), join.left_at_ms is not None),
        (_("cleared by an admin"), join.cleared_at_ms is not None),
    )
    return tuple(note for note, applies in notes if applies)


def _describe_one(source: Source, code: str | None, inviter_id: int | None) -> str:
    match source:
        case Source.INVITE if inviter_id is not None:
            inviter = f"<@{inviter_id}>"
            if code:
                return _("Invited by {inviter} with {link}", inviter=inviter, link=_code(code))
            return _("Invited by {inviter}", inviter=inviter)
        case Source.INVITE:
            return _("Joined with {link}, a link that names no inviter", link=_code(code))
        case Source.VANITY:
            if code:
                return _("Joined through the vanity URL {link}", link=_code(code))
            return _("Joined through the vanity URL")
        case Source.BOT:
            # The member search says the same of people whom an app added with their consent.
            if inviter_id is not None:
                return _("Added by {person}", person=f"<@{inviter_id}>")
            return _("Added by an app or an admin")
        case Source.EXISTING if inviter_id is not None and code:
            inviter = f"<@{inviter_id}>"
            return _(
                "Was here before I began to track, invited by {inviter} with {link}",
                inviter=inviter,
                link=_code(code),
            )
        case Source.EXISTING if inviter_id is not None:
            return _("Was here before I began to track, invited by {inviter}", inviter=f"<@{inviter_id}>")
        case Source.EXISTING if code:
            return _("Was here before I began to track, joined with {link}", link=_code(code))
        case Source.EXISTING:
            return _("Was here before I began to track")
        case _other:
            return _("Came {way}", way=_(_WAYS[source]))


def _describe_candidates(candidates: Sequence[Candidate]) -> str:
    named = [c for c in candidates if c.source is Source.INVITE and c.inviter_id is not None]
    others = [c for c in candidates if c not in named]
    inviters = _join_with_or(_options(named))
    ways = _join_with_or([_way(candidate) for candidate in others])
    if not inviters:
        return _("Came {way}", way=ways)
    if not ways:
        return _("Invited by {inviter}", inviter=inviters)
    return _("Invited by {inviter}, or came {way}", inviter=inviters, way=ways)


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
        return _("with {link}", link=_code(candidate.code))
    if candidate.source is Source.VANITY:
        return _("through the vanity URL")
    return _(_WAYS[candidate.source]) if candidate.source in _WAYS else _("in another way")


def _doubt(join: Join) -> str:
    if join.reason is not None and join.reason is not Reason.SEVERAL_FIT and join.reason in _REASONS:
        return _(_REASONS[join.reason])
    counted = {candidate for candidate in join.candidates if candidate.source is not Source.UNKNOWN}
    return _(_ONE_LINK_FITS if len(counted) == 1 else _REASONS[Reason.SEVERAL_FIT])


def _proof(join: Join) -> str:
    match join.method:
        case Method.USES_RISE:
            return _("the use counter of {link} rose, and no other join explains it", link=_code(join.code))
        case Method.USED_UP:
            return _(
                "{link} vanished with its last use, and no other join explains it", link=_code(join.code)
            )
        case Method.VANITY_DELTA:
            return _("the counter of the vanity URL rose, and no other join explains it")
        case Method.AUDIT_LOG:
            return _("the audit log says so")
        case Method.MEMBERS_SEARCH:
            return _("Discord's own member search says so")
        case Method.MANUAL:
            return _("an admin corrected it")
        case Method.IMPORTED:
            return _("the record of another bot says so")
        case Method.NONE:
            return _("only this explanation fits")


def _code(code: str | None) -> str:
    return f"`{code}`" if code else _("an unknown link")


def _join_with_or(options: Sequence[str]) -> str:
    if len(options) < 2:
        return "".join(options)
    return _("{names} or {last}", names=", ".join(options[:-1]), last=options[-1])
