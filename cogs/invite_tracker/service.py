"""The use cases of the invite tracker, each once: commands and HTTP routes only translate to and from these.

Every refusal is a `bot.errors.HeadcountError` whose message is one sentence for people. Who may call what is the caller's
business; what the bot itself may do is checked here.
"""

from cogs.invite_tracker.use_cases.adjusting import AdjustingUseCases
from cogs.invite_tracker.use_cases.corrections import CorrectionUseCases
from cogs.invite_tracker.use_cases.interactions import InteractionUseCases
from cogs.invite_tracker.use_cases.joiner_roles import JoinerRoleUseCases
from cogs.invite_tracker.use_cases.leaderboards import LeaderboardUseCases
from cogs.invite_tracker.use_cases.links import InviteChannel, InvitePage
from cogs.invite_tracker.use_cases.members_before import MembersBeforeUseCases
from cogs.invite_tracker.use_cases.messages import MessageUseCases
from cogs.invite_tracker.use_cases.module import StoredAmounts, TrackerInfo
from cogs.invite_tracker.use_cases.people import InviterStats, LeaderboardPage, PeopleUseCases
from cogs.invite_tracker.use_cases.records import RecordUseCases
from cogs.invite_tracker.use_cases.rule_previews import RulePreviewUseCases
from cogs.invite_tracker.use_cases.settings import SettingsUseCases
from cogs.invite_tracker.use_cases.transfer import TransferUseCases
from cogs.invite_tracker.use_cases.trees import TreeUseCases

__all__ = [
    "InviteChannel",
    "InvitePage",
    "InviteTrackerService",
    "InviterStats",
    "LeaderboardPage",
    "StoredAmounts",
    "TrackerInfo",
]


class InviteTrackerService(
    SettingsUseCases,
    JoinerRoleUseCases,
    InteractionUseCases,
    PeopleUseCases,
    MessageUseCases,
    TransferUseCases,
    RecordUseCases,
    CorrectionUseCases,
    AdjustingUseCases,
    RulePreviewUseCases,
    LeaderboardUseCases,
    MembersBeforeUseCases,
    TreeUseCases,
):
    """What can be done with the invite tracker of a guild."""
