"""What all areas of a story are played with."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from ...server import SandboxServer
from ...world import World
from .. import story as steps
from ..bot_process import BotProcess
from ..cast import Cast
from ..commands import Answer, use_command
from ..events import CommandUsed, Event
from ..reading import BotRecords
from ..truth import Truth
from ..watching import Watcher

ACT_TIMEOUT_S = 15


@dataclass(slots=True)
class Stage:
    """The world of one performance, who is in it, and how to tell what happens."""

    story: steps.Story
    world: World
    server: SandboxServer
    bot: BotProcess
    cast: Cast
    records: BotRecords
    truth: Truth
    watcher: Watcher
    chance: Random
    tell: Callable[[Event], None]
    bot_runs: bool = False

    async def use_command(self, who: str, command: str, **options: Any) -> Answer:
        """Let somebody type a slash command; raises NoAnswerError."""
        person = self.cast.at_keyboard(who)
        return await use_command(
            person, self.world, self.cast.general_id, command, lambda: self.cast.names, **options
        )

    def tell_answer(self, who: str, answer: Answer) -> None:
        """Tell what somebody typed and what the bot answered."""
        self.tell(CommandUsed(who, answer.command, answer.headline, answer.lines))
