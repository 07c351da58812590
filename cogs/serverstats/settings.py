"""The settings of the serverstats module, as one validated document per guild."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from storage.statistics.catalogue import Group

MODULE = "serverstats"

Snowflake = Annotated[int, Field(gt=0, lt=1 << 63)]

IGNORED_MOST = 100


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
