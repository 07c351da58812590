"""What all routes of the invite tracker share."""

from typing import Annotated, Final

from bot.web.routing import provided
from cogs.invite_tracker.service import InviteTrackerService

PREFIX: Final = "/modules/invite-tracker"
TAG: Final = "Invite tracker"

Service = Annotated[InviteTrackerService, provided(InviteTrackerService)]
