"""What happened in a guild, as plain facts read from raw gateway payloads."""

from dataclasses import dataclass
from datetime import datetime

from bot.gateway import Payload
from storage.records import Arrival

DID_REJOIN_FLAG = 1 << 0
"""Discord documentation, Guild Resource, Guild Member Flags."""


@dataclass(frozen=True, slots=True)
class JoinReceived:
    """A member joined, or (`is_scanned`) a scan found a member who joined while we were away."""

    arrival: Arrival
    is_scanned: bool = False


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """A member left, was kicked or banned; `left_at_ms` is our clock. `user` is Discord's user object, if it was sent."""

    member_id: int
    left_at_ms: int
    user: Payload | None


@dataclass(frozen=True, slots=True)
class InviteCreated:
    """An invite was made; Discord sends this only where the bot may manage the channel."""

    payload: Payload
    received_at_ms: int


@dataclass(frozen=True, slots=True)
class InviteDeleted:
    """An invite was deleted or used up, but not: expired."""

    code: str
    received_at_ms: int


@dataclass(frozen=True, slots=True)
class ScanEnded:
    """Every present member was seen; `absent_ids` are recorded as present and are not here any more.

    Many come in several of these, of which only one `is_last`.
    """

    absent_ids: frozenset[int]
    started_at_ms: int
    ended_at_ms: int
    is_last: bool = True


GuildEvent = JoinReceived | MemberLeft | InviteCreated | InviteDeleted | ScanEnded


def read_join(guild_id: int, member: Payload, received_at_ms: int) -> JoinReceived:
    """Read a guild member object (Discord documentation, Guild Resource), with its user."""
    user = member["user"]
    return JoinReceived(
        Arrival(
            guild_id=guild_id,
            member_id=int(user["id"]),
            joined_at_ms=read_timestamp_ms(member["joined_at"])
            if member.get("joined_at")
            else received_at_ms,
            received_at_ms=received_at_ms,
            is_bot=bool(user.get("bot")),
            had_avatar=bool(user.get("avatar")),
            is_rejoin=bool(member.get("flags", 0) & DID_REJOIN_FLAG),
        )
    )


def read_timestamp_ms(text: str) -> int:
    """Return an ISO 8601 timestamp with offset as UTC epoch milliseconds."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)
