"""How a server lives: statistics with charts, counters, the starboard."""

import asyncio
import logging

from bot.charts.studio import ChartStudio
from bot.client import HeadcountClient
from bot.modules import Module
from cogs.serverstats.commands import ServerstatsCommands
from cogs.serverstats.commands.disabling import Disabling
from cogs.serverstats.counters.commands import CounterCommands
from cogs.serverstats.counters.forms import counter_forms
from cogs.serverstats.counters.screens import CounterScreens
from cogs.serverstats.counters.service import CountersService
from cogs.serverstats.privacy import ServerstatsPrivacy
from cogs.serverstats.service import ServerstatsService
from cogs.serverstats.settings import MODULE
from cogs.serverstats.settings_page import ServerstatsPage
from cogs.serverstats.starboard.commands import StarboardCommands
from cogs.serverstats.starboard.forms import board_forms
from cogs.serverstats.starboard.screens import BoardScreens
from cogs.serverstats.starboard.service import StarboardService
from cogs.serverstats.statistics.intake import StatisticsIntake
from cogs.serverstats.statistics.keeping import Statistics
from cogs.serverstats.statistics.service import StatisticsService
from cogs.serverstats.whole_settings import SettingsBook

_log = logging.getLogger(__name__)

DISCORD_SECONDS = 8.0
"""Less than a module has in all to settle."""


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
        try:
            # Both may wait for Discord; neither may keep the records from being complete.
            async with asyncio.timeout(DISCORD_SECONDS):
                for ended in await asyncio.gather(
                    starboard.close(), counters.close(), return_exceptions=True
                ):
                    if isinstance(ended, Exception):
                        _log.error("A part of serverstats did not end well.", exc_info=ended)
        except TimeoutError:
            _log.warning("Discord did not answer in time for the last changes of the starboard.")
        finally:
            await statistics.close()
        await charts.close()

    asked = StatisticsService(client, module)
    disabling = Disabling(module)
    counter_screens = CounterScreens(client, counters)
    board_screens = BoardScreens(client, starboard)
    client.parts.modules.register(
        Module(
            name=MODULE,
            jobs=tuple(job for part in parts for job in part.jobs),
            settle=settle,
            forget=module.forget,
            is_caught_up=statistics.recording.is_caught_up,
            settings_page=ServerstatsPage(
                module,
                counters=counters,
                starboard=starboard,
                disabling=disabling,
                forms=(*counter_forms(counter_screens), *board_forms(board_screens)),
            ),
            privacy=ServerstatsPrivacy(client, statistics.recording, starboard.engine),
            services=(
                module,
                counters,
                starboard,
                SettingsBook(module, counters, starboard),
                asked,
                StatisticsIntake(client, module),
            ),
        )
    )
    subgroups = (CounterCommands(counter_screens), StarboardCommands(board_screens))
    await client.add_cog(ServerstatsCommands(module, asked, charts, disabling, subgroups))
