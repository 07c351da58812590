"""What all commands of the tracker share."""

from discord.ext import commands

from cogs.invite_tracker.commands.screens import TrackerScreens
from cogs.invite_tracker.service import InviteTrackerService


class TrackerCommands(commands.Cog):
    """Commands that only translate between Discord and the use cases."""

    service: InviteTrackerService
    screens: TrackerScreens
