"""What the tests of the commands act with: a server, its people, and records of the days before."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import discord
import simcord

from bot.charts.drawing import draw_chart
from bot.charts.specs import ChartSpec
from bot.charts.studio import ChartStudio
from bot.recorder import Recorder
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.statistics.service import StatisticsService
from storage.statistics.catalogue import KINDS, Group, Kind
from storage.statistics.changes import Change, EventRecorded, Sampled, SessionClosed, SessionOpened
from tests.discord_in_process import Place, in_process, words_of

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS


class ChartsAtOnce:
    """Draws in this process, as to start another one takes longer than most tests; it remembers what it drew."""

    def __init__(self) -> None:
        self.drawn: list[ChartSpec] = []
        self.failure: Exception | None = None

    async def draw(self, spec: ChartSpec) -> bytes:
        """Return the chart as PNG, or fail as the studio would."""
        if self.failure is not None:
            raise self.failure
        self.drawn.append(spec)
        return draw_chart(spec)


class Stage:
    """A server with the commands of serverstats."""

    def __init__(self, place: Place, charts: ChartsAtOnce) -> None:
        self.place = place
        self.env = place.env
        self.guild = place.guild
        self.channel = place.channel
        self.other_channel = place.other_channel
        self.admin = place.admin
        self.manager = place.manager
        self.member = place.member
        self.charts = charts
        self.studio: ChartStudio = self.cog.charts
        self.cog.charts = charts

    @property
    def cog(self) -> Any:
        """The commands of the bot as it runs now."""
        # Not checked with isinstance: a client that closes drops its extensions' modules, so classes come anew.
        return self.place.client.get_cog("ServerstatsCommands")

    @property
    def module(self) -> ServerstatsService:
        """The module."""
        module: ServerstatsService = self.cog.module
        return module

    @property
    def statistics(self) -> StatisticsService:
        """What can be asked of the statistics."""
        statistics: StatisticsService = self.cog.statistics
        return statistics

    @property
    def recorder(self) -> Recorder:
        """What stores the records."""
        return self.place.client.parts.recorder

    @property
    def now_ms(self) -> int:
        """The virtual time."""
        return self.place.client.parts.clock.now_ms()

    async def use(self, who: simcord.MemberActor, command: str, **options: Any) -> simcord.InteractionResult:
        """Use /serverstats … in the first channel."""
        return await who.slash(self.channel, f"serverstats {command}", **options)

    async def say(self, who: simcord.MemberActor, command: str, **options: Any) -> str:
        """Use a command and return what the answer says, which must be for that person alone."""
        result = await self.use(who, command, **options)
        assert result.ephemeral
        return words_of(result)

    async def announce(self, who: simcord.MemberActor, command: str, **options: Any) -> str:
        """Use a command and return what the answer says, which must be for everybody to see."""
        result = await self.use(who, command, **options)
        assert not result.ephemeral
        return words_of(result)

    def hidden_channel(self, name: str) -> simcord.ChannelHandle:
        """Make a channel that only administrators see."""
        guild = self.place.client.get_guild(self.guild.id)
        assert guild is not None
        hidden = discord.PermissionOverwrite(view_channel=False)
        return self.guild.create_text_channel(name, overwrites={guild.default_role: hidden})

    async def switch_on(self, *groups: Group) -> None:
        """Record these groups from now on."""
        await self.module.change_settings(
            self.guild.id, lambda now: now.model_copy(update={"enabled_groups": frozenset(groups)})
        )

    async def put_on_record(self, *changes: Change) -> None:
        """Store records as if they had come in."""
        for change in changes:
            assert self.recorder.take(change)
        await self.recorder.flush()

    def event(self, key: str, at_ms: int, **facts: Any) -> EventRecorded:
        """Return one event; without a user unless `user_id` names one."""
        facts = {"user_id": None} | facts
        return EventRecorded(self.guild.id, KINDS[key].number, self.recorder.next_id(at_ms), **facts)

    def events(self, key: str, count: int, at_ms: int, **facts: Any) -> list[EventRecorded]:
        """Return so many events at one time."""
        return [self.event(key, at_ms, **facts) for _ in range(count)]

    def sample(self, kind: Kind, at_ms: int, *values: int) -> Sampled:
        """Return one sample."""
        return Sampled(self.guild.id, kind.number, self.recorder.next_id(at_ms), *values)

    def session(self, kind: Kind, at_ms: int, ended_at_ms: int, **facts: Any) -> tuple[Change, Change]:
        """Return the beginning and the end of a session."""
        facts = {"user_id": None, "channel_id": None, "text": None, "activity_type": -1} | facts
        record_id = self.recorder.next_id(at_ms)
        return (
            SessionOpened(self.guild.id, kind.number, record_id, **facts),
            SessionClosed(self.guild.id, kind.number, record_id, **facts, ended_at_ms=ended_at_ms),
        )


@asynccontextmanager
async def set_stage(folder: Path) -> AsyncIterator[Stage]:
    """Run the bot; the module is not enabled yet, and charts are drawn at once."""
    async with in_process(folder) as place:
        yield Stage(place, ChartsAtOnce())
