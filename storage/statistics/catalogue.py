"""The catalogue of statistics: everything that can be recorded, one row a kind.

Switches in the settings, record shapes, chart titles, filters, retention, erasure, the documentation and the HTTP endpoints
derive from it: a new kind is a new row. The keys are the paths under `/modules/serverstats/stats/` of the published API of
the systems we replace; the numbers are what the database holds, so they never change.
"""

from typing import Final

from storage.statistics.kinds import Aggregate, Group, Kind, Legacy, Part, Shape, Source

__all__ = [
    "CATALOGUE",
    "COMMANDS_USED",
    "INVITES_CREATED",
    "INVITES_DELETED",
    "KINDS",
    "KINDS_BY_NUMBER",
    "LEGACY_SWITCHES",
    "MEMBERS_JOINED",
    "MEMBERS_LEFT",
    "MEMBERS_TOTAL",
    "MESSAGES_DELETED",
    "MESSAGES_SENT",
    "POLLS_CLOSED",
    "POLLS_CREATED",
    "POLLS_DELETED",
    "PRESENCE",
    "STATUSES",
    "VOICE",
    "VOTES_ADDED",
    "VOTES_REMOVED",
    "WELCOME_CHECK_TIME",
    "Aggregate",
    "Group",
    "Kind",
    "Legacy",
    "Part",
    "Shape",
    "Source",
    "kinds_of",
]

LEGACY_SWITCHES: Final = {
    "stats_command_usage": Group.COMMANDS,
    "stats_message_statistics": Group.MESSAGES,
    "stats_functions_reminders_statistics_enabled": Group.REMINDERS,
    "stats_functions_giveaways_statistics_enabled": Group.GIVEAWAYS,
    "stats_modules_reminders_enabled": Group.REMINDERS,
    "stats_modules_giveaways_enabled": Group.GIVEAWAYS,
    "stats_modules_tempchannels_statistics_enabled": Group.TEMP_CHANNELS,
    "stats_modules_autoresponder_statistics_enabled": Group.AUTORESPONDER,
    "stats_modules_reactionroles_statistics_enabled": Group.REACTION_ROLES,
    "stats_modules_tags_statistics_enabled": Group.TAGS,
}
"""Names that the published API gave these switches in other generations."""


_HEAD: Final[Shape] = (("id", Part.RECORD_ID), ("guild_id", Part.GUILD_ID))
_AT: Final[Shape] = (("timestamp", Part.AT),)
_CHECK_TIME: Final = ("check_time", Part.DURATION)


def _record_name(key: str) -> str:
    words = key.replace("-", "_").replace("/", "_").split("_")
    return "_".join(["Stats", *(word.capitalize() for word in words)])


def _act(
    number: int,
    key: str,
    group: Group,
    title: str,
    *,
    unit: str,
    source: Source = Source.INTAKE,
    record: str | None = None,
    user: str = "creating_user_id",
    more: Shape = (("user_id", Part.USER_ID),),
    told: Shape = (),
    legacy: Legacy | None = None,
    is_once_each: bool = False,
) -> Kind:
    """Return a kind that counts what people do; `told` is what only a request says."""
    return Kind(
        number=number,
        key=key,
        group=group,
        title=title,
        unit=unit,
        aggregate=Aggregate.COUNT,
        source=source,
        record=record or _record_name(key),
        # The published records of the server itself have the time last.
        shape=(*_HEAD, *_AT, *more) if group.is_module else (*_HEAD, *more, *_AT),
        intake=((user, Part.USER_ID), *(field for field in more if field[1] is not Part.USER_ID), *told),
        legacy=legacy,
        is_once_each=is_once_each,
    )


def _duration(
    number: int,
    key: str,
    group: Group,
    title: str,
    *,
    source: Source = Source.INTAKE,
    legacy: Legacy | None = None,
) -> Kind:
    """Return a kind that measures how long a bot's own work takes."""
    return Kind(
        number=number,
        key=key,
        group=group,
        title=title,
        unit="seconds",
        aggregate=Aggregate.MEAN,
        source=source,
        record=_record_name(key),
        shape=(*_HEAD, *_AT, _CHECK_TIME),
        intake=(_CHECK_TIME,),
        legacy=legacy,
    )


def _legacy(key: str, *intake: tuple[str, Part], report_key: str | None = None) -> Legacy:
    return Legacy(key=key, report_key=report_key or key, intake=intake)


_CHANNEL: Final = ("channel_id", Part.CHANNEL_ID)
_MESSAGE_ID: Final = ("message_id", Part.MESSAGE_ID)
_CREATOR: Final = ("initial_creator_id", Part.USER_ID)
_GIVEAWAY: Final = ("old_giveaway_id", Part.TEXT)
_MESSAGE: Final[Shape] = (
    _CHANNEL,
    _MESSAGE_ID,
    ("author_id", Part.USER_ID),
)
_MEMBER: Final[Shape] = (("member_id", Part.USER_ID),)
_DELETING: Final = "deleting_user_id"

# fmt: off
CATALOGUE: Final[tuple[Kind, ...]] = (
    _act(
        1, "messages/sent", Group.MESSAGES, "Messages sent", unit="messages",
        source=Source.GATEWAY, user="author_id", more=_MESSAGE,
        legacy=_legacy(
            "message", ("member_is_bot", Part.IS_BOT), _CHANNEL, _MESSAGE_ID, report_key="message/check"
        ),
    ),
    _act(
        2, "messages/deleted", Group.MESSAGES, "Messages deleted", unit="messages",
        source=Source.GATEWAY, user="author_id", more=_MESSAGE,
    ),
    Kind(
        number=3, key="voice", group=Group.VOICE, title="Time in voice", unit="seconds",
        aggregate=Aggregate.SECONDS, source=Source.GATEWAY, record="Stats_Voice",
        shape=(
            *_HEAD, _CHANNEL, ("user_id", Part.USER_ID),
            ("joined_at", Part.STARTED_AT), ("left_at", Part.ENDED_AT),
        ),
        intake=(("joined_member_id", Part.USER_ID), _CHANNEL),
        intake_of_end=(("left_member_id", Part.USER_ID), _CHANNEL),
    ),
    _act(
        4, "members/joined", Group.MEMBERS, "Members joined", unit="members",
        source=Source.GATEWAY, user="joined_member_id", more=_MEMBER,
    ),
    _act(
        5, "members/left", Group.MEMBERS, "Members left", unit="members",
        source=Source.GATEWAY, user="left_member_id", more=_MEMBER,
    ),
    Kind(
        number=6, key="members/total", group=Group.MEMBERS, title="Members", unit="members",
        aggregate=Aggregate.LAST, source=Source.GATEWAY, record="Stats_Members_Total",
        shape=(*_HEAD, ("current_members", Part.FIRST), *_AT),
    ),
    Kind(
        number=7, key="activities/statuses", group=Group.ACTIVITIES, title="Statuses", unit="members",
        aggregate=Aggregate.LAST, source=Source.GATEWAY, record="Stats_Statuses",
        shape=(
            *_HEAD, ("online_count", Part.FIRST), ("offline_count", Part.SECOND), ("dnd_count", Part.THIRD), *_AT,
        ),
    ),
    Kind(
        number=8, key="activities/presence", group=Group.ACTIVITIES, title="Time in activities", unit="seconds",
        aggregate=Aggregate.SECONDS, source=Source.GATEWAY, record="Stats_Presences",
        shape=(
            *_HEAD, ("user_id", Part.USER_ID), ("start_time", Part.STARTED_AT), ("end_time", Part.ENDED_AT),
            ("presence_name", Part.TEXT), ("activity_type", Part.ACTIVITY_TYPE),
        ),
        intake=(("presence_user_id", Part.USER_ID), ("activities", Part.ACTIVITIES)),
    ),
    _act(
        9, "commands/used", Group.COMMANDS, "Commands used", unit="uses", source=Source.BOT,
        record="Stats_Command_Used", user="initiator_id",
        more=(("user_id", Part.USER_ID), ("command", Part.TEXT)),
        legacy=_legacy("command", ("command", Part.TEXT), report_key="command/check"),
    ),
    _act(
        10, "functions/reminders/created", Group.REMINDERS, "Reminders created", unit="reminders",
        record="Stats_Modules_Reminders_Reminder_Created", legacy=_legacy("functions/reminders/created"),
    ),
    _act(
        11, "functions/reminders/deleted", Group.REMINDERS, "Reminders deleted", unit="reminders",
        record="Stats_Modules_Reminders_Reminder_Deleted", user=_DELETING, legacy=_legacy("functions/reminders/deleted"),
    ),
    _act(
        12, "functions/giveaways/created", Group.GIVEAWAYS, "Giveaways created", unit="giveaways",
        record="Stats_Modules_Giveaways_Giveaway_Created", legacy=_legacy("functions/giveaways/created"),
    ),
    _act(
        13, "functions/giveaways/deleted", Group.GIVEAWAYS, "Giveaways deleted", unit="giveaways",
        record="Stats_Modules_Giveaways_Giveaway_Deleted", user=_DELETING, legacy=_legacy("functions/giveaways/deleted"),
    ),
    _act(
        14, "functions/giveaways/responders", Group.GIVEAWAYS, "Giveaway entries", unit="entries",
        record="Stats_Modules_Giveaways_Giveaway_Enters", user="responding_user_id",
        told=(_GIVEAWAY,), legacy=_legacy("functions/giveaways/responders", _GIVEAWAY), is_once_each=True,
    ),
    _act(15, "modules/autoresponder/responses/created", Group.AUTORESPONDER, "Responses created", unit="responses"),
    _act(16, "modules/autoresponder/responses/deleted", Group.AUTORESPONDER, "Responses deleted", unit="responses", user=_DELETING),
    _act(17, "modules/autoresponder/triggers/created", Group.AUTORESPONDER, "Triggers created", unit="triggers"),
    _act(18, "modules/autoresponder/triggers/deleted", Group.AUTORESPONDER, "Triggers deleted", unit="triggers", user=_DELETING),
    _act(19, "modules/autoresponder/triggers/hit", Group.AUTORESPONDER, "Triggers hit", unit="hits", user="triggering_user_id", more=(("triggering_user_id", Part.USER_ID), ("trigger_id", Part.TEXT))),
    _duration(20, "modules/autoresponder/check-time", Group.AUTORESPONDER, "Autoresponder check time", legacy=_legacy("modules/autoresponder/response-time", ("response_time_delay", Part.DURATION))),
    _act(21, "modules/invite_tracker/invite/created", Group.INVITE_TRACKER, "Invites created", unit="invites", source=Source.GATEWAY),
    _act(22, "modules/invite_tracker/invite/deleted", Group.INVITE_TRACKER, "Invites deleted", unit="invites", source=Source.GATEWAY, user=_DELETING),
    _act(23, "modules/reactionroles/panels/created", Group.REACTION_ROLES, "Reaction role panels created", unit="panels"),
    _act(24, "modules/reactionroles/panels/deleted", Group.REACTION_ROLES, "Reaction role panels deleted", unit="panels", user=_DELETING),
    _act(25, "modules/reactionroles/reactionroles/added", Group.REACTION_ROLES, "Reaction roles added", unit="roles"),
    _act(26, "modules/reactionroles/reactionroles/removed", Group.REACTION_ROLES, "Reaction roles removed", unit="roles", user=_DELETING),
    _duration(27, "modules/reactionroles/check-time", Group.REACTION_ROLES, "Reaction role check time", legacy=_legacy("modules/reactionroles/check-time", ("check_time_delay", Part.DURATION))),
    _act(28, "modules/rules/rule/added", Group.RULES, "Rules added", unit="rules"),
    _act(29, "modules/rules/rule/removed", Group.RULES, "Rules removed", unit="rules", user=_DELETING),
    _duration(30, "modules/rules/check-time", Group.RULES, "Rule check time"),
    _act(31, "modules/socials/entries/added", Group.SOCIALS, "Social entries added", unit="entries"),
    _act(32, "modules/socials/entries/removed", Group.SOCIALS, "Social entries removed", unit="entries", user=_DELETING),
    _act(33, "modules/tags/tag/created", Group.TAGS, "Tags created", unit="tags"),
    _act(34, "modules/tags/tag/deleted", Group.TAGS, "Tags deleted", unit="tags", user=_DELETING),
    _duration(35, "modules/tags/check-time", Group.TAGS, "Tag check time", legacy=_legacy("modules/tags/send-time", ("send_time_delay", Part.DURATION))),
    _act(36, "modules/tempchannels/creation-channels/created", Group.TEMP_CHANNELS, "Creation channels created", unit="channels"),
    _act(37, "modules/tempchannels/creation-channels/deleted", Group.TEMP_CHANNELS, "Creation channels deleted", unit="channels", user=_DELETING),
    _act(38, "modules/tempchannels/tempchannels/created", Group.TEMP_CHANNELS, "Temporary channels created", unit="channels", legacy=_legacy("modules/tempchannels/created", _CREATOR)),
    _duration(39, "modules/tempchannels/created-check-time", Group.TEMP_CHANNELS, "Temporary channel creation time", legacy=_legacy("modules/tempchannels/creation-time", _CREATOR, ("creation_time_delay", Part.DURATION))),
    _duration(40, "modules/tempchannels/deleted-check-time", Group.TEMP_CHANNELS, "Temporary channel deletion time", legacy=_legacy("modules/tempchannels/deletion-time", _CREATOR, ("deletion_time_delay", Part.DURATION))),
    _act(41, "modules/tickets/panels/created", Group.TICKETS, "Ticket panels created", unit="panels"),
    _act(42, "modules/tickets/panels/deleted", Group.TICKETS, "Ticket panels deleted", unit="panels", user=_DELETING),
    _act(43, "modules/tickets/types/added", Group.TICKETS, "Ticket types added", unit="types"),
    _act(44, "modules/tickets/types/removed", Group.TICKETS, "Ticket types removed", unit="types", user=_DELETING),
    _act(45, "modules/tickets/created", Group.TICKETS, "Tickets created", unit="tickets"),
    _act(46, "modules/tickets/deleted", Group.TICKETS, "Tickets deleted", unit="tickets", user=_DELETING),
    _act(47, "modules/tickets/closed", Group.TICKETS, "Tickets closed", unit="tickets"),
    _act(48, "modules/tickets/reopened", Group.TICKETS, "Tickets reopened", unit="tickets"),
    _duration(49, "modules/verifier/check-time", Group.VERIFIER, "Verification check time"),
    _act(50, "modules/welcoming/responses/created", Group.WELCOMING, "Welcome responses created", unit="responses"),
    _act(51, "modules/welcoming/responses/deleted", Group.WELCOMING, "Welcome responses deleted", unit="responses", user=_DELETING),
    _act(52, "modules/welcoming/timedroles/created", Group.WELCOMING, "Timed roles created", unit="roles"),
    _act(53, "modules/welcoming/timedroles/deleted", Group.WELCOMING, "Timed roles deleted", unit="roles", user=_DELETING),
    _duration(54, "modules/welcoming/check-time", Group.WELCOMING, "Welcome check time", source=Source.BOT),
    _act(55, "modules/polls/poll/created", Group.POLLS, "Polls created", unit="polls", source=Source.GATEWAY),
    _act(56, "modules/polls/poll/deleted", Group.POLLS, "Polls deleted", unit="polls", source=Source.GATEWAY, user=_DELETING),
    _act(57, "modules/polls/poll/manually_closed", Group.POLLS, "Polls closed by hand", unit="polls", source=Source.GATEWAY, user="closing_user_id"),
    _act(58, "modules/polls/vote/added", Group.POLLS, "Poll votes added", unit="votes", source=Source.GATEWAY),
    _act(59, "modules/polls/vote/removed", Group.POLLS, "Poll votes removed", unit="votes", source=Source.GATEWAY, user=_DELETING),
)

# fmt: on

KINDS: Final = {kind.key: kind for kind in CATALOGUE}
KINDS_BY_NUMBER: Final = {kind.number: kind for kind in CATALOGUE}


def kinds_of(group: Group) -> tuple[Kind, ...]:
    """Return the kinds that this group switches on."""
    return tuple(kind for kind in CATALOGUE if kind.group is group)


MESSAGES_SENT: Final = KINDS["messages/sent"]
MESSAGES_DELETED: Final = KINDS["messages/deleted"]
VOICE: Final = KINDS["voice"]
MEMBERS_JOINED: Final = KINDS["members/joined"]
MEMBERS_LEFT: Final = KINDS["members/left"]
MEMBERS_TOTAL: Final = KINDS["members/total"]
STATUSES: Final = KINDS["activities/statuses"]
PRESENCE: Final = KINDS["activities/presence"]
COMMANDS_USED: Final = KINDS["commands/used"]
INVITES_CREATED: Final = KINDS["modules/invite_tracker/invite/created"]
INVITES_DELETED: Final = KINDS["modules/invite_tracker/invite/deleted"]
WELCOME_CHECK_TIME: Final = KINDS["modules/welcoming/check-time"]
POLLS_CREATED: Final = KINDS["modules/polls/poll/created"]
POLLS_DELETED: Final = KINDS["modules/polls/poll/deleted"]
POLLS_CLOSED: Final = KINDS["modules/polls/poll/manually_closed"]
VOTES_ADDED: Final = KINDS["modules/polls/vote/added"]
VOTES_REMOVED: Final = KINDS["modules/polls/vote/removed"]
