"""The statistic endpoints, each written out: the product makes them from its catalogue, this table is what they shall be."""

from tests.web.contract.facts import (
    BAD,
    DISABLED,
    INTERNAL,
    PAGES,
    SETTINGS,
    UNPROCESSABLE,
    Needs,
    Row,
    row,
)

_STATISTICS = "/modules/serverstats/stats/"
_READING = (BAD, SETTINGS, DISABLED, INTERNAL)
_REPORTING = (BAD, SETTINGS, DISABLED)


def _read(key: str, record: str, filters: str = "") -> Row:
    """A list of records, of so many days, and perhaps of one user or channel only."""
    chosen = "".join(f" {name}?:id" for name in filters.split())
    fields = f"guild_id:id days?:days{chosen} {PAGES}"
    return row(f"GET {_STATISTICS}{key}", Needs.READ, fields, (*_READING, UNPROCESSABLE), f"[{record}]")


def _report(key: str, fields: str, method: str = "POST") -> Row:
    """A report of other software, which is stored."""
    return row(f"{method} {_STATISTICS}{key}", Needs.INTAKE, f"guild_id:id {fields}", _REPORTING, "Recorded")


def _heard(key: str, fields: str, method: str = "POST") -> Row:
    """A report of what Discord itself tells: accepted, and not stored a second time."""
    told = _report(key, fields, method)
    HEARD.add(told.pair)
    return told


def _read_before(key: str, record: str, filters: str = "") -> Row:
    """The same list under an older path, which did not name the error of a day out of range."""
    chosen = "".join(f" {name}?:id" for name in filters.split())
    fields = f"guild_id:id days?:days{chosen} {PAGES}"
    return row(f"GET {_STATISTICS}{key}/view", Needs.READ, fields, _READING, f"[{record}]", is_legacy=True)


def _report_before(key: str, fields: str = "") -> Row:
    """A report as it was sent before, often without a user."""
    return row(
        f"POST {_STATISTICS}{key}",
        Needs.INTAKE,
        f"guild_id:id {fields}",
        _REPORTING,
        "Recorded",
        is_legacy=True,
    )


HEARD: set[str] = set()
"""The pairs of method and path that report what Discord itself tells."""

# fmt: off
STATISTICS = (
    _read("voice", "Stats_Voice", "user_id channel_id"),
    _heard("voice", "joined_member_id:id channel_id:id"),
    _heard("voice", "left_member_id:id channel_id:id", method="PUT"),
    _read("messages/deleted", "Stats_Messages_Deleted", "user_id channel_id"),
    _heard("messages/deleted", "author_id:id channel_id:id message_id:id"),
    _read("messages/sent", "Stats_Messages_Sent", "user_id channel_id"),
    _heard("messages/sent", "author_id:id channel_id:id message_id:id"),
    _read("members/joined", "Stats_Members_Joined"),
    _heard("members/joined", "joined_member_id:id"),
    _read("members/left", "Stats_Members_Left"),
    _heard("members/left", "left_member_id:id"),
    _read("members/total", "Stats_Members_Total"),
    _read("activities/statuses", "Stats_Statuses"),
    _read("activities/presence", "Stats_Presences", "user_id"),
    _heard("activities/presence", "presence_user_id:id activities:list"),
    _read("commands/used", "Stats_Command_Used", "user_id"),
    _report("commands/used", "initiator_id:id command:text"),
    _read("functions/reminders/created", "Stats_Modules_Reminders_Reminder_Created", "user_id"),
    _report("functions/reminders/created", "creating_user_id:id"),
    _read("functions/reminders/deleted", "Stats_Modules_Reminders_Reminder_Deleted", "user_id"),
    _report("functions/reminders/deleted", "deleting_user_id:id"),
    _read("functions/giveaways/created", "Stats_Modules_Giveaways_Giveaway_Created", "user_id"),
    _report("functions/giveaways/created", "creating_user_id:id"),
    _read("functions/giveaways/deleted", "Stats_Modules_Giveaways_Giveaway_Deleted", "user_id"),
    _report("functions/giveaways/deleted", "deleting_user_id:id"),
    _read("functions/giveaways/responders", "Stats_Modules_Giveaways_Giveaway_Enters", "user_id"),
    _report("functions/giveaways/responders", "responding_user_id:id old_giveaway_id:text"),
    _read("modules/autoresponder/responses/created", "Stats_Modules_Autoresponder_Responses_Created", "user_id"),
    _report("modules/autoresponder/responses/created", "creating_user_id:id"),
    _read("modules/autoresponder/responses/deleted", "Stats_Modules_Autoresponder_Responses_Deleted", "user_id"),
    _report("modules/autoresponder/responses/deleted", "deleting_user_id:id"),
    _read("modules/autoresponder/triggers/created", "Stats_Modules_Autoresponder_Triggers_Created", "user_id"),
    _report("modules/autoresponder/triggers/created", "creating_user_id:id"),
    _read("modules/autoresponder/triggers/deleted", "Stats_Modules_Autoresponder_Triggers_Deleted", "user_id"),
    _report("modules/autoresponder/triggers/deleted", "deleting_user_id:id"),
    _read("modules/autoresponder/triggers/hit", "Stats_Modules_Autoresponder_Triggers_Hit", "user_id"),
    _report("modules/autoresponder/triggers/hit", "triggering_user_id:id trigger_id:text"),
    _read("modules/autoresponder/check-time", "Stats_Modules_Autoresponder_Check_Time"),
    _report("modules/autoresponder/check-time", "check_time:float"),
    _read("modules/invite_tracker/invite/created", "Stats_Modules_Invite_Tracker_Invite_Created", "user_id"),
    _heard("modules/invite_tracker/invite/created", "creating_user_id:id"),
    _read("modules/invite_tracker/invite/deleted", "Stats_Modules_Invite_Tracker_Invite_Deleted", "user_id"),
    _heard("modules/invite_tracker/invite/deleted", "deleting_user_id:id"),
    _read("modules/reactionroles/panels/created", "Stats_Modules_Reactionroles_Panels_Created", "user_id"),
    _report("modules/reactionroles/panels/created", "creating_user_id:id"),
    _read("modules/reactionroles/panels/deleted", "Stats_Modules_Reactionroles_Panels_Deleted", "user_id"),
    _report("modules/reactionroles/panels/deleted", "deleting_user_id:id"),
    _read("modules/reactionroles/reactionroles/added", "Stats_Modules_Reactionroles_Reactionroles_Added", "user_id"),
    _report("modules/reactionroles/reactionroles/added", "creating_user_id:id"),
    _read("modules/reactionroles/reactionroles/removed", "Stats_Modules_Reactionroles_Reactionroles_Removed", "user_id"),
    _report("modules/reactionroles/reactionroles/removed", "deleting_user_id:id"),
    _read("modules/reactionroles/check-time", "Stats_Modules_Reactionroles_Check_Time"),
    _report("modules/reactionroles/check-time", "check_time:float"),
    _read("modules/rules/rule/added", "Stats_Modules_Rules_Rule_Added", "user_id"),
    _report("modules/rules/rule/added", "creating_user_id:id"),
    _read("modules/rules/rule/removed", "Stats_Modules_Rules_Rule_Removed", "user_id"),
    _report("modules/rules/rule/removed", "deleting_user_id:id"),
    _read("modules/rules/check-time", "Stats_Modules_Rules_Check_Time"),
    _report("modules/rules/check-time", "check_time:float"),
    _read("modules/socials/entries/added", "Stats_Modules_Socials_Entries_Added", "user_id"),
    _report("modules/socials/entries/added", "creating_user_id:id"),
    _read("modules/socials/entries/removed", "Stats_Modules_Socials_Entries_Removed", "user_id"),
    _report("modules/socials/entries/removed", "deleting_user_id:id"),
    _read("modules/tags/tag/created", "Stats_Modules_Tags_Tag_Created", "user_id"),
    _report("modules/tags/tag/created", "creating_user_id:id"),
    _read("modules/tags/tag/deleted", "Stats_Modules_Tags_Tag_Deleted", "user_id"),
    _report("modules/tags/tag/deleted", "deleting_user_id:id"),
    _read("modules/tags/check-time", "Stats_Modules_Tags_Check_Time"),
    _report("modules/tags/check-time", "check_time:float"),
    _read("modules/tempchannels/creation-channels/created", "Stats_Modules_Tempchannels_Creation_Channels_Created", "user_id"),
    _report("modules/tempchannels/creation-channels/created", "creating_user_id:id"),
    _read("modules/tempchannels/creation-channels/deleted", "Stats_Modules_Tempchannels_Creation_Channels_Deleted", "user_id"),
    _report("modules/tempchannels/creation-channels/deleted", "deleting_user_id:id"),
    _read("modules/tempchannels/tempchannels/created", "Stats_Modules_Tempchannels_Tempchannels_Created", "user_id"),
    _report("modules/tempchannels/tempchannels/created", "creating_user_id:id"),
    _read("modules/tempchannels/created-check-time", "Stats_Modules_Tempchannels_Created_Check_Time"),
    _report("modules/tempchannels/created-check-time", "check_time:float"),
    _read("modules/tempchannels/deleted-check-time", "Stats_Modules_Tempchannels_Deleted_Check_Time"),
    _report("modules/tempchannels/deleted-check-time", "check_time:float"),
    _read("modules/tickets/panels/created", "Stats_Modules_Tickets_Panels_Created", "user_id"),
    _report("modules/tickets/panels/created", "creating_user_id:id"),
    _read("modules/tickets/panels/deleted", "Stats_Modules_Tickets_Panels_Deleted", "user_id"),
    _report("modules/tickets/panels/deleted", "deleting_user_id:id"),
    _read("modules/tickets/types/added", "Stats_Modules_Tickets_Types_Added", "user_id"),
    _report("modules/tickets/types/added", "creating_user_id:id"),
    _read("modules/tickets/types/removed", "Stats_Modules_Tickets_Types_Removed", "user_id"),
    _report("modules/tickets/types/removed", "deleting_user_id:id"),
    _read("modules/tickets/created", "Stats_Modules_Tickets_Created", "user_id"),
    _report("modules/tickets/created", "creating_user_id:id"),
    _read("modules/tickets/deleted", "Stats_Modules_Tickets_Deleted", "user_id"),
    _report("modules/tickets/deleted", "deleting_user_id:id"),
    _read("modules/tickets/closed", "Stats_Modules_Tickets_Closed", "user_id"),
    _report("modules/tickets/closed", "creating_user_id:id"),
    _read("modules/tickets/reopened", "Stats_Modules_Tickets_Reopened", "user_id"),
    _report("modules/tickets/reopened", "creating_user_id:id"),
    _read("modules/verifier/check-time", "Stats_Modules_Verifier_Check_Time"),
    _report("modules/verifier/check-time", "check_time:float"),
    _read("modules/welcoming/responses/created", "Stats_Modules_Welcoming_Responses_Created", "user_id"),
    _report("modules/welcoming/responses/created", "creating_user_id:id"),
    _read("modules/welcoming/responses/deleted", "Stats_Modules_Welcoming_Responses_Deleted", "user_id"),
    _report("modules/welcoming/responses/deleted", "deleting_user_id:id"),
    _read("modules/welcoming/timedroles/created", "Stats_Modules_Welcoming_Timedroles_Created", "user_id"),
    _report("modules/welcoming/timedroles/created", "creating_user_id:id"),
    _read("modules/welcoming/timedroles/deleted", "Stats_Modules_Welcoming_Timedroles_Deleted", "user_id"),
    _report("modules/welcoming/timedroles/deleted", "deleting_user_id:id"),
    _read("modules/welcoming/check-time", "Stats_Modules_Welcoming_Check_Time"),
    _report("modules/welcoming/check-time", "check_time:float"),
    _read("modules/polls/poll/created", "Stats_Modules_Polls_Poll_Created", "user_id"),
    _heard("modules/polls/poll/created", "creating_user_id:id"),
    _read("modules/polls/poll/deleted", "Stats_Modules_Polls_Poll_Deleted", "user_id"),
    _heard("modules/polls/poll/deleted", "deleting_user_id:id"),
    _read("modules/polls/poll/manually_closed", "Stats_Modules_Polls_Poll_Manually_Closed", "user_id"),
    _heard("modules/polls/poll/manually_closed", "closing_user_id:id"),
    _read("modules/polls/vote/added", "Stats_Modules_Polls_Vote_Added", "user_id"),
    _heard("modules/polls/vote/added", "creating_user_id:id"),
    _read("modules/polls/vote/removed", "Stats_Modules_Polls_Vote_Removed", "user_id"),
    _heard("modules/polls/vote/removed", "deleting_user_id:id"),
)

STATISTICS_BEFORE = (
    _report_before("command/check", "command:text"),
    _read_before("command", "Stats_Command_Used", "user_id"),
    _report_before("message/check", "member_is_bot:flag channel_id:id message_id:id"),
    _read_before("message", "Stats_Messages_Sent", "user_id channel_id"),
    _report_before("functions/reminders/created"),
    _read_before("functions/reminders/created", "Stats_Modules_Reminders_Reminder_Created", "user_id"),
    _report_before("functions/reminders/deleted"),
    _read_before("functions/reminders/deleted", "Stats_Modules_Reminders_Reminder_Deleted", "user_id"),
    _report_before("functions/giveaways/responders", "old_giveaway_id:text"),
    _read_before("functions/giveaways/responders", "Stats_Modules_Giveaways_Giveaway_Enters", "user_id"),
    _report_before("functions/giveaways/created"),
    _read_before("functions/giveaways/created", "Stats_Modules_Giveaways_Giveaway_Created", "user_id"),
    _report_before("functions/giveaways/deleted"),
    _read_before("functions/giveaways/deleted", "Stats_Modules_Giveaways_Giveaway_Deleted", "user_id"),
    _report_before("modules/tempchannels/created", "initial_creator_id:id"),
    _read_before("modules/tempchannels/created", "Stats_Modules_Tempchannels_Tempchannels_Created", "user_id"),
    _report_before("modules/tempchannels/creation-time", "initial_creator_id:id creation_time_delay:int"),
    _read_before("modules/tempchannels/creation-time", "Stats_Modules_Tempchannels_Created_Check_Time", "user_id"),
    _report_before("modules/tempchannels/deletion-time", "initial_creator_id:id deletion_time_delay:int"),
    _read_before("modules/tempchannels/deletion-time", "Stats_Modules_Tempchannels_Deleted_Check_Time", "user_id"),
    _report_before("modules/reactionroles/check-time", "check_time_delay:int"),
    _read_before("modules/reactionroles/check-time", "Stats_Modules_Reactionroles_Check_Time"),
    _report_before("modules/tags/send-time", "send_time_delay:int"),
    _read_before("modules/tags/send-time", "Stats_Modules_Tags_Check_Time"),
    _report_before("modules/autoresponder/response-time", "response_time_delay:int"),
    _read_before("modules/autoresponder/response-time", "Stats_Modules_Autoresponder_Check_Time"),
)
"""What an older generation called the same: other paths, and other bodies under the same path."""
# fmt: on

HEARD.add("POST /modules/serverstats/stats/message/check")
