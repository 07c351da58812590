"""Messages sent and deleted, read from gateway events. Pure."""

from typing import Final

from bot.gateway import Payload
from cogs.serverstats.statistics.readers.state import State
from cogs.serverstats.statistics.rules import GuildRules
from storage.statistics.catalogue import MESSAGES_SENT
from storage.statistics.changes import EventRecorded, MessageDeleted

COUNTED_TYPES: Final = frozenset({0, 19, 20, 23})
"""Messages, replies, and answers to slash and context menu commands; the others are Discord's own notes
(Discord documentation, Message Resource, Message Types)."""
EPHEMERAL: Final = 1 << 6

_NUMBER: Final = MESSAGES_SENT.number


def read_message(
    payload: Payload, _received_at_ms: int, rules: GuildRules, state: State
) -> tuple[EventRecorded, ...]:
    """Record a message that was sent, under its own id."""
    if payload["type"] not in COUNTED_TYPES or payload.get("flags", 0) & EPHEMERAL:
        return ()
    author = payload["author"]
    is_webhook = "webhook_id" in payload and is_by_webhook(payload)
    if not rules.counts_everyone and is_left_out(payload, rules, state, is_webhook=is_webhook):
        return ()
    channel_id = int(payload["channel_id"])
    if rules.ignored_channel_ids and state.ignores(rules, channel_id):
        return ()
    guild_id = rules.guild_id
    user_id: int | None = None if is_webhook else int(author["id"])
    if user_id is not None and state.is_opted_out(guild_id, user_id):
        user_id = None
    return (EventRecorded(guild_id, _NUMBER, int(payload["id"]), user_id, channel_id),)


def read_message_delete(
    payload: Payload, received_at_ms: int, rules: GuildRules, state: State
) -> tuple[MessageDeleted, ...]:
    """Record that a message was deleted."""
    return _deletions(payload, (payload["id"],), received_at_ms, rules, state)


def read_message_bulk_delete(
    payload: Payload, received_at_ms: int, rules: GuildRules, state: State
) -> tuple[MessageDeleted, ...]:
    """Record that several messages were deleted at once."""
    return _deletions(payload, payload["ids"], received_at_ms, rules, state)


def _deletions(
    payload: Payload, ids: list[str] | tuple[str, ...], received_at_ms: int, rules: GuildRules, state: State
) -> tuple[MessageDeleted, ...]:
    channel_id = int(payload["channel_id"])
    if state.ignores(rules, channel_id):
        return ()
    return tuple(
        MessageDeleted(
            rules.guild_id,
            state.next_id(received_at_ms),
            channel_id,
            int(message_id),
            # Where some authors are not counted, a message that is not on record may be one of theirs.
            is_dropped_when_unknown=not rules.counts_everyone,
        )
        for message_id in ids
        if state.deletions.is_new(int(message_id))
    )


def is_by_webhook(payload: Payload) -> bool:
    """Whether a webhook wrote it; the answers of bots to commands carry a webhook's id, too: their application's."""
    webhook_id = payload.get("webhook_id")
    return webhook_id is not None and webhook_id != payload.get("application_id")


def is_left_out(payload: Payload, rules: GuildRules, state: State, *, is_webhook: bool) -> bool:
    """Whether the author of a message is not counted; webhooks count as bots do."""
    if is_webhook:
        return not rules.counts_bots
    author = payload["author"]
    # Discord leaves `bot` out of people's user objects.
    user = {"bot": bool(author.get("bot"))}
    return state.leaves_out(rules, int(author["id"]), user=user, member=payload.get("member"))
