"""What the process is made of, handed to every feature as one value."""

from dataclasses import dataclass
from typing import Self

from bot.clock import Clock
from bot.config import Config
from bot.config_source import read_operator_key
from bot.gateway import GatewayIntake
from bot.modules import ModuleRegistry
from bot.recorder import Recorder
from bot.scheduler import Scheduler
from bot.settings.guild_settings import GuildSettingsBook
from bot.web.keys import KeyBook
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
    recorder: Recorder
    guild_settings: GuildSettingsBook
    api_keys: KeyBook

    @classmethod
    def assemble(
        cls, config: Config, database: Database, clock: Clock, scheduler: Scheduler | None = None
    ) -> Self:
        """Make the parts that have no choice of their own."""
        recorder = Recorder(database, clock, config.recorder)
        return cls(
            config=config,
            database=database,
            clock=clock,
            intake=GatewayIntake(clock),
            modules=ModuleRegistry(),
            scheduler=scheduler or Scheduler(clock),
            recorder=recorder,
            guild_settings=GuildSettingsBook(database, recorder),
            api_keys=KeyBook(database, clock, read_operator_key(config)),
        )
