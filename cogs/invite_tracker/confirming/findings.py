"""What an answer of members-search says about members: how each came in the last time.

The endpoint is not in Discord's documentation; fields and numbers are as people who watched it wrote them down. So nothing is
taken for granted: what is not understood says nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cogs.invite_tracker.tracking.events import read_timestamp_ms
from storage.records import Source

NOT_INDEXED_CODE: Final = 110_000
"""In an answer with status 202: the index of this server is still being built."""

SOURCE_OF_TYPE: Final[Mapping[int, Source]] = {
    # 0 is "unspecified".
    # A bot account that was added, and also a person whom an app added by OAuth2 (guilds.join).
    1: Source.BOT,
    2: Source.INTEGRATION,
    3: Source.DISCOVERY,
    4: Source.HUB,
    5: Source.INVITE,
    6: Source.VANITY,
    7: Source.MANUAL_VERIFICATION,
    # The lobby of a game, linked to a channel.
    8: Source.INTEGRATION,
}


class SearchNotUnderstoodError(ValueError):
    """What came is no answer of members-search."""


@dataclass(frozen=True, slots=True)
class NotIndexed:
    """The server's members cannot be searched yet."""

    retry_after_seconds: float


@dataclass(frozen=True, slots=True)
class Finding:
    """How a present member came in the last time, at `joined_at_ms` (Discord's clock); without a source nothing is said."""

    member_id: int
    joined_at_ms: int
    source: Source | None
    code: str | None
    inviter_id: int | None


def read_answer(payload: object) -> NotIndexed | dict[int, Finding]:
    """Return what the answer says, by member id; who is missing in it is not indexed yet, or not there any more.

    Raises SearchNotUnderstoodError.
    """
    if not isinstance(payload, dict):
        raise SearchNotUnderstoodError("what came is no answer of the member search")
    if payload.get("code") == NOT_INDEXED_CODE:
        return NotIndexed(_seconds(payload.get("retry_after")))
    if not isinstance(payload.get("members"), list):
        raise SearchNotUnderstoodError("what came is no answer of the member search")
    return {finding.member_id: finding for finding in _findings(payload["members"])}


def _findings(entries: list[Any]) -> Iterator[Finding]:
    for entry in entries:
        try:
            yield _read_finding(entry)
        except (KeyError, TypeError, ValueError, AttributeError):
            # One member that cannot be read says nothing about the others.
            continue


def _read_finding(entry: Mapping[str, Any]) -> Finding:
    member = entry["member"]
    kind = entry.get("join_source_type")
    source = SOURCE_OF_TYPE.get(kind) if isinstance(kind, int) and not isinstance(kind, bool) else None
    code = entry.get("source_invite_code")
    inviter_id = entry.get("inviter_id")
    if source is Source.INVITE and not code:
        source = None
    return Finding(
        member_id=int(member["user"]["id"]),
        joined_at_ms=read_timestamp_ms(member["joined_at"]),
        source=source,
        code=str(code) if code else None,
        inviter_id=int(inviter_id) if inviter_id else None,
    )


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else 0
