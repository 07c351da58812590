"""The leaderboard that is posted again and again: when the next one comes, and what stands in its way."""

from dataclasses import dataclass

from bot.text.dates import timezone_named
from cogs.invite_tracker.leaderboard.channel import list_troubles
from cogs.invite_tracker.leaderboard.schedule import Schedule, next_edition
from cogs.invite_tracker.settings import InviteTrackerSettings
from cogs.invite_tracker.use_cases.module import ModuleUseCases
from storage.guilds import fetch_guild_timezone
from storage.leaderboards import fetch_leaderboard_record


@dataclass(frozen=True, slots=True)
class LeaderboardState:
    """How the leaderboard that is posted is doing."""

    settings: InviteTrackerSettings
    timezone: str
    next_due_at_ms: int | None
    """None while it is off."""
    troubles: tuple[str, ...]
    """One sentence each, in the language of the context."""

    @property
    def is_on(self) -> bool:
        """Whether any is to be posted."""
        return self.settings.leaderboard_schedule is not Schedule.OFF


class LeaderboardUseCases(ModuleUseCases):
    """What is asked about the leaderboard that is posted; it is set with the other settings."""

    async def describe_leaderboard(self, guild_id: int) -> LeaderboardState:
        """Return how it is doing."""
        guild = self._guild(guild_id)
        settings = (await self.fetch_settings(guild_id)).values
        async with self._database.read() as rx:
            timezone = await fetch_guild_timezone(rx, guild_id)
            record = await fetch_leaderboard_record(rx, guild_id)
        due_at_ms = None
        if settings.leaderboard_schedule is not Schedule.OFF:
            due_at_ms = next_edition(
                settings.leaderboard_schedule,
                settings.leaderboard_hour,
                timezone_named(timezone),
                self._clock.now_ms(),
            ).due_at_ms
        return LeaderboardState(settings, timezone, due_at_ms, list_troubles(guild, settings, record))
