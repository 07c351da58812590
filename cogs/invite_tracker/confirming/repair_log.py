"""What the log says of confirmations. Never whose joins they are."""

import logging
from collections.abc import Iterable

from cogs.invite_tracker.confirming.repairs import Repair
from storage.records import Join, Method

_log = logging.getLogger(__name__)

_BELIEVED_BECAUSE = {
    Method.USES_RISE: "the use counter of that invite rose",
    Method.USED_UP: "that invite vanished with its last use",
    Method.VANITY_DELTA: "the counter of the vanity URL rose",
    Method.AUDIT_LOG: "the audit log said so",
}


def note_repairs(guild_id: int, repairs: Iterable[Repair]) -> None:
    """Tell how joins are known now; what was held for certain and was wrong is worth a warning."""
    for repair in repairs:
        before, after = repair.before, repair.after
        if repair.is_correction:
            _log.warning(
                "An earlier decision was wrong: %s was believed, because %s; the member search says %s.",
                _describe(before),
                _BELIEVED_BECAUSE.get(before.method, "only this explanation fitted"),
                _describe(after),
                extra={
                    "event": "join_corrected",
                    "guild_id": guild_id,
                    "code": after.code,
                    "source": after.source,
                    "believed_code": before.code,
                    "believed_source": before.source,
                    "believed_method": before.method,
                },
            )
        else:
            _log.info(
                "The member search knows more of an earlier join: %s; it was %s.",
                _describe(after),
                before.certainty,
                extra={
                    "event": "join_repaired",
                    "guild_id": guild_id,
                    "code": after.code,
                    "source": after.source,
                    "certainty": after.certainty,
                    "method": after.method,
                },
            )


def note_refusal(guild_id: int, status: int) -> None:
    """Tell, once until it answers again, that Discord does not let us search."""
    _log.warning(
        "Discord refuses the member search (%d): joins of this server are not confirmed.",
        status,
        extra={"event": "search_refused", "guild_id": guild_id, "status": status},
    )


def note_return(guild_id: int) -> None:
    """Tell that it answers again."""
    _log.info("The member search answers again.", extra={"event": "search_answers", "guild_id": guild_id})


def _describe(join: Join) -> str:
    return join.code or f"source {join.source}"
