"""Sessions that go on: who is in voice, who does what. Pure: no clock, no database.

A session is what somebody is in (a voice channel, an activity) from when to when. What somebody is in now is compared with
what was known: what is missing has ended, what is new has begun. The state is what has begun and not ended.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from storage.statistics.changes import NO_ACTIVITY, SessionClosed, SessionOpened
from storage.statistics.record_ids import time_ms_of

NextId = Callable[[int], int]
"""Gives out an id for a record of this time."""


class Doing(NamedTuple):
    """What a session is spent in: a channel or an activity."""

    channel_id: int | None = None
    text: str | None = None
    activity_type: int = NO_ACTIVITY


Who = tuple[int, int]
"""The number of the kind, and the user's id."""


@dataclass(slots=True)
class OpenSessions:
    """The sessions that go on, of all guilds."""

    next_id: NextId
    _open: defaultdict[int, dict[Who, dict[Doing, SessionOpened]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def change(
        self, guild_id: int, who: Who, now_doing: Collection[Doing], at_ms: int, *, is_anonymous: bool = False
    ) -> list[SessionClosed | SessionOpened]:
        """Take what somebody does from now on, and return what ended and what began.

        With `is_anonymous` new sessions are recorded without the user's id.
        """
        guild = self._open.get(guild_id)
        known = guild.get(who) if guild is not None else None
        if known is None:
            if not now_doing:
                return []
            known = self._open[guild_id][who] = {}
        ended = [doing for doing in known if doing not in now_doing]
        changes: list[SessionClosed | SessionOpened] = [_close(known.pop(doing), at_ms) for doing in ended]
        kind, user_id = who
        stored_user_id = None if is_anonymous else user_id
        for doing in now_doing:
            if doing not in known:
                opened = SessionOpened(guild_id, kind, self.next_id(at_ms), stored_user_id, *doing)
                known[doing] = opened
                changes.append(opened)
        if not known:
            del self._open[guild_id][who]
        return changes

    def end(self, guild_id: int, at_ms: int, kind: int | None = None) -> list[SessionClosed]:
        """End all sessions of a guild, or those of one kind; none of them before it began."""
        guild = self._open.get(guild_id, {})
        ended = [who for who in guild if kind is None or who[0] == kind]
        closed = [_close(opened, at_ms) for who in ended for opened in guild.pop(who).values()]
        if not guild:
            self._open.pop(guild_id, None)
        return closed

    def refuse(self, opened: SessionOpened) -> None:
        """Forget a session whose beginning could not be kept: its end shall not be recorded either."""
        guild = self._open.get(opened.guild_id, {})
        doing = Doing(*opened[4:])
        # Somebody who opted out is not named by the session itself.
        people = [(opened.kind, opened.user_id)] if opened.user_id is not None else list(guild)
        for who in people:
            doings = guild.get(who, {})
            if doings.get(doing) is opened:
                del doings[doing]
                if not doings:
                    del guild[who]
                return

    def part_from(
        self, guild_id: int, user_id: int, at_ms: int, *, is_anonymous: bool = True
    ) -> list[SessionClosed | SessionOpened]:
        """End somebody's sessions and let them go on without the id, or with it: what was before stays as it is."""
        changes: list[SessionClosed | SessionOpened] = []
        for who, doings in tuple(self._open.get(guild_id, {}).items()):
            if who[1] == user_id:
                now_doing = tuple(doings)
                changes += self.change(guild_id, who, (), at_ms)
                changes += self.change(guild_id, who, now_doing, at_ms, is_anonymous=is_anonymous)
        return changes

    def anonymise(self, guild_id: int, user_id: int) -> None:
        """Let somebody's sessions go on as if they had been opened without the id."""
        for who, doings in self._open.get(guild_id, {}).items():
            if who[1] == user_id:
                for doing, opened in doings.items():
                    doings[doing] = opened._replace(user_id=None)

    def forget(self, guild_id: int) -> None:
        """Drop a guild's sessions without an end: their records are about to be deleted."""
        self._open.pop(guild_id, None)

    def guild_ids(self) -> tuple[int, ...]:
        """Return the guilds in which sessions go on."""
        return tuple(self._open)

    def each(self, guild_id: int) -> Iterator[Who]:
        """Yield who is in a session in a guild; sessions may begin and end meanwhile."""
        yield from tuple(self._open.get(guild_id, {}))


def close_at_proof(opened: SessionOpened, proven_ms: int | None, now_ms: int) -> SessionClosed:
    """End a session that a crash left open: at the last proof that it went on.

    Without a proof, or with one from before it began, it ends as it begins.
    """
    return _close(opened, min(proven_ms or 0, now_ms))


def _close(opened: SessionOpened, at_ms: int) -> SessionClosed:
    return SessionClosed(*opened, max(at_ms, time_ms_of(opened.record_id)))
