"""REST answers about channels: age limits, the rules on overwrites, limits and names."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from .backend import BackendError, Channel, ChannelType, RequestContext, permissions
from .channels import CHANNELS_PER_CATEGORY, CHANNELS_PER_GUILD, NAME_LENGTH, ChannelActs, shown_name
from .routing import Routes, simcord_answer

ADMINISTRATOR = permissions.flag("administrator")
MANAGE_ROLES = permissions.flag("manage_roles")
CHANNEL_ROUTES = Routes()
_route = CHANNEL_ROUTES


@_route("POST", "/guilds/{guild_id}/channels")
def _create_channel(world: ChannelActs, context: RequestContext) -> Any:
    guild = world.require_bot_in(context.int_arg("guild_id"))
    context.require_guild_permissions(guild.id, "manage_channels")
    body = dict(context.body())
    kind = int(body.get("type", ChannelType.TEXT))
    body["name"] = _name(body.get("name"), kind)
    if len(guild.channel_ids) >= CHANNELS_PER_GUILD:
        raise BackendError(400, 30013, "Maximum number of guild channels reached (500)")
    parent_id = int(body.get("parent_id") or 0)
    _check_parent(world, guild.id, parent_id)
    if "permission_overwrites" in body:
        _check_overwrites(world, guild.id, None, body["permission_overwrites"] or ())
    # discord.py always sends the list; an empty one is taken for none.
    overwrites_of_parent = not body.get("permission_overwrites") and bool(parent_id)
    nsfw = bool(body.pop("nsfw", False))
    world.new_channel_options = {"nsfw": nsfw, "overwrites_of_parent": overwrites_of_parent}
    try:
        answer = simcord_answer("POST", "/guilds/{guild_id}/channels", replace(context, json=body))
    finally:
        world.new_channel_options = {}
    return world.complete_channel(answer)


@_route("PATCH", "/channels/{channel_id}")
def _edit_channel(world: ChannelActs, context: RequestContext) -> Any:
    channel = context.require_channel_permissions(context.int_arg("channel_id"), "manage_channels")
    body = dict(context.body())
    if "name" in body:
        body["name"] = _name(body["name"], channel.type)
    if body.get("parent_id") and int(body["parent_id"]) != channel.parent_id:
        _check_parent(world, channel.guild_id or 0, int(body["parent_id"]))
    if "permission_overwrites" in body:
        context.require_channel_permissions(channel.id, "manage_roles")
        _check_overwrites(world, channel.guild_id or 0, channel, body["permission_overwrites"] or ())
    if "nsfw" in body:
        (world.nsfw_channel_ids.add if body.pop("nsfw") else world.nsfw_channel_ids.discard)(channel.id)
    answer = simcord_answer("PATCH", "/channels/{channel_id}", replace(context, json=body))
    return world.complete_channel(answer)


@_route("GET", "/channels/{channel_id}")
def _channel(world: ChannelActs, context: RequestContext) -> Any:
    return world.complete_channel(simcord_answer("GET", "/channels/{channel_id}", context))


@_route("DELETE", "/channels/{channel_id}")
def _delete_channel(world: ChannelActs, context: RequestContext) -> Any:
    return world.complete_channel(simcord_answer("DELETE", "/channels/{channel_id}", context))


@_route("GET", "/guilds/{guild_id}/channels")
def _channels(world: ChannelActs, context: RequestContext) -> Any:
    world.require_bot_in(context.int_arg("guild_id"))
    channels = simcord_answer("GET", "/guilds/{guild_id}/channels", context)
    return [world.complete_channel(channel) for channel in channels]


def _name(name: Any, channel_type: int) -> str:
    shown = shown_name(name, channel_type) if isinstance(name, str) else ""
    if not 1 <= len(shown) <= NAME_LENGTH:
        raise BackendError(400, 50035, "Invalid Form Body: name must be between 1 and 100 in length")
    return shown


def _check_parent(world: ChannelActs, guild_id: int, parent_id: int) -> None:
    """Raise 400/50035 unless the category exists and has room."""
    if not parent_id:
        return
    parent = world.channels.get(parent_id)
    if parent is None or parent.guild_id != guild_id or parent.type != ChannelType.CATEGORY:
        raise BackendError(400, 50035, "Invalid Form Body: parent_id: Category does not exist")
    children = sum(one.parent_id == parent_id for one in world.channels.values() if not one.is_thread)
    if children >= CHANNELS_PER_CATEGORY:
        raise BackendError(
            400, 50035, "Invalid Form Body: parent_id: Maximum number of channels in category reached (50)"
        )


def _check_overwrites(
    world: ChannelActs, guild_id: int, channel: Channel | None, wanted: Iterable[Any]
) -> None:
    """Raise 403/50013 when an overwrite touches a permission that the bot itself lacks.

    Discord documentation, Channel Resource: Manage Roles can be set by administrators only, and an overwrite
    that stays as it is needs nothing.
    """
    bot_id = world.bot_user.id
    held = world.compute_permissions(guild_id, bot_id)
    administrator = bool(held & ADMINISTRATOR)
    if channel is not None:
        held |= world.compute_permissions(guild_id, bot_id, channel.id)
    before = (
        {(one.target_id, int(one.type)): one for one in channel.overwrites} if channel is not None else {}
    )
    for one in wanted:
        allow, deny = int(one.get("allow") or 0), int(one.get("deny") or 0)
        known = before.get((int(one["id"]), int(one["type"])))
        touched = (allow ^ known.allow) | (deny ^ known.deny) if known is not None else allow | deny
        if not administrator and (touched & ~held or touched & MANAGE_ROLES):
            raise BackendError(403, 50013, "Missing Permissions")
