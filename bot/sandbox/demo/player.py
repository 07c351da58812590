"""Plays a story on the local Discord, and lets the bot have its time for each act."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from random import Random

from ..server import SandboxServer
from ..world import World
from . import story as steps
from .bot_process import BotProcess
from .cast import Cast
from .commands import Answer
from .events import ActBegan, BotKilled, BotReady, Event, PastInvented
from .past import invent_past, store_past
from .playing.board import Board
from .playing.counters import Counters
from .playing.gatherings import Gatherings
from .playing.invites import Invites
from .playing.stage import Stage
from .playing.statistics import Statistics
from .playing.talk import Talk
from .reading import BotRecords
from .surroundings import let_past_show, setting_of
from .truth import Blindness, Chronicler, Truth
from .watching import Watcher

START_TIMEOUT_S = 30
SEARCH_TIMEOUT_S = 60
COMMANDS_ROUTE = "/applications/{application_id}/commands"
UNSURE_BEFORE_KILL_MS = 1000
"""What a killed bot heard last may not have been stored yet: a flush interval, and some time for a busy machine."""


class Player:
    """Plays one story once. ``pause_s`` is the time that a person needs to read what an act is about."""

    def __init__(
        self,
        story: steps.Story,
        world: World,
        server: SandboxServer,
        bot: BotProcess,
        *,
        chance: Random,
        tell: Callable[[Event], None],
        pause_s: float = 0,
    ) -> None:
        self.cast = Cast(story, world, chance)
        self.records = BotRecords(bot.data_path, self.cast.guild.id)
        self.truth = Truth()
        self._world = world
        self._server = server
        self._bot = bot
        self._story = story
        self._chance = chance
        self._tell = tell
        self._pause_s = pause_s
        self._alive_since_ms = 0
        self._watcher = Watcher(world, self.cast, self.records, bot, tell)
        self._stage = Stage(
            story=story,
            world=world,
            server=server,
            bot=bot,
            cast=self.cast,
            records=self.records,
            truth=self.truth,
            watcher=self._watcher,
            chance=chance,
            tell=tell,
        )
        self._invites = Invites(self._stage)
        self._talk = Talk(self._stage)
        self._gatherings = Gatherings(self._stage)
        self.board = Board(self._stage, self._talk.messages)
        self.counters = Counters(self._stage)
        self.statistics = Statistics(self._stage)

    @property
    def admin(self) -> str:
        """Return the name of the admin."""
        return self._story.admin

    async def invent_past(self, seed: int) -> None:
        """Give the server a past, in the bot's database and in the local Discord; only before the bot's first start."""
        setting = setting_of(self._story, self.cast, self._world, self._chance)
        past = invent_past(setting, self._chance, self._world.now_ms(), self._story.past.days)
        await store_past(self._bot.data_path, setting, past)
        let_past_show(setting, past, self.cast, self._world, self._chance)
        truth = past.truth
        self._tell(
            PastInvented(
                seed,
                self._story.past.days,
                len(truth.sent),
                round(truth.voice_seconds() / 3600),
                len(truth.joined),
                len(truth.left),
            )
        )
        for part in ("sent", "deleted"):
            getattr(self.truth, part).update(getattr(truth, part))
        for part in ("stays", "joined", "left", "away"):
            getattr(self.truth, part).extend(getattr(truth, part))
        Chronicler(self._world, self.cast.guild.id, self.truth).open()

    async def start_bot(self, *, again: bool = False) -> None:
        """Start the bot and wait until it is connected and its commands are known."""
        started_at_ms = self._alive_since_ms = self._world.now_ms()
        await self._bot.start()

        async def is_ready() -> bool:
            published = self._world.requests("PUT", COMMANDS_ROUTE)
            has_published = any(put.at_ms >= started_at_ms and put.status == 200 for put in published)
            return has_published and bool(self._server.gateway.connected())

        await self._watcher.wait_for(is_ready, START_TIMEOUT_S, "The bot did not connect.")
        self._stage.bot_runs = True
        self._tell(BotReady(again, self._bot.process_id))

    async def play(self) -> None:
        """Play all acts; what happens while the bot is down is looked at once it is back."""
        for number, act in enumerate(self._story.acts, 1):
            self._tell(ActBegan(number, act.title, act.narration))
            await asyncio.sleep(self._pause_s)
            for step in act.steps:
                await self._take(step)
                if self._stage.bot_runs:
                    await self._watcher.settle()

    async def await_search(self) -> None:
        """Wait until the member search has nothing more to say."""
        await self._watcher.wait_for(self.records.are_confirmed, SEARCH_TIMEOUT_S)

    async def use_command(self, who: str, command: str) -> Answer:
        """Let somebody type a slash command; raises NoAnswerError."""
        return await self._stage.use_command(who, command)

    async def _take(self, step: steps.Step) -> None:
        match step:
            case steps.EnableTracker():
                await self._invites.enable_tracker()
            case steps.TurnOnMessages():
                await self._invites.turn_on_messages()
            case steps.MakeLink():
                self._invites.make_link(step)
            case steps.MakeLinkByCommand():
                await self._invites.make_link_by_command(step)
            case steps.Join():
                self._invites.join(step)
            case steps.JoinAtOnce(joins=joins):
                for join in joins:
                    self._invites.join(join)
            case steps.Crowd():
                await self._invites.let_crowd_in(step)
            case steps.AwaitSearch():
                await self._watcher.await_search()
            case steps.AddBot():
                self._invites.add_bot(step)
            case steps.Leave():
                self._invites.leave(step)
            case steps.Chat():
                await self._talk.chat(step)
            case steps.Write():
                self._talk.write(step)
            case steps.AskPoll():
                self._talk.ask_poll(step)
            case steps.Vote():
                await self._talk.vote(step)
            case steps.MakeBoard():
                await self.board.make(step)
            case steps.Star():
                await self.board.star(step)
            case steps.Unstar():
                await self.board.unstar(step)
            case steps.StarAndKillBot():
                await self._kill_bot(self.board.star_until_posted(step))
            case steps.MakeCounter():
                await self.counters.make(step)
            case steps.AwaitCounters():
                await self.counters.await_names()
            case steps.EnterVoice():
                self._gatherings.enter_voice(step)
            case steps.LeaveVoice():
                self._gatherings.leave_voice(step)
            case steps.ShowStatus():
                self._gatherings.show_status(step)
            case steps.AskStatistics():
                await self.statistics.ask(step)
            case steps.KillBot():
                await self._kill_bot(nullcontext())
            case steps.StartBot():
                await self._start_bot_again()

    async def _kill_bot(self, last: AbstractAsyncContextManager[None]) -> None:
        """Kill the bot while ``last`` goes on."""
        async with last:
            killed_at_ms = self._world.now_ms()
            await self._bot.kill()

        async def is_gone() -> bool:
            return not self._server.gateway.connected()

        await self._watcher.wait_for(is_gone, START_TIMEOUT_S)
        self._stage.bot_runs = False
        self.truth.blind.append(
            Blindness(self._alive_since_ms, killed_at_ms - UNSURE_BEFORE_KILL_MS, killed_at_ms)
        )
        self._tell(BotKilled())

    async def _start_bot_again(self) -> None:
        await self.start_bot(again=True)
        self.truth.blind[-1].until_ms = self._world.now_ms()
        await self._gatherings.show_found()
        await self.board.show_unshown()
