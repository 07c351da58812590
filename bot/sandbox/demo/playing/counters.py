"""Counters: voice channels whose names follow the number of members."""

from dataclasses import dataclass

from ...backend import ChannelType
from .. import story as steps
from ..commands import Choice
from ..events import CounterRenamed, GoalAnnounced
from ..watching import StoryError
from .stage import ACT_TIMEOUT_S, Stage

MEMBERS = Choice("Members", 6)
MEMBERS_NAME = "Members: <value>"
RENAME_ROUTE = "/channels/{}"
RENAMES_MOST = 2
"""Discord lets a name change so often in ten minutes; the whole story is shorter than that."""


@dataclass(slots=True)
class _Counter:
    channel_id: int
    text: str
    goal: int | None
    must_be: str
    """The name that it must have until the story waits for another."""


class Counters:
    """Plays counters, and knows what their channels must be called."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._world = stage.world
        self._counters: list[_Counter] = []

    async def make(self, step: steps.MakeCounter) -> None:
        """Let the admin make a counter of all members."""
        stage, cast = self._stage, self._stage.cast
        goal = self._members() + step.goal_ahead if step.goal_ahead else None
        options: dict[str, object] = {"format": step.text} if step.text else {}
        options |= {} if goal is None else self._goal_options(goal)
        before = set(cast.guild.channel_ids)
        answer = await stage.use_command(
            stage.story.admin, "serverstats counter create", type=MEMBERS, **options
        )
        made = [one for one in cast.guild.channel_ids if one not in before and self._is_voice(one)]
        if len(made) != 1:
            raise StoryError(f"The bot made no counter: {answer.headline}")
        counter = _Counter(made[0], step.text or MEMBERS_NAME, goal, "")
        counter.must_be = self._name_now(counter)
        self._counters.append(counter)
        stage.tell_answer(stage.story.admin, answer)

    async def await_names(self) -> None:
        """Wait until the names are right and reached goals are announced."""
        for counter in self._counters:
            await self._await_name(counter)
        for counter in self._counters:
            if counter.goal is not None and self._members() >= counter.goal:
                await self._await_announcement(counter.goal)

    def problems(self) -> list[str]:
        """Return a sentence for each counter whose name is wrong, that was renamed too often or announced wrongly."""
        found = []
        for counter in self._counters:
            name = self._name_of(counter)
            if name != counter.must_be:
                found.append(f"A counter is called “{name}”, not “{counter.must_be}”.")
            renames = len(self._world.requests("PATCH", RENAME_ROUTE.format(counter.channel_id)))
            if renames > RENAMES_MOST:
                found.append(f"The counter “{name}” was renamed {renames} times.")
            if counter.goal is not None and len(self._announcements(counter.goal)) != 1:
                number = len(self._announcements(counter.goal))
                found.append(f"The goal of {counter.goal} members was announced {number} times.")
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the channels."""
        return tuple(self._name_of(counter) for counter in self._counters)

    @property
    def expected_names(self) -> tuple[str, ...]:
        """Return what they must be called."""
        return tuple(counter.must_be for counter in self._counters)

    async def _await_name(self, counter: _Counter) -> None:
        before, counter.must_be = counter.must_be, self._name_now(counter)

        async def is_right() -> bool:
            return self._name_of(counter) == counter.must_be

        if await self._stage.watcher.wait_for(is_right, ACT_TIMEOUT_S) and before != counter.must_be:
            self._stage.tell(CounterRenamed(before, counter.must_be))

    async def _await_announcement(self, goal: int) -> None:
        async def find() -> list[str]:
            return self._announcements(goal)

        found = await self._stage.watcher.wait_for(find, ACT_TIMEOUT_S)
        if found:
            self._stage.tell(GoalAnnounced("general", found[0]))

    def _announcements(self, goal: int) -> list[str]:
        bot_id = self._world.bot_user.id
        messages = self._world.messages[self._stage.cast.general_id].values()
        texts = [self._stage.cast.names.plain(one.content) for one in messages if one.author_id == bot_id]
        return [text for text in texts if f"goal of {goal} " in text]

    def _goal_options(self, goal: int) -> dict[str, object]:
        return {"goal": goal, "announce_channel": self._world.get_channel(self._stage.cast.general_id)}

    def _name_now(self, counter: _Counter) -> str:
        members = self._members()
        shown = members if counter.goal is None else max(0, counter.goal - members)
        return counter.text.replace("<value>", str(shown))

    def _name_of(self, counter: _Counter) -> str:
        channel = self._world.channels.get(counter.channel_id)
        return "" if channel is None else channel.name or ""

    def _members(self) -> int:
        return len(self._stage.cast.guild.members)

    def _is_voice(self, channel_id: int) -> bool:
        return self._world.channels[channel_id].type == ChannelType.VOICE
