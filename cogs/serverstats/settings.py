"""The settings of the serverstats module, as one validated document per guild."""

from typing import Final

import discord
from pydantic import BaseModel, ConfigDict, Field

from bot.settings.fields import FieldKind, SettingField
from bot.snowflakes import Snowflake
from bot.text.language import N_
from storage.statistics.catalogue import Group

MODULE = "serverstats"
MODULE_TITLE: Final = N_("Serverstats")

IGNORED_MOST = 100
SELECTED_MOST: Final = 25
"""Discord documentation, Component Reference: a select takes at most 25 values."""


class ServerstatsSettings(BaseModel):
    """What a guild has set; every component and every group of statistics is off until somebody turns it on.

    Counters and boards are not in here: they have tables of their own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    counters_enabled: bool = False
    counters_category_id: Snowflake | None = None
    starboard_enabled: bool = False
    enabled_groups: frozenset[Group] = frozenset()
    track_bot_messages: bool = True
    ignored_channel_ids: frozenset[Snowflake] = Field(default=frozenset(), max_length=IGNORED_MOST)
    """Channels, and categories with all their channels, in which nothing is counted."""
    ignored_role_ids: frozenset[Snowflake] = Field(default=frozenset(), max_length=IGNORED_MOST)
    """Roles whose members are not counted."""


_STATISTICS: Final = N_("Statistics")
_PARTS: Final = N_("Counters and starboard")

SERVERSTATS_FIELDS: Final = (
    SettingField(
        name="enabled_groups",
        label=N_("Recorded"),
        about=N_("What is counted from now on; what was counted before stays for 31 days."),
        kind=FieldKind.CHOICES,
        choices={group: group.label for group in Group},
        section=_STATISTICS,
    ),
    SettingField(
        name="track_bot_messages",
        label=N_("Count bots"),
        about=N_("Bots are counted like members; otherwise nothing that they do is."),
        kind=FieldKind.SWITCH,
        section=_STATISTICS,
    ),
    SettingField(
        name="ignored_channel_ids",
        label=N_("Channels left out"),
        about=N_("Nothing is counted in them; a category stands for all of its channels."),
        kind=FieldKind.CHANNELS,
        channel_types=(
            discord.ChannelType.text,
            discord.ChannelType.news,
            discord.ChannelType.voice,
            discord.ChannelType.stage_voice,
            discord.ChannelType.forum,
            discord.ChannelType.media,
            discord.ChannelType.category,
        ),
        most=SELECTED_MOST,
        section=_STATISTICS,
    ),
    SettingField(
        name="ignored_role_ids",
        label=N_("Roles left out"),
        about=N_("Members with one of these roles are not counted."),
        kind=FieldKind.ROLES,
        most=SELECTED_MOST,
        section=_STATISTICS,
    ),
    SettingField(
        name="counters_enabled",
        label=N_("Counters"),
        about=N_("The names of the counters' channels follow the numbers; otherwise they stand still."),
        kind=FieldKind.SWITCH,
        section=_PARTS,
    ),
    SettingField(
        name="counters_category_id",
        label=N_("Category of counters"),
        about=N_("Where the channels of new counters are made."),
        kind=FieldKind.CHANNEL,
        channel_types=(discord.ChannelType.category,),
        section=_PARTS,
        is_on_screen=False,
    ),
    SettingField(
        name="starboard_enabled",
        label=N_("Starboard"),
        about=N_("Messages with enough stars are shown on the boards."),
        kind=FieldKind.SWITCH,
        section=_PARTS,
    ),
)
"""The settings as people know them, in the order of the screen."""
