"""Polls and votes, read from gateway events. Pure.

Without the message content intent Discord leaves polls out of messages: then only votes are counted.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.gateway import Payload
from bot.snowflakes import snowflake_ms
from cogs.serverstats.statistics.readers.messages import is_by_webhook, is_left_out
from cogs.serverstats.statistics.readers.state import State
from cogs.serverstats.statistics.rules import GuildRules
from storage.polls import Poll
from storage.statistics.catalogue import (
    POLLS_CLOSED,
    POLLS_CREATED,
    POLLS_DELETED,
    VOTES_ADDED,
    VOTES_REMOVED,
    Kind,
)
from storage.statistics.changes import EventRecorded

POLL_RESULT: Final = 46
"""The type of the message that tells how a poll ended (Discord documentation, Message Resource, Message Types)."""

Events = tuple[EventRecorded, ...]


def read_message(payload: Payload, _received_at_ms: int, rules: GuildRules, state: State) -> Events:
    """Record a poll that is asked, and, from the message with its result, that it was closed by hand."""
    if payload["type"] == POLL_RESULT:
        poll_id = (payload.get("message_reference") or {}).get("message_id")
        return () if poll_id is None else _close(int(poll_id), snowflake_ms(int(payload["id"])), rules, state)
    poll = payload.get("poll")
    return () if poll is None else _create(payload, poll, rules, state)


def read_message_update(payload: Payload, received_at_ms: int, rules: GuildRules, state: State) -> Events:
    """Record that a poll was closed by hand, from its final result."""
    results = (payload.get("poll") or {}).get("results") or {}
    if not results.get("is_finalized"):
        return ()
    return _close(int(payload["id"]), received_at_ms - state.clock_lead_ms(), rules, state)


def read_message_delete(payload: Payload, received_at_ms: int, rules: GuildRules, state: State) -> Events:
    """Record that a poll was deleted; who did so is not told."""
    return _delete((payload["id"],), received_at_ms, rules, state)


def read_message_bulk_delete(
    payload: Payload, received_at_ms: int, rules: GuildRules, state: State
) -> Events:
    """Record that polls were deleted among several messages."""
    return _delete(payload["ids"], received_at_ms, rules, state)


def read_vote_add(payload: Payload, received_at_ms: int, rules: GuildRules, state: State) -> Events:
    """Record a vote; one for each answer that is chosen."""
    return _vote(VOTES_ADDED, payload, received_at_ms, rules, state)


def read_vote_remove(payload: Payload, received_at_ms: int, rules: GuildRules, state: State) -> Events:
    """Record that a vote was taken back."""
    return _vote(VOTES_REMOVED, payload, received_at_ms, rules, state)


def _create(payload: Payload, poll: Payload, rules: GuildRules, state: State) -> Events:
    is_webhook = is_by_webhook(payload)
    if is_left_out(payload, rules, state, is_webhook=is_webhook):
        return ()
    channel_id = int(payload["channel_id"])
    if state.ignores(rules, channel_id):
        return ()
    guild_id, message_id = rules.guild_id, int(payload["id"])
    user_id = None if is_webhook else state.named(guild_id, int(payload["author"]["id"]))
    expiry = poll.get("expiry")
    expires_at_ms = None if expiry is None else int(datetime.fromisoformat(expiry).timestamp() * 1000)
    if not state.polls.add(Poll(guild_id, message_id, channel_id, user_id, expires_at_ms)):
        return ()
    return (_event(POLLS_CREATED, snowflake_ms(message_id), rules, state, user_id),)


def _close(message_id: int, at_ms: int, rules: GuildRules, state: State) -> Events:
    poll = state.polls.close(rules.guild_id, message_id, at_ms)
    if poll is None or state.ignores(rules, poll.channel_id):
        return ()
    # Nobody but who asked can close it.
    user_id = None if poll.user_id is None else state.named(rules.guild_id, poll.user_id)
    return (_event(POLLS_CLOSED, at_ms, rules, state, user_id),)


def _delete(ids: Iterable[str], received_at_ms: int, rules: GuildRules, state: State) -> Events:
    return tuple(
        _event(POLLS_DELETED, received_at_ms, rules, state, None)
        for message_id in ids
        if state.polls.delete(rules.guild_id, int(message_id))
    )


def _vote(kind: Kind, payload: Payload, received_at_ms: int, rules: GuildRules, state: State) -> Events:
    user_id = int(payload["user_id"])
    if state.leaves_out(rules, user_id) or state.ignores(rules, int(payload["channel_id"])):
        return ()
    return (_event(kind, received_at_ms, rules, state, state.named(rules.guild_id, user_id)),)


def _event(kind: Kind, at_ms: int, rules: GuildRules, state: State, user_id: int | None) -> EventRecorded:
    return EventRecorded(rules.guild_id, kind.number, state.next_id(at_ms), user_id)
