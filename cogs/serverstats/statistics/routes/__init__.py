"""The statistics over HTTP: every endpoint is made from a row of the catalogue."""

from typing import Final

from cogs.serverstats.statistics.routes import intake, legacy, reading

ROUTERS: Final = (reading.router, intake.router, legacy.router)
