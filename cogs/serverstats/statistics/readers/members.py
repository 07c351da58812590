"""Members that join and leave, read from gateway events. Pure."""

from datetime import datetime
from typing import Final

from bot.gateway import Payload
from cogs.serverstats.statistics.readers.state import State
from cogs.serverstats.statistics.rules import GuildRules
from storage.statistics.catalogue import MEMBERS_JOINED, MEMBERS_LEFT
from storage.statistics.changes import EventRecorded

STALE_MS: Final = 600_000
"""Longer ago than Discord repeats events to a connection that comes back: whoever joined before that was there already."""


def read_member_add(
    payload: Payload, received_at_ms: int, rules: GuildRules, state: State
) -> tuple[EventRecorded, ...]:
    """Record a join once, however often Discord tells of it."""
    user = payload["user"]
    user_id = int(user["id"])
    joined_at_ms = _read_ms(payload.get("joined_at")) or received_at_ms
    if joined_at_ms < received_at_ms - state.clock_lead_ms() - STALE_MS:
        return ()
    known = state.member_of(rules.guild_id, user_id)
    known_ms = known.joined_at_ms if known is not None else None
    if not state.joins.is_new(rules.guild_id, user_id, joined_at_ms, known_ms):
        return ()
    if rules.leaves_out(is_bot=bool(user.get("bot")), role_ids=map(int, payload.get("roles", ()))):
        return ()
    return (_event(MEMBERS_JOINED.number, joined_at_ms, rules, state, user_id),)


def read_member_remove(
    payload: Payload, received_at_ms: int, rules: GuildRules, state: State
) -> tuple[EventRecorded, ...]:
    """Record that a member left, was kicked or banned."""
    user = payload["user"]
    user_id = int(user["id"])
    if state.leaves_out(rules, user_id, user={"bot": bool(user.get("bot"))}):
        return ()
    return (_event(MEMBERS_LEFT.number, received_at_ms, rules, state, user_id),)


def _event(number: int, at_ms: int, rules: GuildRules, state: State, user_id: int) -> EventRecorded:
    guild_id = rules.guild_id
    return EventRecorded(guild_id, number, state.next_id(at_ms), state.named(guild_id, user_id))


def _read_ms(timestamp: str | None) -> int | None:
    return None if timestamp is None else int(datetime.fromisoformat(timestamp).timestamp() * 1000)
