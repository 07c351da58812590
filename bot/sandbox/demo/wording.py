"""How the demo puts into words what happened and what the bot concluded. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from storage.records import Candidate, Certainty, Join, Method, Reason, Source

from .checking import Expectation

NO_LINK = "no link at all"

_PERSON = re.compile(r"<@!?(\d+)>")
_CHANNEL = re.compile(r"<#(\d+)>")
_FORMATTING = re.compile(r"\*\*|__|`|^-# |^#+ |\\(?=\W)", re.MULTILINE)

_BECAUSE = {
    Method.USED_UP: "the link vanished with its last use",
    Method.VANITY_DELTA: "the vanity URL's own counter rose",
    Method.AUDIT_LOG: "the audit log names who added it",
    Method.MEMBERS_SEARCH: "Discord's member search says so",
    Method.MANUAL: "an admin corrected it",
    Method.IMPORTED: "another bot's record says so",
    Method.NONE: "nothing else fits",
}

_HOW = {
    Method.USES_RISE: "counter rose",
    Method.USED_UP: "used up",
    Method.VANITY_DELTA: "vanity counter",
    Method.AUDIT_LOG: "audit log",
    Method.MEMBERS_SEARCH: "member search",
    Method.MANUAL: "corrected",
    Method.IMPORTED: "imported",
    Method.NONE: "only this fits",
}

_REASONS = {
    Reason.SEVERAL_FIT: "several fit",
    Reason.NO_COUNTER_ROSE: "no counter rose",
    Reason.MANAGE_SERVER_MISSING: "Manage Server is missing",
    Reason.AUDIT_LOG_MISSING: "View Audit Log is missing",
    Reason.NOT_IN_AUDIT_LOG: "not in the audit log",
    Reason.REQUEST_FAILED: "Discord did not answer",
}

_PLACES = {
    Source.VANITY: "vanity URL",
    Source.DISCOVERY: "Discovery",
    Source.INTEGRATION: "an integration",
    Source.HUB: "a student hub",
    Source.MANUAL_VERIFICATION: "manual verification",
    Source.EXISTING: "here before the bot",
    Source.UNKNOWN: NO_LINK,
}


@dataclass(frozen=True, slots=True)
class Names:
    """What ids and codes are called in the story."""

    people: Mapping[int, str]
    links: Mapping[str, str]
    channels: Mapping[int, str] = field(default_factory=dict)

    def person(self, person_id: int | None) -> str | None:
        """Return a person's name; None for nobody."""
        return None if person_id is None else self.people.get(person_id, f"user {person_id}")

    def link(self, code: str | None) -> str | None:
        """Return what a link is called; None for no code."""
        return None if code is None else self.links.get(code, code)

    def plain(self, text: str) -> str:
        """Return Discord markdown as plain text: mentions as names, no signs of formatting."""
        text = _PERSON.sub(lambda found: self.person(int(found[1])) or found[0], text)
        text = _CHANNEL.sub(lambda found: f"#{self.channels.get(int(found[1]), found[1])}", text)
        return _FORMATTING.sub("", text)


def say_truth(expectation: Expectation, names: Names) -> str:
    """Return how somebody really came, e.g. "Anton's link"."""
    if expectation.source is Source.BOT:
        return f"added by {names.person(expectation.inviter_id)}"
    if expectation.source is Source.INVITE:
        return names.link(expectation.code) or "an unknown link"
    return _PLACES[expectation.source]


def say_conclusion(join: Join, names: Names) -> str:
    """Return the bot's answer; where several fit, all of them: "Anton or Bea"."""
    if join.certainty is Certainty.UNKNOWN:
        return "nobody known"
    if join.certainty is Certainty.CERTAIN:
        return _say_one(Candidate(join.source, join.code, join.inviter_id), names)
    if join.inviter_id is not None:
        links = _either(names.link(candidate.code) or NO_LINK for candidate in join.candidates)
        return f"{names.person(join.inviter_id)}, through {links}"
    return _either(say_candidates(join.candidates, names))


def say_candidates(candidates: Sequence[Candidate], names: Names) -> tuple[str, ...]:
    """Return who or what comes into question, each once: people first, by name."""
    by_name = sorted(candidates, key=lambda one: (one.inviter_id is None, _say_one(one, names)))
    return tuple(dict.fromkeys(_say_one(candidate, names) for candidate in by_name))


def say_because(join: Join, names: Names) -> str:
    """Return how the bot knows, or why it does not, as half a sentence."""
    if join.certainty is not Certainty.CERTAIN:
        return _REASONS.get(join.reason, "not decided") if join.reason is not None else "not decided"
    if join.method is Method.USES_RISE:
        units = sum(rise.units for rise in join.evidence if rise.code == join.code)
        return f"the counter of {names.link(join.code)} rose" + (f" by {units}" if units else "")
    return _BECAUSE[join.method]


def say_credit(first: Join, names: Names) -> str:
    """Return whom a rejoin leaves the credit with: whoever brought the member the first time."""
    return f"came back; {names.person(first.credited_inviter_id) or 'nobody'} keeps the credit"


def say_how(join: Join) -> str:
    """Return how the bot knows, in two or three words for a table."""
    if join.certainty is Certainty.CERTAIN:
        return _HOW[join.method]
    return _REASONS.get(join.reason, "open") if join.reason is not None else "open"


def _say_one(candidate: Candidate, names: Names) -> str:
    person = names.person(candidate.inviter_id)
    if candidate.source is Source.BOT:
        return f"added by {person or 'an unknown admin'}"
    if candidate.source is Source.INVITE:
        return person or names.link(candidate.code) or "an unknown link"
    return _PLACES[candidate.source]


def _either(options: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(options))
    if len(distinct) < 2:
        return "".join(distinct) or "somebody"
    return f"{', '.join(distinct[:-1])} or {distinct[-1]}"
