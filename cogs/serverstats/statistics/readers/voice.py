"""Voice sessions, read from gateway events. Pure.

A move closes one session and opens another; muting, deafening, streaming change nothing. The AFK channel counts like any other.
"""

from collections.abc import Iterable

from bot.gateway import Payload
from cogs.serverstats.statistics.readers.state import State
from cogs.serverstats.statistics.rules import GuildRules
from cogs.serverstats.statistics.sessions import Doing
from storage.statistics.catalogue import VOICE
from storage.statistics.changes import Change


def read_voice_state(
    payload: Payload, received_at_ms: int, rules: GuildRules, state: State
) -> Iterable[Change]:
    """Take where somebody is in voice now."""
    channel_id = payload.get("channel_id")
    user_id = int(payload["user_id"])
    member = payload.get("member")
    is_left_out = False
    if channel_id is not None and not rules.counts_everyone:
        # Discord leaves `bot` out of people's user objects.
        user = {"bot": bool(member["user"].get("bot"))} if member is not None else None
        is_left_out = state.leaves_out(rules, user_id, user=user, member=member)
    return change_voice(
        rules, state, user_id, None if channel_id is None or is_left_out else int(channel_id), received_at_ms
    )


def change_voice(
    rules: GuildRules, state: State, user_id: int, channel_id: int | None, at_ms: int
) -> Iterable[Change]:
    """Take the channel that somebody who counts is in now, None for none."""
    if state.ignores(rules, channel_id):
        channel_id = None
    guild_id = rules.guild_id
    return state.sessions.change(
        guild_id,
        (VOICE.number, user_id),
        () if channel_id is None else (Doing(channel_id),),
        at_ms,
        is_anonymous=state.is_opted_out(guild_id, user_id),
    )


def read_member_remove(
    payload: Payload, received_at_ms: int, rules: GuildRules, state: State
) -> Iterable[Change]:
    """Let the session of somebody who left the server end."""
    return state.sessions.change(
        rules.guild_id, (VOICE.number, int(payload["user"]["id"])), (), received_at_ms
    )
