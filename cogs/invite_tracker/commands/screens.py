"""What stays on the screen and is pressed later: made once, and found again by its buttons after a restart."""

from bot.ui.actions import Actions
from cogs.invite_tracker.commands.disabling import DisableQuestion
from cogs.invite_tracker.commands.lists import make_leaderboard, make_link_list
from cogs.invite_tracker.commands.message_screen import MessageScreen
from cogs.invite_tracker.commands.record_lists import (
    make_bonuses,
    make_explanations,
    make_invites_of,
    make_joins_of_code,
)
from cogs.invite_tracker.commands.reset_questions import ResetQuestions
from cogs.invite_tracker.commands.role_list import make_role_list
from cogs.invite_tracker.commands.rule_screen import RuleScreen
from cogs.invite_tracker.commands.sync_screen import SyncScreen
from cogs.invite_tracker.service import InviteTrackerService


class TrackerScreens:
    """The lists, the question and the screen of the tracker."""

    def __init__(self, actions: Actions, service: InviteTrackerService) -> None:
        self.links = make_link_list(actions, service)
        self.leaderboard = make_leaderboard(actions, service)
        self.disable = DisableQuestion(actions, service)
        self.message = MessageScreen(actions, service)
        self.explanations = make_explanations(actions, service)
        self.joins = make_joins_of_code(actions, service)
        self.invites = make_invites_of(actions, service)
        self.bonuses = make_bonuses(actions, service)
        self.resets = ResetQuestions(actions, service)
        self.rules = RuleScreen(actions, service)
        self.members_before = SyncScreen(actions, service)
        self.roles = make_role_list(actions, service)
