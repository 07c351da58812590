"""The settings of the invite tracker, as one validated document per guild."""

from pydantic import BaseModel, ConfigDict, Field

from bot.snowflakes import Snowflake
from bot.text.language import N_
from cogs.invite_tracker.leaderboard.schedule import HOUR_MOST, Schedule
from storage.records import FakeRules

MODULE = "invite_tracker"

HIDDEN_MOST = 25
"""So many can be chosen in one menu (Discord documentation, Component Reference)."""

DEFAULT_JOIN_TEMPLATE = N_(
    "👋 Welcome to **<server_name>**, <user_mention>!\n"
    "Invited by: **<inviter_display_name>** · Invite: `<invite_code>`"
)
DEFAULT_LEAVE_TEMPLATE = N_(
    "**<user_display_name>** has left **<server_name>**.\n"
    "Invited by: **<inviter_display_name>** · Invite: `<invite_code>`"
)


class InviteTrackerSettings(BaseModel):
    """What a guild has set; every switch is off until somebody turns it on.

    The first ten have the names that existing API clients use.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    join_messages_enabled: bool = False
    join_messages_channel: Snowflake | None = None
    join_message_content: str = DEFAULT_JOIN_TEMPLATE
    join_message_is_embed: bool = False
    leave_messages_enabled: bool = False
    leave_messages_channel: Snowflake | None = None
    leave_message_content: str = DEFAULT_LEAVE_TEMPLATE
    leave_message_is_embed: bool = False
    prevent_own_invite_code: bool = False
    server_shared_invite_link: str | None = None

    fake_rejoins: bool = False
    fake_without_avatar: bool = False
    fake_minimum_account_age_days: int = Field(default=0, ge=0, le=365)

    count_existing: bool = False
    """Whether members from before count for who invited them, from their recording on."""

    leaderboard_schedule: Schedule = Schedule.OFF
    leaderboard_hour: int = Field(default=9, ge=0, le=HOUR_MOST)
    leaderboard_channel: Snowflake | None = None
    leaderboard_hidden_roles: frozenset[Snowflake] = Field(default=frozenset(), max_length=HIDDEN_MOST)
    leaderboard_hidden_members: frozenset[Snowflake] = Field(default=frozenset(), max_length=HIDDEN_MOST)

    @property
    def fake_rules(self) -> FakeRules:
        """The rules that mark a join as fake when counting."""
        return FakeRules(
            own_invite=self.prevent_own_invite_code,
            rejoin=self.fake_rejoins,
            no_avatar=self.fake_without_avatar,
            minimum_account_age_days=self.fake_minimum_account_age_days,
        )
