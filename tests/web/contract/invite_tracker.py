"""The endpoints of the invite tracker, and the two of InviteLogger."""

from tests.web.contract.facts import (
    BAD,
    DATABASE,
    DISABLED,
    DISCORD,
    ENABLED,
    FORBIDDEN,
    INTERNAL,
    PAGES,
    SETTINGS,
    UNPROCESSABLE,
    Needs,
    Sent,
    row,
)

_READING = (BAD, SETTINGS, DISABLED, INTERNAL)
_ACTING = (BAD, SETTINGS, DISABLED, INTERNAL, DISCORD, UNPROCESSABLE)
_SETTINGS = (
    "guild_id:id join_messages_enabled:flag join_messages_channel~:id join_message_content~:text "
    "join_message_is_embed:flag leave_messages_enabled:flag leave_messages_channel~:id leave_message_content~:text "
    "leave_message_is_embed:flag prevent_own_invite_code:flag server_shared_invite_link~:text"
)

INVITE_TRACKER = (
    row("GET /modules/invite-tracker/", Needs.ANY, "", (), "Greeting"),
    row(
        "GET /modules/invite-tracker/settings",
        Needs.READ,
        "guild_id:id",
        _READING,
        "Module_Invite_Tracker",
        is_settings=True,
    ),
    row(
        "PUT /modules/invite-tracker/settings",
        Needs.WRITE,
        _SETTINGS,
        (BAD, SETTINGS, DISABLED, DATABASE),
        is_settings=True,
    ),
    row("DELETE /modules/invite-tracker/settings/delete", Needs.WRITE, "guild_id:id", (BAD,)),
    row("GET /modules/invite-tracker/status", Needs.READ, "guild_id:id", (BAD, SETTINGS), "Enabled"),
    row(
        "POST /modules/invite-tracker/enable", Needs.WRITE, "guild_id:id", (BAD, SETTINGS, ENABLED, DATABASE)
    ),
    row(
        "POST /modules/invite-tracker/disable",
        Needs.WRITE,
        "guild_id:id",
        (BAD, SETTINGS, DISABLED, DATABASE),
    ),
    row(
        "GET /modules/invite-tracker/invite-links",
        Needs.READ,
        f"guild_id:id {PAGES}",
        _READING,
        "[Module_Invite_Tracker_Invites]",
    ),
    row(
        "POST /modules/invite-tracker/invite",
        Needs.WRITE,
        "guild_id:id channel_id:id max_uses:int max_age:int is_temporary:flag application_id~:id token~:text",
        _ACTING,
        "InvitePostResponse",
    ),
    row(
        "DELETE /modules/invite-tracker/invite",
        Needs.WRITE,
        "guild_id:id invite_code:text application_id~:id token~:text",
        _ACTING,
    ),
    row(
        "POST /modules/invite-tracker/stats/uses",
        Needs.READ,
        f"guild_id:id inviter_id:id {PAGES}",
        _READING,
        "[Module_Invite_Tracker_Uses]",
        sent=Sent.QUERY,
    ),
    row(
        "POST /modules/invite-tracker/events/invite/create",
        Needs.INTAKE,
        "guild_id:id invite_code:text channel_id:id",
        (*_READING, UNPROCESSABLE),
    ),
    row(
        "POST /modules/invite-tracker/events/invite/delete",
        Needs.INTAKE,
        "guild_id:id invite_code:text",
        _READING,
    ),
    row(
        "POST /modules/invite-tracker/events/join/check-invite",
        Needs.INTAKE,
        "guild_id:id",
        (*_READING, DATABASE, UNPROCESSABLE),
    ),
    row("POST /modules/invite-tracker/events/leave/check-invite", Needs.INTAKE, "guild_id:id", _READING),
    row(
        "GET /modules/invite-tracker/privacy/get-user-entries",
        Needs.OPERATOR,
        "guild_id:id privacy_member_id:id",
        (BAD, FORBIDDEN, INTERNAL),
        "GetUserEntriesGetResponse",
    ),
    row(
        "DELETE /modules/invite-tracker/privacy/delete-user-entries",
        Needs.OPERATOR,
        "guild_id:id privacy_member_id:id",
        (BAD, FORBIDDEN, INTERNAL),
    ),
)

INVITE_LOGGER = (
    row("GET /v1/invites/user", Needs.READ, "bot_id:id guild_id:id inviter_id:id", (), "InviteLogger_Counts"),
    row(
        "GET /v1/invites/code",
        Needs.READ,
        f"bot_id:id guild_id:id invite_code:text {PAGES}",
        (),
        "[InviteLogger_Join]",
    ),
)
"""Their answers are the bare record or list; the fields are taken from a body as well."""
