"""What the process is made of, handed to every feature as one value."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.config import Config
from bot.gateway import GatewayIntake
from bot.modules import ModuleRegistry
from bot.scheduler import Scheduler
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Parts:
    """What every feature works with."""

    config: Config
    database: Database
    clock: Clock
    intake: GatewayIntake
    modules: ModuleRegistry
    scheduler: Scheduler
