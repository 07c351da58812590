"""Commands that are used, invites that are made and deleted, read from gateway events. Pure."""

from typing import Any, Final

from bot.gateway import Payload
from bot.snowflakes import snowflake_ms
from cogs.serverstats.statistics.readers.state import TEXT_LENGTH, State
from cogs.serverstats.statistics.rules import GuildRules
from storage.statistics.catalogue import COMMANDS_USED, INVITES_CREATED, INVITES_DELETED
from storage.statistics.changes import EventRecorded

APPLICATION_COMMAND: Final = 2
"""Discord documentation, Receiving and Responding, Interaction Type."""
_GROUPS_AND_SUBCOMMANDS: Final = frozenset({1, 2})
"""Discord documentation, Application Commands, Application Command Option Type."""

NEVER_RECORDED: Final = frozenset({"privacy"})
"""Whoever looks after their privacy leaves no trace of it."""

Events = tuple[EventRecorded, ...]


def read_interaction(payload: Payload, _received_at_ms: int, rules: GuildRules, state: State) -> Events:
    """Record the use of one of our commands under its full name."""
    if payload["type"] != APPLICATION_COMMAND or payload["data"]["name"] in NEVER_RECORDED:
        return ()
    member = payload["member"]
    user_id = int(member["user"]["id"])
    user = {"bot": bool(member["user"].get("bot"))}
    if state.leaves_out(rules, user_id, user=user, member=member):
        return ()
    if state.ignores(rules, _channel_id(payload)):
        return ()
    return (
        EventRecorded(
            rules.guild_id,
            COMMANDS_USED.number,
            state.next_id(snowflake_ms(int(payload["id"]))),
            state.named(rules.guild_id, user_id),
            text=full_name(payload["data"])[:TEXT_LENGTH],
        ),
    )


def full_name(command: Payload) -> str:
    """Return the name of a command with its groups and subcommand: `serverstats counter create`."""
    names = [command["name"]]
    options: Any = command.get("options") or ()
    while options and options[0]["type"] in _GROUPS_AND_SUBCOMMANDS:
        names.append(options[0]["name"])
        options = options[0].get("options") or ()
    return " ".join(names)


def read_invite_create(payload: Payload, received_at_ms: int, rules: GuildRules, state: State) -> Events:
    """Record that an invite was made; widgets and Discord itself make some without an inviter."""
    if state.ignores(rules, _channel_id(payload)):
        return ()
    inviter = payload.get("inviter")
    user_id = None
    if inviter is not None:
        user_id = int(inviter["id"])
        if state.leaves_out(rules, user_id, user={"bot": bool(inviter.get("bot"))}):
            return ()
        user_id = state.named(rules.guild_id, user_id)
    return (EventRecorded(rules.guild_id, INVITES_CREATED.number, state.next_id(received_at_ms), user_id),)


def read_invite_delete(payload: Payload, received_at_ms: int, rules: GuildRules, state: State) -> Events:
    """Record that an invite was deleted or used up; who did so is not told."""
    if state.ignores(rules, _channel_id(payload)):
        return ()
    return (EventRecorded(rules.guild_id, INVITES_DELETED.number, state.next_id(received_at_ms), None),)


def _channel_id(payload: Payload) -> int | None:
    channel_id = payload.get("channel_id")
    return None if channel_id is None else int(channel_id)
