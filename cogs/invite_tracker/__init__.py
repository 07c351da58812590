"""Who invited whom: attribution of joins, counts, messages."""

from bot.charts.studio import ChartStudio
from bot.client import HeadcountClient
from bot.modules import Job, Module
from cogs.invite_tracker.commands import InviteTrackerCommands
from cogs.invite_tracker.commands.screens import TrackerScreens
from cogs.invite_tracker.leaderboard.poster import EVERY_SECONDS, LeaderboardPoster
from cogs.invite_tracker.messages.announcements import Announcer
from cogs.invite_tracker.privacy import InviteTrackerPrivacy
from cogs.invite_tracker.retention import retain, retention_days
from cogs.invite_tracker.service import InviteTrackerService
from cogs.invite_tracker.settings import MODULE
from cogs.invite_tracker.settings_page import TrackerSettingsPage
from cogs.invite_tracker.tracking.trackers import Tracking


async def setup(client: HeadcountClient) -> None:
    """Load the module: begin to listen, register its jobs, publish its commands."""
    parts = client.parts
    announcer = Announcer(client)
    tracking = Tracking(client, announcer)
    await tracking.open()
    service = InviteTrackerService(client, tracking)
    charts = ChartStudio()
    screens = TrackerScreens(client.actions, service)
    # Of those who left, "while_member" keeps the joins until long after any leaderboard.
    kept_days = None if parts.config.retention.joins == "while_member" else retention_days(parts.config)
    poster = LeaderboardPoster(client, tracking, charts, kept_days)

    async def settle() -> None:
        await tracking.close()
        await charts.close()

    parts.modules.register(
        Module(
            name=MODULE,
            jobs=(
                Job("invite resync", parts.config.invite_tracker.resync_minutes * 60, tracking.resync),
                Job(
                    "invite tracker retention",
                    parts.config.retention.interval_minutes * 60,
                    lambda: retain(parts.database, parts.clock, parts.config),
                ),
                Job("invite leaderboard", EVERY_SECONDS, poster.post_due),
            ),
            settle=settle,
            forget=tracking.stop,
            is_caught_up=tracking.is_caught_up,
            settings_page=TrackerSettingsPage(service, screens),
            privacy=InviteTrackerPrivacy(client, tracking),
            services=(service,),
        )
    )
    await client.add_cog(InviteTrackerCommands(service, screens, charts))
