"""Presence sessions, read from gateway events. Pure.

One session for each activity by type and name: what is shown beside them, such as the song or the level, may change.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.gateway import Payload
from cogs.serverstats.statistics.readers.state import TEXT_LENGTH, State
from cogs.serverstats.statistics.rules import GuildRules
from cogs.serverstats.statistics.sessions import Doing
from storage.statistics.catalogue import PRESENCE
from storage.statistics.changes import Change

CUSTOM_STATUS: Final = 4
"""Nothing that somebody does: they all have the same name, and last as long as people are online."""


def read_presence(payload: Payload, received_at_ms: int, rules: GuildRules, state: State) -> Iterable[Change]:
    """Take what somebody does now."""
    user = payload["user"]
    user_id = int(user["id"])
    doing = doings_of(payload.get("activities") or ())
    if doing and state.leaves_out(rules, user_id, user=user):
        doing = ()
    return change_presence(rules, state, user_id, doing, received_at_ms)


def doings_of(activities: Iterable[Mapping[str, Any]]) -> tuple[Doing, ...]:
    """Return the activities that sessions are made of, each once."""
    return tuple(
        dict.fromkeys(
            Doing(None, activity["name"][:TEXT_LENGTH], activity["type"])
            for activity in activities
            if activity["type"] != CUSTOM_STATUS and activity.get("name")
        )
    )


def change_presence(
    rules: GuildRules, state: State, user_id: int, doing: tuple[Doing, ...], at_ms: int
) -> Iterable[Change]:
    """Take what somebody who counts does now."""
    guild_id = rules.guild_id
    return state.sessions.change(
        guild_id,
        (PRESENCE.number, user_id),
        doing,
        at_ms,
        is_anonymous=state.is_opted_out(guild_id, user_id),
    )


def read_member_remove(
    payload: Payload, received_at_ms: int, rules: GuildRules, state: State
) -> Iterable[Change]:
    """Let the sessions of somebody who left the server end."""
    return change_presence(rules, state, int(payload["user"]["id"]), (), received_at_ms)
