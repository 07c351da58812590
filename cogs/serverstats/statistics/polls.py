"""The polls that are known: when one is deleted or closed, its message alone does not say that it was a poll."""

from collections.abc import Iterable, Mapping

from storage.polls import Poll, PollKey

CLEARLY_MS = 30_000
"""How long before its end a poll must be closed to have been closed by hand."""


class PollBook:
    """Polls of all guilds, in memory; what is not stored yet is handed out for storing."""

    def __init__(self) -> None:
        self._polls: dict[PollKey, Poll] = {}
        self._unstored: dict[PollKey, Poll | None] = {}

    def load(self, polls: Iterable[Poll]) -> None:
        """Take what is on record."""
        self._polls |= {(poll.guild_id, poll.message_id): poll for poll in polls}

    def add(self, poll: Poll) -> bool:
        """Take a poll that was asked; return whether it is new."""
        key = poll.guild_id, poll.message_id
        if key in self._polls:
            return False
        self._polls[key] = self._unstored[key] = poll
        return True

    def close(self, guild_id: int, message_id: int, at_ms: int) -> Poll | None:
        """Take the end of a poll, and return the poll if it was closed by hand: clearly before its time.

        Discord tells of it twice, so the second time is none.
        """
        key = guild_id, message_id
        poll = self._polls.get(key)
        if poll is None or (poll.expires_at_ms is not None and poll.expires_at_ms - at_ms < CLEARLY_MS):
            return None
        self._polls[key] = self._unstored[key] = Poll(
            poll.guild_id, poll.message_id, poll.channel_id, poll.user_id, expires_at_ms=at_ms
        )
        return poll

    def delete(self, guild_id: int, message_id: int) -> bool:
        """Take that a message was deleted; return whether it was a poll."""
        key = guild_id, message_id
        if self._polls.pop(key, None) is None:
            return False
        self._unstored[key] = None
        return True

    def anonymise(self, guild_id: int, user_id: int) -> None:
        """Forget who asked, of somebody's polls."""
        for key, poll in self._polls.items():
            if poll.guild_id == guild_id and poll.user_id == user_id:
                self._polls[key] = self._unstored[key] = Poll(
                    guild_id, poll.message_id, poll.channel_id, None, poll.expires_at_ms
                )

    def forget(self, guild_id: int) -> None:
        """Drop a guild's polls: its records are about to be deleted."""
        self._polls = {key: poll for key, poll in self._polls.items() if key[0] != guild_id}
        self._unstored = {key: poll for key, poll in self._unstored.items() if key[0] != guild_id}

    def drop_old(self, first_message_id: int, now_ms: int) -> None:
        """Delete polls that are over and whose message is older than this one."""
        for key, poll in tuple(self._polls.items()):
            is_over = poll.expires_at_ms is None or poll.expires_at_ms < now_ms
            if poll.message_id < first_message_id and is_over:
                self.delete(*key)

    @property
    def has_unstored(self) -> bool:
        """Whether there is something to be stored."""
        return bool(self._unstored)

    @property
    def unstored(self) -> Mapping[PollKey, Poll | None]:
        """What is to be stored; None: to be deleted."""
        return dict(self._unstored)

    def note_stored(self, stored: Mapping[PollKey, Poll | None]) -> None:
        """Learn what was stored; what has changed since is to be stored again."""
        for key, poll in stored.items():
            if key in self._unstored and self._unstored[key] is poll:
                del self._unstored[key]
