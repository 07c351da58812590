"""Invites: links are made, people come by them and go."""

import asyncio
from collections import Counter

from ...members import JoinSource
from .. import story as steps
from ..checking import Expectation
from ..commands import turn_on_messages
from ..events import CrowdJoined, Joined, LinkMade, MemberLeft, RequestsCounted
from ..watching import StoryError
from .stage import Stage

ENABLE_TIMEOUT_S = 15
INVITES_ROUTE = "/guilds/{guild_id}/invites"


class Invites:
    """Plays what has to do with invites and members."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._cast = stage.cast
        self._world = stage.world

    async def enable_tracker(self) -> None:
        """Let the admin enable the invite tracker."""
        stage, admin = self._stage, self._stage.story.admin
        stage.tell_answer(admin, await stage.use_command(admin, "invite_tracker enable"))
        await stage.watcher.wait_for(
            stage.records.is_tracking, ENABLE_TIMEOUT_S, "The bot did not read the invites."
        )

    async def turn_on_messages(self) -> None:
        """Let the admin turn the messages about joins and leaves on."""
        stage, cast = self._stage, self._cast
        for kind in ("join", "leave"):
            answer = await turn_on_messages(
                cast.admin, self._world, cast.general_id, kind=kind, into_id=cast.welcome_id, names=cast.names
            )
            stage.tell_answer(stage.story.admin, answer)
        stage.watcher.messages_on = True

    def make_link(self, step: steps.MakeLink) -> None:
        """Let a member make an invite in Discord itself."""
        invite = self._world.make_invite(
            self._cast.general_id,
            self._cast.id_of(step.by),
            max_uses=step.max_uses,
            code=self._cast.fresh_code(),
        )
        self._cast.add_link(step.link, invite.code, step.by)
        self._stage.tell(LinkMade(step.link, step.by, invite.code, step.max_uses))

    async def make_link_by_command(self, step: steps.MakeLinkByCommand) -> None:
        """Let a member make an invite by command; raises StoryError when none comes of it."""
        before = {invite.code for invite in self._world.live_invites(self._cast.guild.id)}
        answer = await self._stage.use_command(step.by, "invite_tracker create")
        made = [one for one in self._world.live_invites(self._cast.guild.id) if one.code not in before]
        if len(made) != 1:
            raise StoryError(f"The bot made no invite for {answer.command}: {answer.headline}")
        self._cast.add_link(step.link, made[0].code, step.by)
        self._stage.tell_answer(step.by, answer)

    def join(self, step: steps.Join) -> None:
        """Let somebody join."""
        guild_id, user_id = self._cast.guild.id, self._cast.id_of(step.who)
        match step.way:
            case steps.ThroughLink(link=link):
                self._world.join(guild_id, user_id, code=self._cast.code_of(link))
            case steps.ThroughVanity():
                self._world.join(guild_id, user_id, vanity=True)
            case steps.ThroughDiscovery():
                self._world.join(guild_id, user_id, source=JoinSource.DISCOVERY)
        self._tell_joined(self._note_join(step.who, decidable=step.decidable))

    def add_bot(self, step: steps.AddBot) -> None:
        """Let a member add a bot."""
        account = self._world.add_bot(self._cast.guild.id, step.name, self._cast.id_of(step.by))
        self._cast.add_bot(step.name, account)
        self._tell_joined(self._note_join(step.name, decidable=True))

    async def let_crowd_in(self, step: steps.Crowd) -> None:
        """Spread the people over the links and the time; each link gets its fair share, in any order."""
        chance, tell = self._stage.chance, self._stage.tell
        links = [step.links[index % len(step.links)] for index in range(len(step.who))]
        chance.shuffle(links)
        moments_ms = sorted(chance.uniform(0, step.within_ms) for _ in step.who)
        asked_before = len(self._world.requests("GET", INVITES_ROUTE))
        tell(CrowdJoined(len(step.who), step.within_ms, tuple(sorted(Counter(links).items()))))
        passed_ms = 0.0
        for who, link, moment_ms in zip(step.who, links, moments_ms, strict=True):
            # The time between the joins is part of the story, not a wait for something.
            await asyncio.sleep((moment_ms - passed_ms) / 1000)
            passed_ms = moment_ms
            self._world.join(self._cast.guild.id, self._cast.id_of(who), code=self._cast.code_of(link))
            self._note_join(who, decidable=False)
        await self._stage.watcher.settle()
        asked = len(self._world.requests("GET", INVITES_ROUTE)) - asked_before
        tell(RequestsCounted(len(step.who), asked))

    def leave(self, step: steps.Leave) -> None:
        """Let somebody leave."""
        self._world.leave(self._cast.guild.id, self._cast.id_of(step.who))
        self._stage.watcher.expect_leave(step.who, announced=self._stage.bot_runs)
        self._stage.tell(MemberLeft(step.who))

    def _note_join(self, who: str, *, decidable: bool) -> Expectation:
        expectation = self._cast.note_join(who, decidable=decidable)
        self._stage.watcher.expect_join(expectation)
        return expectation

    def _tell_joined(self, truth: Expectation) -> None:
        names = self._cast.names
        link, inviter = names.link(truth.code), names.person(truth.inviter_id)
        self._stage.tell(Joined(truth.member, truth.source.value, link, truth.code, inviter))
