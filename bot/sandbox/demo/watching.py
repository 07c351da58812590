"""Watches what the bot makes of what happens: waits until it is on record, and tells it."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from storage.records import Certainty, Join

from ..world import Message, World
from .bot_process import BotProcess
from .cast import WELCOME, Cast
from .checking import Expectation, is_same_join, judge
from .events import Concluded, Event, LeaveNoted, MessageEdited, MessagePosted
from .reading import BotRecords
from .wording import say_because, say_candidates, say_conclusion, say_credit, say_truth

POLL_S = 0.03
CONCLUSION_TIMEOUT_S = 15
MESSAGE_TIMEOUT_S = 15
SEARCH_TIMEOUT_S = 15
T = TypeVar("T")


class StoryError(Exception):
    """The story cannot go on; the message is one sentence."""


class Watcher:
    """Knows what the bot has not dealt with yet. What never comes is for the checker to find."""

    def __init__(
        self, world: World, cast: Cast, records: BotRecords, bot: BotProcess, tell: Callable[[Event], None]
    ) -> None:
        self._world = world
        self._cast = cast
        self._records = records
        self._bot = bot
        self._tell = tell
        self._undecided: list[Expectation] = []
        self._leavers: dict[str, bool] = {}
        self._shown: set[int] = set()
        self._open: list[Expectation] = []
        self._messages: dict[str, tuple[int, str]] = {}
        self.messages_on = False

    def expect_join(self, expectation: Expectation) -> None:
        """Watch for the bot's conclusion about a join."""
        self._undecided.append(expectation)

    def expect_leave(self, member: str, *, announced: bool) -> None:
        """Watch for the leave to be on record, and for a message about it."""
        self._leavers[member] = announced
        # The member search knows only who is there.
        self._open = [one for one in self._open if one.member != member]

    async def settle(self) -> None:
        """Wait until everything that happened is on record, and tell it."""
        expected, self._undecided = self._undecided, []
        leavers, self._leavers = self._leavers, {}
        found = await self._await_joins(expected) if expected else {}
        for expectation, join in found.items():
            await self._tell_conclusion(expectation, join)
        await self._show_messages([expectation.member for expectation in found])
        for member in leavers:
            if await self._await_leave(member):
                self._tell(LeaveNoted(member))
        await self._show_messages([member for member, announced in leavers.items() if announced])

    async def await_search(self) -> None:
        """Wait until joins that were left open are known, and tell it; who left meanwhile stays unknown."""
        for expectation in self._open:

            async def find_known(expectation: Expectation = expectation) -> Join | None:
                joins = await self._records.fetch_joins([expectation.member_id])
                known = [join for join in joins if is_same_join(expectation, join)]
                is_known = known and known[0].certainty is Certainty.CERTAIN
                return known[0] if is_known else None

            join = await self.wait_for(find_known, SEARCH_TIMEOUT_S)
            if join is not None:
                await self._tell_conclusion(expectation, join)
                if expectation.inviter_id is not None:
                    await self._show_edit(expectation.member)
        self._open.clear()

    async def wait_for(
        self, condition: Callable[[], Awaitable[T]], timeout_s: float, otherwise: str | None = None
    ) -> T | None:
        """Wait until the condition is truthy and return its value.

        After the timeout None is returned or, with ``otherwise``, StoryError is raised. Raises
        BotStoppedError when the bot is not there any more.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while True:
            self._bot.require_alive()
            value = await condition()
            if value:
                return value
            if loop.time() > deadline:
                if otherwise is not None:
                    raise StoryError(otherwise)
                return None
            await asyncio.sleep(POLL_S)

    async def _await_joins(self, expected: Sequence[Expectation]) -> dict[Expectation, Join]:
        found: dict[Expectation, Join] = {}

        async def all_recorded() -> bool:
            joins = await self._records.fetch_joins([one.member_id for one in expected])
            found.update((one, join) for one in expected for join in joins if is_same_join(one, join))
            return len(found) == len(expected)

        await self.wait_for(all_recorded, CONCLUSION_TIMEOUT_S)
        return {one: found[one] for one in expected if one in found}

    async def _tell_conclusion(self, expectation: Expectation, join: Join) -> None:
        names = self._cast.names
        if join.certainty is not Certainty.CERTAIN:
            self._open.append(expectation)
        earlier = await self._records.fetch_joins([expectation.member_id])
        first = min(earlier, key=lambda one: one.joined_at_ms)
        self._tell(
            Concluded(
                member=expectation.member,
                truth=say_truth(expectation, names),
                says=say_conclusion(join, names),
                because=say_because(join, names),
                note=say_credit(first, names) if first.join_id != join.join_id else "",
                certainty=join.certainty.value,
                method=join.method.value,
                source=join.source.value,
                code=join.code,
                inviter=names.person(join.inviter_id),
                candidates=say_candidates(join.candidates, names),
                outcome=judge(expectation, join),
            )
        )

    async def _await_leave(self, member: str) -> bool:
        async def has_left() -> bool:
            joins = await self._records.fetch_joins([self._cast.id_of(member)])
            return bool(joins) and max(joins, key=lambda join: join.joined_at_ms).left_at_ms is not None

        return bool(await self.wait_for(has_left, CONCLUSION_TIMEOUT_S))

    async def _show_messages(self, members: Sequence[str]) -> None:
        """Show the bot's messages about these members once they are posted."""
        for member in members if self.messages_on else ():
            posted = await self._await_message(member)
            if posted is not None:
                self._shown.add(posted.id)
                self._messages[member] = posted.id, posted.content
                self._tell(MessagePosted(member, WELCOME, self._cast.names.plain(posted.content)))

    async def _show_edit(self, member: str) -> None:
        """Show what the bot's message about a member says now, once it says something else."""
        message_id, before = self._messages.get(member, (0, ""))

        async def find_edited() -> str | None:
            message = self._world.messages.get(self._cast.welcome_id, {}).get(message_id)
            return message.content if message is not None and message.content != before else None

        edited = await self.wait_for(find_edited, MESSAGE_TIMEOUT_S) if message_id else None
        if edited is not None:
            self._tell(MessageEdited(member, WELCOME, self._cast.names.plain(edited)))

    async def _await_message(self, member: str) -> Message | None:
        name = re.compile(rf"\b{re.escape(member)}\b")

        async def find() -> Message | None:
            for message in self._world.messages.get(self._cast.welcome_id, {}).values():
                if message.id not in self._shown and name.search(self._cast.names.plain(message.content)):
                    return message
            return None

        return await self.wait_for(find, MESSAGE_TIMEOUT_S)
