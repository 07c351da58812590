"""The settings as requests carry them: the names of the published API, of all its generations.

Two generations have bodies of their own for the same method and path; a field that only the older one has tells it.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from bot.web.fields import WHOLE, Fields, Flag, GuildFields, Id, Text, Whole, ill_typed, unprocessable
from cogs.serverstats.counters.counter_types import CounterType
from cogs.serverstats.counters.panel import PanelWish, RolePanel
from cogs.serverstats.counters.placing import COUNTERS_PER_GUILD
from cogs.serverstats.settings import IGNORED_MOST
from cogs.serverstats.starboard.board_wishes import THRESHOLD_MOST
from cogs.serverstats.whole_settings import SettingsWish
from storage.statistics.catalogue import LEGACY_SWITCHES, Group

CREATE: Final[Literal["create"]] = "create"

OTHER_NAMES: Final = {
    "starboard_channel_id": "starboard_channel",
    "stats_modules_reminders_enabled": Group.REMINDERS.switch,
    "stats_modules_giveaways_enabled": Group.GIVEAWAYS.switch,
    "stats_track_bot_messages": "track_bot_messages",
}
"""Names that the same settings have elsewhere in the published API, and those that they have here."""

_Create = Annotated[Literal["create"], Field(description="Makes one.")]


_ID: Final[TypeAdapter[int]] = TypeAdapter(Id)


def _read_place(value: Any, _any: ValidatorFunctionWrapHandler) -> int | Literal["create"] | None:
    return value if value is None or value == CREATE else _ID.validate_python(value)


Place = Annotated[Id | _Create | None, WrapValidator(_read_place)]
"""A channel by its id, a new one, or none."""
Threshold = Annotated[
    int,
    Field(
        ge=1,
        le=THRESHOLD_MOST,
        description="How many stars a message needs; without a board there is nowhere to keep it.",
    ),
    WHOLE,
]
Ignored = Annotated[list[Id], Field(max_length=IGNORED_MOST)]


def _tell_other_names(schema: dict[str, Any]) -> None:
    """Put the other names into the schema: of two names for a setting that is required, one must be there."""
    for other, name in OTHER_NAMES.items():
        schema["properties"][other] = {
            **schema["properties"][name],
            "description": f"Another name of `{name}`.",
        }
        if name in schema["required"]:
            schema["required"].remove(name)
            schema.setdefault("allOf", []).append({"anyOf": [{"required": [name]}, {"required": [other]}]})


class ServerstatsFields(GuildFields):
    """All settings of serverstats. Each setting may have any of its names; under two names, the values must agree."""

    model_config = ConfigDict(json_schema_extra=_tell_other_names)

    id: Annotated[Whole | None, Field(description="As GET answers it; it changes nothing.")] = None
    counters_enabled: Annotated[
        Flag, Field(description="Whether the names of the counters' channels follow the numbers.")
    ]
    counters_category_id: Annotated[
        Place, Field(description="Where the channels of new counters are made; null: nowhere yet.")
    ]
    starboard_enabled: Annotated[Flag, Field(description="Whether messages with enough stars are shown.")]
    starboard_channel: Annotated[
        Place,
        Field(description="Where they are shown: the channel of the oldest board. Null: stays as it is."),
    ]
    starboard_count: Threshold
    stats_messages_enabled: Flag
    stats_commands_enabled: Flag
    stats_members_enabled: Flag
    stats_activities_enabled: Flag
    stats_voice_enabled: Flag
    stats_modules_autoresponder_enabled: Flag
    stats_modules_tags_enabled: Flag
    stats_modules_verifier_enabled: Flag
    stats_modules_socials_enabled: Flag
    stats_modules_rules_enabled: Flag
    stats_modules_invite_tracker_enabled: Flag
    stats_modules_reactionroles_enabled: Flag
    stats_modules_welcoming_enabled: Flag
    stats_modules_tempchannels_enabled: Flag
    stats_modules_tickets_enabled: Flag
    stats_functions_reminders_enabled: Flag
    stats_functions_giveaways_enabled: Flag
    stats_modules_polls_enabled: Annotated[Flag | None, Field(description="Left out: stays as it is.")] = None
    track_bot_messages: Annotated[
        Flag | None, Field(description="Whether bots are counted like members; left out: stays as it is.")
    ] = None
    ignored_channel_ids: Annotated[
        Ignored | None,
        Field(description="Channels in which nothing is counted, categories too; left out: stays as it is."),
    ] = None
    ignored_role_ids: Annotated[
        Ignored | None,
        Field(description="Roles whose members are not counted; left out: stays as it is."),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _use_one_name(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        named = dict(given)
        for other in OTHER_NAMES.keys() & given.keys():
            name, value = OTHER_NAMES[other], named.pop(other)
            # An id and its digits are the same.
            if name in named and str(named[name]) != str(value):
                raise ill_typed(f"must not have `{name}` and `{other}` with different values")
            named[name] = value
        return named

    def wish(self) -> SettingsWish:
        """Return what is to be set."""
        switches = {group: getattr(self, group.switch) for group in Group}
        return SettingsWish(
            counters_enabled=self.counters_enabled,
            counters_category=self.counters_category_id,
            starboard_enabled=self.starboard_enabled,
            board_channel=self.starboard_channel,
            threshold=self.starboard_count,
            groups={group: is_on for group, is_on in switches.items() if is_on is not None},
            track_bot_messages=self.track_bot_messages,
            ignored_channel_ids=_set_of(self.ignored_channel_ids),
            ignored_role_ids=_set_of(self.ignored_role_ids),
        )


def _not_empty(text: str) -> str:
    if not text.strip():
        raise unprocessable("must not be empty")
    return text


class CustomPanel(Fields):
    """A counter to be made for the members with a role who are online."""

    channel_name: Annotated[
        Text,
        Field(
            description="The name of its channel; the number stands in the place of `<value>`, or at the end.",
            json_schema_extra={"minLength": 1},
        ),
        AfterValidator(_not_empty),
    ]
    role_id: Id


class OlderServerstatsFields(GuildFields):
    """The settings as an older generation of the API had them; what it did not know stays as it is.

    A channel of the counter panel becomes a counter; when it is left out it stays one, null lets it be an ordinary channel.
    """

    counter_panel_enabled: Flag
    counter_panel_category_channel: Id
    counter_panel_member_count_channel: Id | None = None
    counter_panel_online_member_count_channel: Id | None = None
    counter_panel_custom_panels_create: Annotated[list[CustomPanel], Field(max_length=COUNTERS_PER_GUILD)]
    counter_panel_custom_panels_delete: Annotated[list[Id], Field(max_length=COUNTERS_PER_GUILD)]
    counter_panel_server_boost_number_channel: Id | None = None
    starboard_enabled: Flag
    starboard_channel: Annotated[Id | None, Field(description="Null or left out: stays as it is.")] = None
    starboard_count: Annotated[Threshold | None, Field(description="Null or left out: stays as it is.")] = (
        None
    )
    stats_command_usage: Flag
    stats_message_statistics: Flag
    stats_track_bot_messages: Flag
    stats_functions_reminders_statistics_enabled: Flag
    stats_functions_giveaways_statistics_enabled: Flag
    stats_modules_tempchannels_statistics_enabled: Flag
    stats_modules_autoresponder_statistics_enabled: Flag
    stats_modules_reactionroles_statistics_enabled: Flag
    stats_modules_tags_statistics_enabled: Flag

    def wish(self) -> SettingsWish:
        """Return what is to be set."""
        switches = {name: group for name, group in LEGACY_SWITCHES.items() if name in type(self).model_fields}
        return SettingsWish(
            counters_enabled=self.counter_panel_enabled,
            counters_category=self.counter_panel_category_channel,
            starboard_enabled=self.starboard_enabled,
            board_channel=self.starboard_channel,
            threshold=self.starboard_count,
            groups={group: getattr(self, name) for name, group in switches.items()},
            track_bot_messages=self.stats_track_bot_messages,
            panel=PanelWish(
                channels={
                    counter_type: getattr(self, name)
                    for name, counter_type in _PANEL_CHANNELS.items()
                    if name in self.model_fields_set
                },
                made=tuple(
                    RolePanel.named(panel.channel_name, panel.role_id)
                    for panel in self.counter_panel_custom_panels_create
                ),
                deleted_channel_ids=frozenset(self.counter_panel_custom_panels_delete),
            ),
        )


_PANEL_CHANNELS: Final = {
    "counter_panel_member_count_channel": CounterType.MEMBERS,
    "counter_panel_online_member_count_channel": CounterType.ONLINE,
    "counter_panel_server_boost_number_channel": CounterType.BOOSTS,
}
ONLY_OLDER: Final = (
    OlderServerstatsFields.model_fields.keys() - ServerstatsFields.model_fields.keys() - OTHER_NAMES.keys()
)


def _choose(given: Any, _both: ValidatorFunctionWrapHandler) -> ServerstatsFields | OlderServerstatsFields:
    is_older = isinstance(given, dict) and not ONLY_OLDER.isdisjoint(given)
    return (OlderServerstatsFields if is_older else ServerstatsFields).model_validate(given)


AnySettingsFields = Annotated[ServerstatsFields | OlderServerstatsFields, WrapValidator(_choose)]
"""A body of either generation; what is wrong with it is told of the one that it is."""


def _set_of(ids: list[int] | None) -> frozenset[int] | None:
    return None if ids is None else frozenset(ids)
