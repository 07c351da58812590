"""The starboard: messages are starred, and the bot posts about them, each once."""

import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from ...world import Message
from .. import story as steps
from ..events import BoardShows, PostCutShort, StarsChanged
from ..watching import StoryError
from .stage import ACT_TIMEOUT_S, Stage

STAR = "⭐"
_COUNT = re.compile(r"\*\*([\d,]+)\*\*")


class Board:
    """Plays what people star, and knows what the board must show of it."""

    def __init__(self, stage: Stage, messages: dict[str, Message]) -> None:
        self._stage = stage
        self._world = stage.world
        self._messages = messages
        self._threshold = 0
        self._channel_id = 0
        self._starred: dict[str, set[int]] = {}

    async def make(self, step: steps.MakeBoard) -> None:
        """Let the admin make the board; the bot makes its channel."""
        stage, guild = self._stage, self._stage.cast.guild
        before = set(guild.channel_ids)
        answer = await stage.use_command(
            stage.story.admin, "serverstats starboard add", threshold=step.threshold
        )
        made = [one for one in guild.channel_ids if one not in before]
        if len(made) != 1:
            raise StoryError(f"The bot made no starboard: {answer.headline}")
        self._threshold, self._channel_id = step.threshold, made[0]
        stage.tell_answer(stage.story.admin, answer)

    async def star(self, step: steps.Star) -> None:
        """Let people star a message in the same instant, and wait for what the board makes of it."""
        self._give(step.message, step.who)
        if self._stage.bot_runs:
            await self._show(step.message)

    async def unstar(self, step: steps.Unstar) -> None:
        """Let people take their stars back in the same instant."""
        message = self._messages[step.message]
        for who in step.who:
            self._starred[step.message].discard(self._stage.cast.id_of(who))
            self._world.unreact(message, self._stage.cast.id_of(who), STAR)
        self._stage.tell(StarsChanged(step.who, self._author(message), given=False))
        await self._show(step.message)

    @asynccontextmanager
    async def star_until_posted(self, step: steps.StarAndKillBot) -> AsyncIterator[None]:
        """Let people star a message; in the block the bot's post is there, and the bot cannot know it."""
        path = f"/channels/{self._channel_id}/messages"
        fault = self._world.switches.hold_answer("POST", path)
        self._give(step.message, step.who)

        async def is_posted() -> bool:
            return bool(fault.taken and self.posts_about(self._messages[step.message].id))

        try:
            await self._stage.watcher.wait_for(
                is_posted, ACT_TIMEOUT_S, "The bot posted nothing on the board."
            )
            self._stage.tell(PostCutShort(self._channel_name()))
            yield
        finally:
            fault.release()

    async def show_unshown(self) -> None:
        """After a restart: wait for what the board makes of everything that was starred meanwhile."""
        for name in self._starred:
            if not self._is_right(name):
                await self._show(name)

    def posts_about(self, message_id: int) -> list[Message]:
        """Return the bot's posts on the board about a message."""
        return [post for post in self._posts() if str(message_id) in json.dumps(post.embeds)]

    @property
    def posts(self) -> int:
        """Return how many posts there are on the board."""
        return len(self._posts())

    @property
    def expected_posts(self) -> int:
        """Return how many there must be."""
        return sum(self._is_shown(name) for name in self._starred)

    @property
    def stars(self) -> int:
        """Return how many stars were given and not taken back."""
        return sum(map(len, self._starred.values()))

    def problems(self) -> list[str]:
        """Return a sentence for each message of which the board shows anything but what it must."""
        found = []
        for name in self._starred:
            posts = self.posts_about(self._messages[name].id)
            expected = int(self._is_shown(name))
            if len(posts) != expected:
                found.append(f"The starboard has {len(posts)} posts about “{name}”, not {expected}.")
            elif posts and self._count_on(posts[0]) != len(self._counting(name)):
                shown, true = self._count_on(posts[0]), len(self._counting(name))
                found.append(f"The post about “{name}” shows {shown} stars, not {true}.")
        if self.posts != self.expected_posts:
            found.append(f"The starboard has {self.posts} posts in all, not {self.expected_posts}.")
        return found

    def _give(self, name: str, givers: Iterable[str]) -> None:
        message, cast = self._messages[name], self._stage.cast
        for who in givers:
            self._starred.setdefault(name, set()).add(cast.id_of(who))
            self._world.react(message, cast.id_of(who), STAR)
        self._stage.tell(StarsChanged(tuple(givers), self._author(message), given=True))

    async def _show(self, name: str) -> None:
        """Wait until the board is right about a message, and tell what it shows."""
        message = self._messages[name]
        before = self.posts_about(message.id)

        async def is_right() -> bool:
            return self._is_right(name)

        await self._stage.watcher.wait_for(is_right, ACT_TIMEOUT_S)
        posts = self.posts_about(message.id)
        if before or posts:
            stars = str(self._count_on(posts[0])) if posts else "0"
            author = self._author(message)
            self._stage.tell(BoardShows(self._channel_name(), len(posts), stars, author, message.content))

    def _is_right(self, name: str) -> bool:
        posts = self.posts_about(self._messages[name].id)
        if not self._is_shown(name):
            return not posts
        return len(posts) == 1 and self._count_on(posts[0]) == len(self._counting(name))

    def _counting(self, name: str) -> set[int]:
        """Return whose stars count: the author's does not."""
        return self._starred[name] - {self._messages[name].author_id}

    def _is_shown(self, name: str) -> bool:
        return len(self._counting(name)) >= self._threshold

    def _posts(self) -> list[Message]:
        return list(self._world.messages.get(self._channel_id, {}).values())

    def _count_on(self, post: Message) -> int:
        found = _COUNT.search(post.content)
        return int(found[1].replace(",", "")) if found else 0

    def _author(self, message: Message) -> str:
        return self._stage.cast.names.person(message.author_id) or "somebody"

    def _channel_name(self) -> str:
        return self._world.channels[self._channel_id].name or ""
