"""Plays a story on the local Discord, and lets the bot have its time for each act."""

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random

from ..members import JoinSource
from ..server import SandboxServer
from ..world import World
from . import story as steps
from .bot_process import BotProcess
from .cast import Cast
from .checking import Expectation
from .commands import Answer, turn_on_messages, use_command
from .events import (
    ActBegan,
    BotKilled,
    BotReady,
    CommandUsed,
    CrowdJoined,
    Event,
    Joined,
    LinkMade,
    MemberLeft,
    RequestsCounted,
)
from .reading import BotRecords
from .watching import StoryError, Watcher

START_TIMEOUT_S = 30
ENABLE_TIMEOUT_S = 15
INVITES_ROUTE = "/guilds/{guild_id}/invites"
COMMANDS_ROUTE = "/applications/{application_id}/commands"


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
        self._watcher = Watcher(world, self.cast, self.records, bot, tell)
        self._story = story
        self._world = world
        self._server = server
        self._bot = bot
        self._chance = chance
        self._tell = tell
        self._pause_s = pause_s
        self._bot_runs = False

    @property
    def admin(self) -> str:
        """Return the name of the admin."""
        return self._story.admin

    async def start_bot(self, *, again: bool = False) -> None:
        """Start the bot and wait until it is connected and its commands are known."""
        started_at_ms = self._world.now_ms()
        await self._bot.start()

        async def is_ready() -> bool:
            published = self._world.requests("PUT", COMMANDS_ROUTE)
            has_published = any(put.at_ms >= started_at_ms and put.status == 200 for put in published)
            return has_published and bool(self._server.gateway.connected())

        await self._watcher.wait_for(is_ready, START_TIMEOUT_S, "The bot did not connect.")
        self._bot_runs = True
        self._tell(BotReady(again, self._bot.process_id))

    async def play(self) -> None:
        """Play all acts; what happens while the bot is down is looked at once it is back."""
        for number, act in enumerate(self._story.acts, 1):
            self._tell(ActBegan(number, act.title, act.narration))
            await asyncio.sleep(self._pause_s)
            for step in act.steps:
                await self._take(step)
                if self._bot_runs:
                    await self._watcher.settle()

    async def use_command(self, who: str, command: str) -> Answer:
        """Let somebody type a slash command; raises NoAnswerError."""
        person = self.cast.at_keyboard(who)
        return await use_command(person, self._world, self.cast.general_id, command, self.cast.names)

    async def _take(self, step: steps.Step) -> None:
        match step:
            case steps.EnableTracker():
                await self._enable_tracker()
            case steps.TurnOnMessages():
                await self._turn_on_messages()
            case steps.MakeLink():
                self._make_link(step)
            case steps.MakeLinkByCommand():
                await self._make_link_by_command(step)
            case steps.Join():
                self._join(step)
            case steps.JoinAtOnce(joins=joins):
                for join in joins:
                    self._join(join)
            case steps.Crowd():
                await self._let_crowd_in(step)
            case steps.AddBot():
                self._add_bot(step)
            case steps.Leave():
                self._leave(step.who)
            case steps.KillBot():
                await self._kill_bot()
            case steps.StartBot():
                await self.start_bot(again=True)

    # ------------------------------------------------------------------------ the bot and its commands

    async def _kill_bot(self) -> None:
        await self._bot.kill()

        async def is_gone() -> bool:
            return not self._server.gateway.connected()

        await self._watcher.wait_for(is_gone, START_TIMEOUT_S)
        self._bot_runs = False
        self._tell(BotKilled())

    async def _enable_tracker(self) -> None:
        self._tell_answer(self.admin, await self.use_command(self.admin, "invite_tracker enable"))
        await self._watcher.wait_for(
            self.records.is_tracking, ENABLE_TIMEOUT_S, "The bot did not read the invites."
        )

    async def _turn_on_messages(self) -> None:
        for kind in ("join", "leave"):
            answer = await turn_on_messages(
                self.cast.admin,
                self._world,
                self.cast.general_id,
                kind=kind,
                into_id=self.cast.welcome_id,
                names=self.cast.names,
            )
            self._tell_answer(self.admin, answer)
        self._watcher.messages_on = True

    def _tell_answer(self, who: str, answer: Answer) -> None:
        self._tell(CommandUsed(who, answer.command, answer.headline, answer.lines))

    # ------------------------------------------------------------------------ links

    def _make_link(self, step: steps.MakeLink) -> None:
        invite = self._world.make_invite(
            self.cast.general_id,
            self.cast.id_of(step.by),
            max_uses=step.max_uses,
            code=self.cast.fresh_code(),
        )
        self.cast.add_link(step.link, invite.code, step.by)
        self._tell(LinkMade(step.link, step.by, invite.code, step.max_uses))

    async def _make_link_by_command(self, step: steps.MakeLinkByCommand) -> None:
        before = {invite.code for invite in self._world.live_invites(self.cast.guild.id)}
        answer = await self.use_command(step.by, "invite_tracker create")
        made = [one for one in self._world.live_invites(self.cast.guild.id) if one.code not in before]
        if len(made) != 1:
            raise StoryError(f"The bot made no invite for {answer.command}: {answer.headline}")
        self.cast.add_link(step.link, made[0].code, step.by)
        self._tell_answer(step.by, answer)

    # ------------------------------------------------------------------------ coming and going

    def _join(self, step: steps.Join) -> None:
        guild_id, user_id = self.cast.guild.id, self.cast.id_of(step.who)
        match step.way:
            case steps.ThroughLink(link=link):
                self._world.join(guild_id, user_id, code=self.cast.code_of(link))
            case steps.ThroughVanity():
                self._world.join(guild_id, user_id, vanity=True)
            case steps.ThroughDiscovery():
                self._world.join(guild_id, user_id, source=JoinSource.DISCOVERY)
        self._tell_joined(self._note_join(step.who, decidable=step.decidable))

    def _add_bot(self, step: steps.AddBot) -> None:
        account = self._world.add_bot(self.cast.guild.id, step.name, self.cast.id_of(step.by))
        self.cast.add_bot(step.name, account)
        self._tell_joined(self._note_join(step.name, decidable=True))

    def _note_join(self, who: str, *, decidable: bool) -> Expectation:
        expectation = self.cast.note_join(who, decidable=decidable)
        self._watcher.expect_join(expectation)
        return expectation

    def _tell_joined(self, truth: Expectation) -> None:
        names = self.cast.names
        link, inviter = names.link(truth.code), names.person(truth.inviter_id)
        self._tell(Joined(truth.member, truth.source.value, link, truth.code, inviter))

    async def _let_crowd_in(self, step: steps.Crowd) -> None:
        """Spread the people over the links and the time; each link gets its fair share, in any order."""
        links = [step.links[index % len(step.links)] for index in range(len(step.who))]
        self._chance.shuffle(links)
        moments_ms = sorted(self._chance.uniform(0, step.within_ms) for _ in step.who)
        asked_before = len(self._world.requests("GET", INVITES_ROUTE))
        self._tell(CrowdJoined(len(step.who), step.within_ms, tuple(sorted(Counter(links).items()))))
        passed_ms = 0.0
        for who, link, moment_ms in zip(step.who, links, moments_ms, strict=True):
            # The time between the joins is part of the story, not a wait for something.
            await asyncio.sleep((moment_ms - passed_ms) / 1000)
            passed_ms = moment_ms
            self._world.join(self.cast.guild.id, self.cast.id_of(who), code=self.cast.code_of(link))
            self._note_join(who, decidable=False)
        await self._watcher.settle()
        asked = len(self._world.requests("GET", INVITES_ROUTE)) - asked_before
        self._tell(RequestsCounted(len(step.who), asked))

    def _leave(self, who: str) -> None:
        self._world.leave(self.cast.guild.id, self.cast.id_of(who))
        self._watcher.expect_leave(who, announced=self._bot_runs)
        self._tell(MemberLeft(who))
