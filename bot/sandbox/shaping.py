"""What a session's intents leave of an event."""

import copy
from collections.abc import Mapping
from typing import Any

import discord

from .backend import censor_message
from .state import WorldState

PRESENCES = discord.Intents.presences.flag
MESSAGE_CONTENT = discord.Intents.message_content.flag
CENSORED = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE", "INTERACTION_CREATE"})
HUGE_GUILD = 75_000


def shaped_guild(
    payload: Mapping[str, Any], *, bot_id: int, intents: int, large_threshold: int
) -> dict[str, Any]:
    """Return a guild as GUILD_CREATE carries it to a session.

    Without the presences intent, and in guilds of more than 75,000, the members are the bot and those in voice.
    In a large guild they are these and who is not offline (Discord documentation, Gateway Events: Guild Create).
    """
    shaped = dict(payload)
    count = shaped.get("member_count", 0)
    shaped["large"] = count > large_threshold
    always = {str(bot_id), *(str(state["user_id"]) for state in shaped.get("voice_states") or ())}
    if intents & PRESENCES and not shaped["large"]:
        return shaped
    shown = set(always)
    if intents & PRESENCES and count <= HUGE_GUILD:
        shown |= {str(presence["user"]["id"]) for presence in shaped["presences"]}
    shaped["members"] = [one for one in shaped.get("members") or () if one["user"]["id"] in shown]
    seen = shaped["presences"] if intents & PRESENCES else ()
    shaped["presences"] = [one for one in seen if one["user"]["id"] in shown]
    return shaped


def censored(name: str, payload: Mapping[str, Any], world: WorldState) -> dict[str, Any]:
    """Return a copy of an event without the content that a session without message_content may not read."""
    copied = copy.deepcopy(dict(payload))
    if name != "INTERACTION_CREATE":
        censor_message(copied, world.bot_user.id, backend=world)
    elif isinstance(copied.get("message"), dict):
        # The message that carries the used component is the bot's own, so it is shown whole.
        censor_message(copied["message"], world.bot_user.id, backend=world, exempt_root=True)
    return copied
