"""The use cases of the invite tracker, each once: commands and HTTP routes only translate to and from these.

Every refusal is a `bot.errors.HeadcountError` whose message is one sentence for people. Who may call what is the caller's
business; what the bot itself may do is checked here.
"""

from cogs.invite_tracker.use_cases.links import InviteChannel, InvitePage, LinkUseCases
from cogs.invite_tracker.use_cases.messages import MessageUseCases
from cogs.invite_tracker.use_cases.module import StoredAmounts, TrackerInfo
from cogs.invite_tracker.use_cases.people import InviterStats, LeaderboardPage, PeopleUseCases

__all__ = [
    "InviteChannel",
    "InvitePage",
    "InviteTrackerService",
    "InviterStats",
    "LeaderboardPage",
    "StoredAmounts",
    "TrackerInfo",
]


class InviteTrackerService(LinkUseCases, PeopleUseCases, MessageUseCases):
    """What can be done with the invite tracker of a guild."""
