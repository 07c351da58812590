"""How a join reads in full: what was seen, what fits, what it counts for, and who corrected it. Pure.

For people who know nothing of how joins are matched. Where several explanations fit, none of them is named alone.
"""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final

from bot.text.dates import format_datetime, format_time
from bot.text.language import N_, _, ngettext
from bot.ui.look import fit_lines, safe_name
from cogs.invite_tracker.commands.wording import (
    describe_certainty,
    describe_member,
    describe_origin,
    knows_inviter,
)
from cogs.invite_tracker.counting import STATISTICS_DAYS
from cogs.invite_tracker.use_cases.records import Explanation
from storage.corrections import Attribution, Correction
from storage.invite_erasure import NOBODY
from storage.records import Candidate, Certainty, Evidence, FakeRules, Method, Source

_OTHER_WAYS: Final = {
    Source.VANITY: N_("through the vanity URL"),
    Source.DISCOVERY: N_("through Server Discovery"),
    Source.UNKNOWN: N_("without a counted link"),
}

NAMED_MOST: Final = 10
"""With more, those who fit stand in the list of what fits alone."""

SECTION_LENGTH: Final = 900
"""Four of them, and who and how, fit into one embed."""


def describe_explanation(explanation: Explanation, timezone: tzinfo, timezone_name: str) -> list[str]:
    """Return the paragraphs of an explanation."""
    join = explanation.join
    joined_at = format_datetime(join.joined_at_ms, timezone)
    when = f"{joined_at} ({timezone_name}), <t:{join.joined_at_ms // 1000}:R>"
    who = _("{person} joined {when}.", person=describe_member(join.member_id), when=when)
    origin = describe_origin(join)
    if len(join.candidates) > NAMED_MOST:
        origin = ngettext(
            "{count} explanation fits, see below", "{count} explanations fit, see below", len(join.candidates)
        )
    label = explanation.labels.get(join.code) if join.code else None
    if label:
        origin = f"{origin} ({safe_name(label)})"
    paragraphs = [f"{who}\n**{origin}**\n{describe_certainty(join)}"]
    if join.certainty is Certainty.AMBIGUOUS and join.candidates:
        rows = [f"• {_candidate(one, explanation.labels)}" for one in join.candidates]
        paragraphs.append(_section(_("What fits"), rows))
    seen = [f"• {_seen(one, explanation.labels, timezone)}" for one in join.evidence]
    if not seen:
        seen = [_("I saw no use counter rise that belongs to this join.")]
    paragraphs.append(_section(_("What I saw"), seen))
    paragraphs.append(_section(_("What it counts for"), [describe_standing(explanation)]))
    if explanation.corrections:
        rows = [f"• {_correction(one)}" for one in explanation.corrections]
        paragraphs.append(_section(_("Corrected by hand"), rows))
    return paragraphs


def describe_standing(explanation: Explanation) -> str:
    """Return for whom the join counts and as what, or why it counts for nobody."""
    join, standing = explanation.join, explanation.standing
    if join.source is Source.BOT:
        return _("Nobody: bots are added, not invited.")
    if join.credited_inviter_id is None:
        return _("Nobody: no inviter is known for it.")
    if not standing.is_earliest:
        return _("Nobody: they had joined before, and that earlier join is the one that counts.")
    if join.cleared_at_ms is not None:
        return _(
            "Nobody: it was cleared by a reset {when}, which `/invite_tracker reset undo` can take back.",
            when=f"<t:{join.cleared_at_ms // 1000}:R>",
        )
    if join.source is Source.EXISTING and not explanation.counts_existing:
        return _("Nobody: members from before do not count here; `/settings` can change that.")
    if not explanation.is_recent and join.source is Source.EXISTING:
        return ngettext(
            "Nobody any more: it was put on record longer than {count} day ago.",
            "Nobody any more: it was put on record longer than {count} days ago.",
            STATISTICS_DAYS,
        )
    if not explanation.is_recent:
        return ngettext(
            "Nobody any more: it was longer than {count} day ago.",
            "Nobody any more: it was longer than {count} days ago.",
            STATISTICS_DAYS,
        )
    whom = _("one of those who fit; the totals of all links stay right that way")
    if join.certainty is Certainty.CERTAIN or knows_inviter(join):
        whom = f"<@{join.credited_inviter_id}>"
    if standing.marks.is_fake(explanation.rules):
        reasons = ", ".join(_fake_reasons(explanation))
        return _("As **fake** for {whom}: {reasons}.", whom=whom, reasons=reasons)
    if standing.left_at_ms is not None:
        left = f"<t:{standing.left_at_ms // 1000}:R>"
        return _("As **left** for {whom}: they left {when}.", whom=whom, when=left)
    return _("As a **real invite** for {whom}.", whom=whom)


def describe_age_rule(days: int) -> str:
    """Return what the rule of the least age says of an account."""
    return ngettext(
        "the account was younger than {count} day", "the account was younger than {count} days", days
    )


def _fake_reasons(explanation: Explanation) -> list[str]:
    rules: FakeRules = explanation.rules
    marks = explanation.standing.marks
    reasons = (
        (rules.own_invite and marks.own_invite, _("they used a link of their own")),
        (rules.rejoin and marks.rejoin, _("they had been here before")),
        (rules.no_avatar and marks.no_avatar, _("the account had no picture")),
        (
            rules.minimum_account_age_days > 0 and marks.young,
            describe_age_rule(rules.minimum_account_age_days),
        ),
    )
    return [text for applies, text in reasons if applies]


def _section(title: str, rows: list[str]) -> str:
    text = fit_lines(rows, SECTION_LENGTH, lambda more: _("… and {more} more", more=more))
    return f"**{title}**\n{text}"


def _link(code: str | None, labels: Mapping[str, str]) -> str:
    if code is None:
        return _("the vanity URL")
    label = labels.get(code)
    return f"`{code}` ({safe_name(label)})" if label else f"`{code}`"


def _candidate(candidate: Candidate, labels: Mapping[str, str]) -> str:
    if candidate.source is not Source.INVITE:
        return _(_OTHER_WAYS.get(candidate.source, N_("in another way")))
    link = _link(candidate.code, labels)
    if candidate.inviter_id is None:
        return _("{link}, a link that names no inviter", link=link)
    return _("{link} of {inviter}", link=link, inviter=f"<@{candidate.inviter_id}>")


def _seen(evidence: Evidence, labels: Mapping[str, str], timezone: tzinfo) -> str:
    link = _link(None if evidence.method is Method.VANITY_DELTA else evidence.code, labels)
    opened, closed = (
        format_time(at_ms, timezone) for at_ms in (evidence.window_opened_at_ms, evidence.window_closed_at_ms)
    )
    when = _("at {time}", time=opened)
    if opened != closed:
        when = _("between {first} and {last}", first=opened, last=closed)
    if evidence.method is Method.USED_UP:
        return _("{link} vanished with its last use {when}", link=link, when=when)
    return ngettext(
        "{link} was used {count} time {when}",
        "{link} was used {count} times {when}",
        evidence.units,
        link=link,
        when=when,
    )


def _correction(correction: Correction) -> str:
    whom = _brief(correction.code, correction.inviter_id)
    text = _(
        "{admin} put **{now}** on record {when}; before: {before}",
        admin=_admin(correction.corrected_by),
        now=whom,
        when=f"<t:{correction.corrected_at_ms // 1000}:f>",
        before=_believed(correction.before),
    )
    if correction.undone_at_ms is None:
        return text
    undone = _(
        "undone by {admin} {when}",
        admin=_admin(correction.undone_by),
        when=f"<t:{correction.undone_at_ms // 1000}:f>",
    )
    return f"{text} · {undone}"


def _believed(before: Attribution) -> str:
    if before.certainty is Certainty.AMBIGUOUS:
        return _("several that fitted")
    return _brief(before.code, before.inviter_id)


def _brief(code: str | None, inviter_id: int | None) -> str:
    parts = [f"<@{inviter_id}>"] if inviter_id is not None else []
    if code is not None:
        parts.append(f"`{code}`")
    return " · ".join(parts) or _("nobody known")


def _admin(user_id: int | None) -> str:
    return _("somebody who is not named") if user_id in (None, NOBODY) else f"<@{user_id}>"
