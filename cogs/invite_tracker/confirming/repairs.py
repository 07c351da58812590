"""What a finding changes about a join on record. Pure.

The search knows only the latest join of a member who is present: what it says may be taken for no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cogs.invite_tracker.confirming.findings import Finding
from storage.records import Certainty, Join, Method, Source

_LEFT_ALONE = frozenset({Method.MANUAL, Method.MEMBERS_SEARCH})
_COUNTED = frozenset({Source.INVITE, Source.VANITY})


@dataclass(frozen=True, slots=True)
class KnownCodes:
    """The codes of a guild: its vanity URL, and whose the uses of its invites are (None: nobody's)."""

    vanity_code: str | None = None
    inviters: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repair:
    """A join as it was on record, and as it is now."""

    before: Join
    after: Join

    @property
    def is_correction(self) -> bool:
        """Whether something that was held for certain was wrong."""
        return self.before.certainty is Certainty.CERTAIN


def may_be_confirmed(join: Join) -> bool:
    """Whether the search may still say something about this join.

    Nobody finds an anonymous one; what an admin corrected, or the search said before, stands; of members who left the search
    knows nothing, or their next join.
    """
    return (
        join.member_id is not None
        and join.left_at_ms is None
        and join.method not in _LEFT_ALONE
        and join.source is not Source.EXISTING
        # The audit log said who added this bot.
        and not (join.source is Source.BOT and join.certainty is Certainty.CERTAIN)
    )


def is_about(finding: Finding, join: Join, tolerance_ms: int) -> bool:
    """Whether the finding is about this very join.

    `tolerance_ms`: Discord stamps some joins with two times; only to be granted while it is sure that the member did not leave
    and come back meanwhile.
    """
    return (
        finding.member_id == join.member_id and abs(finding.joined_at_ms - join.joined_at_ms) <= tolerance_ms
    )


def decide(join: Join, finding: Finding, codes: KnownCodes, tolerance_ms: int = 0) -> Repair | None:
    """Return how the finding changes the join; None when it says nothing about it, or nothing new."""
    if finding.source is None or not may_be_confirmed(join) or not is_about(finding, join, tolerance_ms):
        return None
    source, code = _read_code(finding, join, codes)
    inviter_id = _inviter(source, code, finding, join, codes)
    if (join.source is Source.BOT) and (source is not Source.BOT or inviter_id is None):
        # A bot account, and still nothing that says who added it.
        return None
    if join.certainty is Certainty.CERTAIN and (join.source, join.code) == (source, code):
        return None
    credited_inviter_id = inviter_id if source in _COUNTED else None
    after = replace(
        join,
        source=source,
        code=code,
        inviter_id=inviter_id,
        method=Method.MEMBERS_SEARCH,
        certainty=Certainty.CERTAIN,
        candidates=(),
        reason=None,
        credited_code=code,
        credited_inviter_id=credited_inviter_id,
        is_own_invite=credited_inviter_id is not None and credited_inviter_id == join.member_id,
    )
    return Repair(join, after)


def _read_code(finding: Finding, join: Join, codes: KnownCodes) -> tuple[Source, str | None]:
    """Return the source and the code that counts; the vanity URL is told from invites by its code, too."""
    source = finding.source or Source.UNKNOWN
    vanity = codes.vanity_code
    if source is Source.INVITE and finding.code and vanity and finding.code.lower() == vanity.lower():
        source = Source.VANITY
    if source is Source.INVITE:
        return source, finding.code
    if source is Source.VANITY:
        measured = join.code if join.source is Source.VANITY else None
        code = finding.code or measured or vanity
        return source, vanity if code and vanity and code.lower() == vanity.lower() else code
    return source, None


def _inviter(source: Source, code: str | None, finding: Finding, join: Join, codes: KnownCodes) -> int | None:
    if source is Source.INVITE and code is not None:
        # Who the bot made an invite for is known here alone, and who may not be named, too.
        return codes.inviters.get(code, finding.inviter_id)
    if source is Source.BOT and join.source is Source.BOT:
        return finding.inviter_id
    return None
