"""The module over HTTP: settings, counters, the starboard, and the statistics with their own package of routes."""

from cogs.serverstats.routes import counters, settings, starboard
from cogs.serverstats.statistics.routes import ROUTERS as STATISTICS

ROUTERS = (settings.router, counters.router, starboard.router, *STATISTICS)
