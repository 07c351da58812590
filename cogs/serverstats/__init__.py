"""How a server lives: statistics with charts, counters, the starboard."""

from bot.charts.studio import ChartStudio
from bot.client import HeadcountClient
from bot.modules import Module
from cogs.serverstats.commands import ServerstatsCommands
from cogs.serverstats.counters.commands import CounterCommands
from cogs.serverstats.counters.service import CountersService
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import MODULE
from cogs.serverstats.starboard.commands import StarboardCommands
from cogs.serverstats.starboard.service import StarboardService
from cogs.serverstats.statistics.keeping import Statistics
from cogs.serverstats.statistics.service import StatisticsService


async def setup(client: HeadcountClient) -> None:
    """Load the module: begin to listen, register its jobs, publish its commands."""
    module = ServerstatsService(client)
    charts = ChartStudio()
    statistics = Statistics(client, module)
    counters = CountersService(client, module, statistics.recording.statuses)
    starboard = StarboardService(client, module)
    parts = (statistics, counters, starboard)
    await module.open(parts)
    for part in parts:
        await part.open()

    async def settle() -> None:
        for part in reversed(parts):
            await part.close()
        await charts.close()

    client.parts.modules.register(
        Module(
            name=MODULE,
            jobs=tuple(job for part in parts for job in part.jobs),
            settle=settle,
            forget=module.forget,
            is_caught_up=statistics.recording.is_caught_up,
        )
    )
    subgroups = (CounterCommands(counters), StarboardCommands(starboard))
    await client.add_cog(ServerstatsCommands(module, StatisticsService(client, module), charts, subgroups))
