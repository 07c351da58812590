"""REST answers about the application, guilds and invites; both transports use them."""

from dataclasses import replace
from typing import Any

from .backend import BackendError, RequestContext, serializers
from .members import MemberActs
from .routing import Routes, read_limit, simcord_answer
from .search import search_members

GUILD_ROUTES = Routes()
_route = GUILD_ROUTES

# ------------------------------------------------------------------------ application


@_route("GET", "/gateway/bot")
def _gateway_bot(world: MemberActs, _context: RequestContext) -> Any:
    return {
        "url": world.gateway_url,
        "shards": world.recommended_shards,
        "session_start_limit": {
            "total": 1000,
            "remaining": max(0, 1000 - world.identifies),
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        },
    }


def _application(world: MemberActs, context: RequestContext) -> Any:
    payload = simcord_answer("GET", "/oauth2/applications/@me", context)
    return {**payload, "flags": world.application_flags(), "approximate_guild_count": len(world.guilds)}


_route("GET", "/oauth2/applications/@me")(_application)
_route("GET", "/applications/@me")(_application)


@_route("GET", "/users/@me/guilds")
def _my_guilds(world: MemberActs, context: RequestContext) -> Any:
    guilds = simcord_answer("GET", "/users/@me/guilds", context)
    return [guild for guild in guilds if world.bot_is_in(int(guild["id"]))]


@_route("DELETE", "/users/@me/guilds/{guild_id}")
def _leave_guild(world: MemberActs, context: RequestContext) -> Any:
    world.kick_bot(world.require_bot_in(context.int_arg("guild_id")).id)


# ----------------------------------------------------------------------------- guilds


@_route("GET", "/guilds/{guild_id}")
def _guild(world: MemberActs, context: RequestContext) -> Any:
    guild = world.require_bot_in(context.int_arg("guild_id"))
    payload = world.guild_payload(replace(guild, members={}))
    for gateway_only in (
        "members",
        "channels",
        "threads",
        "presences",
        "voice_states",
        "member_count",
        "large",
    ):
        payload.pop(gateway_only, None)
    if str(context.params.get("with_counts", "")).lower() in {"1", "true"}:
        payload["approximate_member_count"] = len(guild.members)
        payload["approximate_presence_count"] = len(world.presence_payloads(guild))
    return payload


@_route("GET", "/guilds/{guild_id}/roles/member-counts")
def _role_member_counts(world: MemberActs, context: RequestContext) -> Any:
    guild = world.require_bot_in(context.int_arg("guild_id"))
    context.require_guild_permissions(guild.id, "manage_roles")
    counts = {str(role_id): 0 for role_id in guild.roles if role_id != guild.id}
    for member in guild.members.values():
        for role_id in member.role_ids:
            counts[str(role_id)] += 1
    return counts


@_route("GET", "/guilds/{guild_id}/members")
def _members(world: MemberActs, context: RequestContext) -> Any:
    guild = world.require_bot_in(context.int_arg("guild_id"))
    if "members" not in world.approved_intents:
        raise BackendError(403, 50001, "Missing Access")
    after = int(context.params.get("after", 0))
    members = sorted((m for m in guild.members.values() if m.user_id > after), key=lambda m: m.user_id)
    return [world.member_payload(guild, member) for member in members[: read_limit(context, 1, 1000)]]


@_route("GET", "/guilds/{guild_id}/members/{user_id}")
def _member(world: MemberActs, context: RequestContext) -> Any:
    guild = world.require_bot_in(context.int_arg("guild_id"))
    return world.member_payload(guild, world.get_member(guild.id, context.int_arg("user_id")))


@_route("POST", "/guilds/{guild_id}/members-search")
def _members_search(world: MemberActs, context: RequestContext) -> Any:
    guild = world.require_bot_in(context.int_arg("guild_id"))
    context.require_guild_permissions(guild.id, "manage_guild")
    return search_members(world, guild, context.body())


@_route("GET", "/guilds/{guild_id}/integrations")
def _integrations(world: MemberActs, context: RequestContext) -> Any:
    guild = world.require_bot_in(context.int_arg("guild_id"))
    context.require_guild_permissions(guild.id, "manage_guild")
    bot = serializers.user_payload(world.bot_user)
    by_id = world.bot_added_by.get(guild.id, guild.owner_id)
    return [
        {
            "id": str(world.bot_user.id),
            "name": world.bot_user.name,
            "type": "discord",
            "enabled": True,
            "account": {"id": str(world.bot_user.id), "name": world.bot_user.name},
            "user": serializers.user_payload(world.users[by_id]),
            "application": {
                "id": str(world.bot_user.id),
                "name": world.bot_user.name,
                "icon": None,
                "description": "",
                "summary": "",
                "bot": bot,
            },
            "scopes": ["bot", "applications.commands"],
        }
    ]


@_route("GET", "/guilds/{guild_id}/audit-logs")
def _audit_log(world: MemberActs, context: RequestContext) -> Any:
    guild = world.require_bot_in(context.int_arg("guild_id"))
    context.require_guild_permissions(guild.id, "view_audit_log")
    params = context.params
    entries = sorted(guild.audit_log_entries, key=lambda entry: entry.id)
    if "user_id" in params:
        entries = [entry for entry in entries if entry.user_id == int(params["user_id"])]
    if "action_type" in params:
        entries = [entry for entry in entries if entry.action_type == int(params["action_type"])]
    if "before" in params:
        entries = [entry for entry in entries if entry.id < int(params["before"])]
    limit = read_limit(context, 50, 100)
    if "after" in params:
        # With `after` the list is ascending; everything else is newest first. audit_log_payload reverses.
        chosen = [entry for entry in entries if entry.id > int(params["after"])][:limit][::-1]
    else:
        chosen = entries[-limit:]
    return serializers.audit_log_payload(world, chosen)


# ---------------------------------------------------------------------------- invites


@_route("GET", "/guilds/{guild_id}/invites")
def _guild_invites(world: MemberActs, context: RequestContext) -> Any:
    guild = world.require_bot_in(context.int_arg("guild_id"))
    metadata = world.bot_has(guild.id, "manage_guild")
    if not metadata and not world.bot_has(guild.id, "view_audit_log"):
        raise BackendError(403, 50013, "Missing Permissions")
    return [world.invite_payload(invite, metadata=metadata) for invite in world.live_invites(guild.id)]


@_route("GET", "/channels/{channel_id}/invites")
def _channel_invites(world: MemberActs, context: RequestContext) -> Any:
    channel = context.require_channel_permissions(context.int_arg("channel_id"), "manage_channels")
    invites = world.live_invites(channel.guild_id) if channel.guild_id else []
    return [world.invite_payload(invite) for invite in invites if invite.channel_id == channel.id]


@_route("POST", "/channels/{channel_id}/invites")
def _create_invite(world: MemberActs, context: RequestContext) -> Any:
    channel = context.require_channel_permissions(context.int_arg("channel_id"), "create_instant_invite")
    body = context.fields(
        "max_uses", "max_age", "temporary", "unique", "role_ids", ignore=("target_type", "flags")
    )
    max_uses, max_age_s = int(body.get("max_uses") or 0), int(body.get("max_age", 86_400))
    if not 0 <= max_uses <= 100:
        raise BackendError(400, 50035, "Invalid Form Body: max_uses must be between 0 and 100")
    if not 0 <= max_age_s <= 604_800:
        raise BackendError(400, 50035, "Invalid Form Body: max_age must be between 0 and 604800")
    temporary = bool(body.get("temporary", False))
    role_ids = [int(role_id) for role_id in body.get("role_ids") or ()]
    if role_ids:
        if not world.switches.role_invites:
            raise BackendError(400, 50035, "Invalid Form Body: role_ids is not known")
        context.require_guild_permissions(channel.guild_id or 0, "manage_roles")
        for role_id in role_ids:
            world.require_role_assignable(channel.guild_id or 0, world.bot_user.id, role_id)
    wanted = (channel.id, world.bot_user.id, max_uses, max_age_s, temporary)
    if not body.get("unique", False):
        # Without `unique` Discord hands out a like invite again instead of making one more.
        for known in world.live_invites(channel.guild_id or 0):
            alike = (known.channel_id, known.inviter_id, known.max_uses, known.max_age, known.temporary)
            if alike == wanted:
                return world.invite_payload(known)
    invite = world.make_invite(
        channel.id,
        world.bot_user.id,
        max_uses=max_uses,
        max_age_s=max_age_s,
        temporary=temporary,
        role_ids=role_ids,
    )
    return world.invite_payload(invite)


@_route("GET", "/invites/{code}")
def _invite(world: MemberActs, context: RequestContext) -> Any:
    return world.invite_payload(world.get_invite(context.args["code"]), metadata=False)


@_route("DELETE", "/invites/{code}")
def _delete_invite(world: MemberActs, context: RequestContext) -> Any:
    invite = world.get_invite(context.args["code"])
    world.require_bot_in(invite.guild_id)
    on_channel = bool(invite.channel_id) and world.bot_has(
        invite.guild_id, "manage_channels", invite.channel_id
    )
    if not on_channel and not world.bot_has(invite.guild_id, "manage_guild"):
        raise BackendError(403, 50013, "Missing Permissions")
    world.remove_invite(invite.code, world.bot_user.id, reason=context.reason)
    return world.invite_payload(invite, metadata=False)


@_route("GET", "/guilds/{guild_id}/vanity-url")
def _vanity_url(world: MemberActs, context: RequestContext) -> Any:
    guild = world.require_bot_in(context.int_arg("guild_id"))
    context.require_guild_permissions(guild.id, "manage_guild")
    if guild.vanity_url_code is None:
        return {"code": None, "uses": 0}
    return {"code": guild.vanity_url_code, "uses": world.vanity_invite(guild.id).uses}
