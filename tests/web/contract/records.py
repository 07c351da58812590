"""The records of the published API: their fields in order, and the type of each.

`int` a number without a fraction, `float` any number, `flag` true or false, `text` a string (ids are digits in a string),
`time` ISO 8601 in UTC; with `~` it may be null.
"""

_ACT = "id:int guild_id:text timestamp:time user_id:text"
_DURATION = "id:int guild_id:text timestamp:time check_time:float"
_MESSAGE = "id:int guild_id:text channel_id:text message_id:text author_id:text timestamp:time"
_MEMBER = "id:int guild_id:text member_id:text timestamp:time"

_TEXTS = {
    "Greeting": "message:text",
    "Enabled": "enabled:flag",
    "Recorded": "recorded:flag",
    "GetUserEntriesGetResponse": "username:int display_name:int global_name:int nickname:int id:int",
    "InvitePostResponse": "invite_code:text invite_url:text",
    "Module_Invite_Tracker": (
        "id:int guild_id:text join_messages_enabled:flag join_messages_channel:text~ join_message_is_embed:flag "
        "join_message_content:text~ leave_messages_enabled:flag leave_messages_channel:text~ "
        "leave_message_is_embed:flag leave_message_content:text~ prevent_own_invite_code:flag "
        "server_shared_invite_link:text~"
    ),
    "Module_Invite_Tracker_Invites": (
        "id:int guild_id:text invite_id:text channel_id:text current_uses:int expires_at:time~ owner_id:text~"
    ),
    "Module_Invite_Tracker_Uses": (
        "id:int guild_id:text invite_id:text member_id:text timestamp:time channel_id:text inviter_id:text~ "
        "has_left:flag"
    ),
    "Module_Serverstats": (
        "id:int guild_id:text counters_enabled:flag counters_category_id:text~ starboard_enabled:flag "
        "starboard_channel_id:text~ starboard_count:text stats_messages_enabled:flag stats_commands_enabled:flag "
        "stats_members_enabled:flag stats_activities_enabled:flag stats_voice_enabled:flag "
        "stats_modules_autoresponder_enabled:flag stats_modules_tags_enabled:flag "
        "stats_modules_verifier_enabled:flag stats_modules_socials_enabled:flag stats_modules_rules_enabled:flag "
        "stats_modules_invite_tracker_enabled:flag stats_modules_reactionroles_enabled:flag "
        "stats_modules_welcoming_enabled:flag stats_modules_tempchannels_enabled:flag "
        "stats_modules_tickets_enabled:flag stats_modules_reminders_enabled:flag "
        "stats_modules_giveaways_enabled:flag stats_modules_polls_enabled:flag"
    ),
    "Module_Serverstats_Counters": (
        "id:int guild_id:text channel_id:text counter_id:text counter_type:int format:text role_id:text~ "
        "goal_count:int~"
    ),
    "Module_Serverstats_Starboard_Entries": (
        "id:int guild_id:text original_message_id:text starboard_message_id:text monitoring_start:time"
    ),
    "Stats_Voice": "id:int guild_id:text channel_id:text user_id:text joined_at:time left_at:time~",
    "Stats_Messages_Deleted": _MESSAGE,
    "Stats_Messages_Sent": _MESSAGE,
    "Stats_Members_Joined": _MEMBER,
    "Stats_Members_Left": _MEMBER,
    "Stats_Members_Total": "id:int guild_id:text current_members:int timestamp:time",
    "Stats_Statuses": "id:int guild_id:text online_count:int offline_count:int dnd_count:int timestamp:time",
    "Stats_Presences": (
        "id:int guild_id:text user_id:text start_time:time end_time:time~ presence_name:text activity_type:int"
    ),
    "Stats_Command_Used": "id:int guild_id:text user_id:text command:text timestamp:time",
    "Stats_Modules_Autoresponder_Triggers_Hit": (
        "id:int guild_id:text timestamp:time triggering_user_id:text trigger_id:text"
    ),
    "InviteLogger_Counts": "total:int leaves:int fake:int bonus:int real:int",
    "InviteLogger_Join": ("created_at:time updated_at:time member_id:text fake:flag left:flag cleared:flag"),
}

_ACTS = (
    "Stats_Modules_Reminders_Reminder_Created",
    "Stats_Modules_Reminders_Reminder_Deleted",
    "Stats_Modules_Giveaways_Giveaway_Created",
    "Stats_Modules_Giveaways_Giveaway_Deleted",
    "Stats_Modules_Giveaways_Giveaway_Enters",
    "Stats_Modules_Autoresponder_Responses_Created",
    "Stats_Modules_Autoresponder_Responses_Deleted",
    "Stats_Modules_Autoresponder_Triggers_Created",
    "Stats_Modules_Autoresponder_Triggers_Deleted",
    "Stats_Modules_Invite_Tracker_Invite_Created",
    "Stats_Modules_Invite_Tracker_Invite_Deleted",
    "Stats_Modules_Reactionroles_Panels_Created",
    "Stats_Modules_Reactionroles_Panels_Deleted",
    "Stats_Modules_Reactionroles_Reactionroles_Added",
    "Stats_Modules_Reactionroles_Reactionroles_Removed",
    "Stats_Modules_Rules_Rule_Added",
    "Stats_Modules_Rules_Rule_Removed",
    "Stats_Modules_Socials_Entries_Added",
    "Stats_Modules_Socials_Entries_Removed",
    "Stats_Modules_Tags_Tag_Created",
    "Stats_Modules_Tags_Tag_Deleted",
    "Stats_Modules_Tempchannels_Creation_Channels_Created",
    "Stats_Modules_Tempchannels_Creation_Channels_Deleted",
    "Stats_Modules_Tempchannels_Tempchannels_Created",
    "Stats_Modules_Tickets_Panels_Created",
    "Stats_Modules_Tickets_Panels_Deleted",
    "Stats_Modules_Tickets_Types_Added",
    "Stats_Modules_Tickets_Types_Removed",
    "Stats_Modules_Tickets_Created",
    "Stats_Modules_Tickets_Deleted",
    "Stats_Modules_Tickets_Closed",
    "Stats_Modules_Tickets_Reopened",
    "Stats_Modules_Welcoming_Responses_Created",
    "Stats_Modules_Welcoming_Responses_Deleted",
    "Stats_Modules_Welcoming_Timedroles_Created",
    "Stats_Modules_Welcoming_Timedroles_Deleted",
    "Stats_Modules_Polls_Poll_Created",
    "Stats_Modules_Polls_Poll_Deleted",
    "Stats_Modules_Polls_Poll_Manually_Closed",
    "Stats_Modules_Polls_Vote_Added",
    "Stats_Modules_Polls_Vote_Removed",
)
_DURATIONS = (
    "Stats_Modules_Autoresponder_Check_Time",
    "Stats_Modules_Reactionroles_Check_Time",
    "Stats_Modules_Rules_Check_Time",
    "Stats_Modules_Tags_Check_Time",
    "Stats_Modules_Tempchannels_Created_Check_Time",
    "Stats_Modules_Tempchannels_Deleted_Check_Time",
    "Stats_Modules_Verifier_Check_Time",
    "Stats_Modules_Welcoming_Check_Time",
)

Record = dict[str, str]
"""The type of each field, in order."""


def _record(text: str) -> Record:
    return dict(word.split(":") for word in text.split())


RECORDS: dict[str, Record] = {
    **{name: _record(text) for name, text in _TEXTS.items()},
    **{name: _record(_ACT) for name in _ACTS},
    **{name: _record(_DURATION) for name in _DURATIONS},
}
"""Every record that an endpoint answers with, by name."""

UNKNOWN_TO_DISCORD = {
    "Stats_Messages_Deleted": "author_id",
    "Stats_Modules_Invite_Tracker_Invite_Deleted": "user_id",
    "Stats_Modules_Polls_Poll_Deleted": "user_id",
}
"""What is null although it is published as text: Discord does not always tell who it was, and nobody is made up."""
