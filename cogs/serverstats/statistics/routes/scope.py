"""What all endpoints of the statistics have in common."""

from typing import Annotated, Final

from bot.errors import ModuleDisabledError, SettingsError
from bot.web.routing import provided
from cogs.serverstats.statistics.intake import StatisticsIntake
from cogs.serverstats.statistics.service import StatisticsService

PREFIX: Final = "/modules/serverstats/stats"
ERRORS: Final = (SettingsError, ModuleDisabledError)

Statistics = Annotated[StatisticsService, provided(StatisticsService)]
Intake = Annotated[StatisticsIntake, provided(StatisticsIntake)]


def operation_of(verb: str, key: str) -> str:
    """Return the name of an operation in the documentation: `read_messages_sent`."""
    return f"{verb}_{key.replace('/', '_').replace('-', '_')}"
