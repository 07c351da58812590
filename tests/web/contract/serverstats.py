"""The endpoints of serverstats, without the statistics."""

from tests.web.contract.facts import (
    BAD,
    DATABASE,
    DISABLED,
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
_LOOKING = (BAD, SETTINGS, DISABLED)
_SETTINGS = (
    "guild_id:id counters_enabled:flag counters_category_id!:place starboard_enabled:flag starboard_channel!:place "
    "starboard_count:int stats_messages_enabled:flag stats_commands_enabled:flag stats_members_enabled:flag "
    "stats_activities_enabled:flag stats_voice_enabled:flag stats_modules_autoresponder_enabled:flag "
    "stats_modules_tags_enabled:flag stats_modules_verifier_enabled:flag stats_modules_socials_enabled:flag "
    "stats_modules_rules_enabled:flag stats_modules_invite_tracker_enabled:flag "
    "stats_modules_reactionroles_enabled:flag stats_modules_welcoming_enabled:flag "
    "stats_modules_tempchannels_enabled:flag stats_modules_tickets_enabled:flag "
    "stats_functions_reminders_enabled:flag stats_functions_giveaways_enabled:flag"
)
_OLDER_SETTINGS = (
    "guild_id:id counter_panel_enabled:flag counter_panel_category_channel:id "
    "counter_panel_member_count_channel~:id counter_panel_online_member_count_channel~:id "
    "counter_panel_custom_panels_create:list counter_panel_custom_panels_delete:list "
    "counter_panel_server_boost_number_channel~:id starboard_enabled:flag starboard_channel~:id "
    "starboard_count~:int stats_command_usage:flag stats_message_statistics:flag stats_track_bot_messages:flag "
    "stats_functions_reminders_statistics_enabled:flag stats_functions_giveaways_statistics_enabled:flag "
    "stats_modules_tempchannels_statistics_enabled:flag stats_modules_autoresponder_statistics_enabled:flag "
    "stats_modules_reactionroles_statistics_enabled:flag stats_modules_tags_statistics_enabled:flag"
)
_ONE_COUNTER = "/modules/serverstats/counter/{counter_id}"
_STAR = "guild_id:id channel_id:id message_id:id"
_ENTRIES = "[Module_Serverstats_Starboard_Entries]"

SERVERSTATS = (
    row("GET /modules/serverstats/", Needs.ANY, "", (), "Greeting"),
    row(
        "GET /modules/serverstats/settings",
        Needs.READ,
        "guild_id:id",
        _READING,
        "Module_Serverstats",
        is_settings=True,
    ),
    row("PUT /modules/serverstats/settings", Needs.WRITE, _SETTINGS, (*_READING, DATABASE), is_settings=True),
    row(
        "PUT /modules/serverstats/settings",
        Needs.WRITE,
        _OLDER_SETTINGS,
        (*_READING, DATABASE),
        is_settings=True,
        is_legacy=True,
    ),
    row("DELETE /modules/serverstats/settings/delete", Needs.WRITE, "guild_id:id", (BAD,)),
    row("GET /modules/serverstats/status", Needs.READ, "guild_id:id", (BAD, SETTINGS), "Enabled"),
    row("POST /modules/serverstats/enable", Needs.WRITE, "guild_id:id", (BAD, SETTINGS, ENABLED, DATABASE)),
    row(
        "POST /modules/serverstats/disable",
        Needs.WRITE,
        "guild_id:id",
        (BAD, SETTINGS, DISABLED, DATABASE, INTERNAL),
    ),
    row(
        "GET /modules/serverstats/counters",
        Needs.READ,
        f"guild_id:id {PAGES}",
        _READING,
        "[Module_Serverstats_Counters]",
    ),
    row(
        "POST /modules/serverstats/counters",
        Needs.WRITE,
        "guild_id:id counter_type:kind new_format:text new_role_id~:id new_goal~:int",
        (*_READING, DATABASE, UNPROCESSABLE),
        "Module_Serverstats_Counters",
    ),
    row(f"GET {_ONE_COUNTER}", Needs.READ, "guild_id:id", _READING, "Module_Serverstats_Counters"),
    row(f"DELETE {_ONE_COUNTER}", Needs.WRITE, "guild_id:id", (*_READING, DATABASE), sent=Sent.QUERY),
    row("POST /modules/serverstats/counters/update", Needs.OPERATOR, "", (INTERNAL,)),
    row(
        "POST /modules/serverstats/counters/check-delete", Needs.INTAKE, "guild_id:id channel_id:id", _LOOKING
    ),
    row("POST /modules/serverstats/starboard/add", Needs.INTAKE, _STAR, _READING, _ENTRIES),
    row("POST /modules/serverstats/starboard/remove", Needs.INTAKE, _STAR, _READING, _ENTRIES),
    row(
        "POST /modules/serverstats/starboard/check/delete",
        Needs.INTAKE,
        "guild_id:id channel_id:id",
        _LOOKING,
    ),
    row(
        "POST /modules/serverstats/starboard/check/deleted-message",
        Needs.INTAKE,
        "guild_id:id message_id:id",
        _LOOKING,
    ),
    row(
        "GET /modules/serverstats/privacy/get-user-entries",
        Needs.OPERATOR,
        "guild_id:id privacy_member_id:id",
        (BAD, FORBIDDEN, INTERNAL),
        "GetUserEntriesGetResponse",
    ),
    row(
        "DELETE /modules/serverstats/privacy/delete-user-entries",
        Needs.OPERATOR,
        "guild_id:id privacy_member_id:id",
        (BAD, FORBIDDEN, INTERNAL),
    ),
    # The counter panel of before is the counters.
    row(
        "POST /modules/serverstats/stats/counter-panel/check-deleted-channel",
        Needs.INTAKE,
        "guild_id:id channel_id:id",
        _LOOKING,
        is_legacy=True,
    ),
    row(
        "POST /modules/serverstats/stats/counter-panel/update",
        Needs.OPERATOR,
        "",
        (SETTINGS, DISABLED, INTERNAL),
        is_legacy=True,
    ),
)
