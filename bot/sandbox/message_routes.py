"""REST answers about messages and reactions: nonces, super reactions, and messages as Discord shows them."""

from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from .backend import BackendError, RequestContext, serializers
from .reactions import BURST, ReactionActs, reactors
from .routing import Routes, read_limit, simcord_answer
from .state import SentNonce

NONCE_LENGTH = 25
REACTIONS_PER_MESSAGE = 20
MESSAGE_ROUTES = Routes()
_route = MESSAGE_ROUTES
_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_REACTIONS = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}"


def _shown(world: ReactionActs, payload: dict[str, Any]) -> dict[str, Any]:
    """Return a message as REST shows it: complete, but without the guild that only events name."""
    whole = world.complete_message(payload)
    whole.pop("guild_id", None)
    if isinstance(whole.get("referenced_message"), dict):
        whole["referenced_message"].pop("guild_id", None)
    return whole


@_route("POST", _MESSAGES)
def _send_message(world: ReactionActs, context: RequestContext) -> Any:
    body = context.body()
    nonce = body.get("nonce")
    if nonce is None:
        return _shown(world, simcord_answer("POST", _MESSAGES, context))
    if len(str(nonce)) > NONCE_LENGTH:
        raise BackendError(400, 50035, "Invalid Form Body: nonce must be 25 or fewer in length")
    key = (world.bot_user.id, str(nonce))
    before = world.nonces.get(key)
    if body.get("enforce_nonce") and before is not None:
        message = world.messages.get(before.channel_id, {}).get(before.message_id)
        is_recent = world.now_ms() - before.at_ms < world.switches.nonce_window_s * 1000
        if message is not None and is_recent:
            return {**_shown(world, dict(serializers.message_payload(world, message))), "nonce": nonce}
    world.nonce_in_flight = nonce
    try:
        answer = simcord_answer("POST", _MESSAGES, context)
    finally:
        world.nonce_in_flight = None
    world.nonces[key] = SentNonce(context.int_arg("channel_id"), int(answer["id"]), world.now_ms())
    return {**_shown(world, answer), "nonce": nonce}


@_route("GET", _MESSAGES)
def _history(world: ReactionActs, context: RequestContext) -> Any:
    limit, after = read_limit(context, 50, 100), context.params.get("after")
    if after is not None:
        # The oldest messages after that one are meant, though they are shown newest first.
        messages = world.messages.get(context.int_arg("channel_id"), {}).values()
        later = sorted(one.id for one in messages if one.id > int(after) and not one.is_ephemeral)[:limit]
        before = {"before": later[-1] + 1} if later else {}
        context = replace(context, params={**context.params, **before})
    return [_shown(world, message) for message in simcord_answer("GET", _MESSAGES, context)]


@_route("GET", _MESSAGE)
def _message(world: ReactionActs, context: RequestContext) -> Any:
    return _shown(world, simcord_answer("GET", _MESSAGE, context))


@_route("PATCH", _MESSAGE)
def _edit_message(world: ReactionActs, context: RequestContext) -> Any:
    return _shown(world, simcord_answer("PATCH", _MESSAGE, context))


@_route("PUT", _REACTIONS + "/@me")
def _react(world: ReactionActs, context: RequestContext) -> Any:
    message = context.require_message(context.int_arg("channel_id"), context.int_arg("message_id"))
    emoji = unquote(context.args["emoji"])
    if not _exists(world, emoji):
        raise BackendError(400, 10014, "Unknown Emoji")
    if world.find_reaction(message, emoji) is None and len(message.reactions) >= REACTIONS_PER_MESSAGE:
        raise BackendError(403, 30010, "Maximum number of reactions reached (20)")
    return simcord_answer("PUT", _REACTIONS + "/@me", context)


@_route("GET", _REACTIONS)
def _reactors(world: ReactionActs, context: RequestContext) -> Any:
    message = context.require_message(
        context.int_arg("channel_id"), context.int_arg("message_id"), "read_message_history"
    )
    limit = read_limit(context, 25, 100)
    after = int(context.params.get("after") or 0)
    reaction = world.find_reaction(message, unquote(context.args["emoji"]))
    burst = int(context.params.get("type") or 0) == BURST
    users = sorted(reactors(reaction, burst=burst)) if reaction is not None else []
    asked = [user_id for user_id in users if user_id > after][:limit]
    return [dict(serializers.user_payload(world.get_user(user_id))) for user_id in asked]


def _exists(world: ReactionActs, emoji: str) -> bool:
    """Return whether there is such an emoji that the bot may use; every sign beyond ASCII counts as one."""
    _, colon, emoji_id = emoji.rpartition(":")
    if colon:
        ours = (guild for guild in world.guilds.values() if world.bot_is_in(guild.id))
        return emoji_id.isdigit() and any(int(emoji_id) in guild.emojis for guild in ours)
    return not emoji.isascii()
