"""Records that somebody waits for until they are stored."""

import asyncio
from collections.abc import Collection, Iterable
from typing import Final

from bot.errors import DatabaseError
from storage.statistics.changes import Change

# For programs that report something, and so in English alone.
NOT_STORED: Final = "The database could not be written, so nothing was recorded; try again in a minute."


class AwaitedRecords:
    """Who waits for which change.

    Two changes can be equal without being the same, so they are told apart by their identity.
    """

    def __init__(self) -> None:
        self._by_identity: dict[int, tuple[Change, asyncio.Future[bool]]] = {}

    def __bool__(self) -> bool:
        return bool(self._by_identity)

    def add(self, change: Change) -> asyncio.Future[bool]:
        """Return what becomes true when the change is stored, false when it was dropped, DatabaseError when it failed."""
        is_stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._by_identity[id(change)] = (change, is_stored)
        return is_stored

    def tell_stored(self, changes: Iterable[Change]) -> None:
        """Tell those who wait for these changes that they are stored."""
        self._tell(changes, is_stored=True)

    def tell_dropped(self, guild_id: int) -> None:
        """Tell those who wait for changes of a guild that nothing of it is recorded any more."""
        self._tell(
            [change for change, _ in self._by_identity.values() if change[0] == guild_id], is_stored=False
        )

    def tell_failed(self, changes: Iterable[Change]) -> None:
        """Tell those who wait for these changes that they cannot be stored."""
        for change in changes:
            _change, is_stored = self._by_identity.pop(id(change), (None, None))
            if is_stored is not None and not is_stored.done():
                is_stored.set_exception(DatabaseError(NOT_STORED))

    def withdraw_from(self, changes: Collection[Change]) -> list[Change]:
        """Return the changes that nobody waits for; everybody who waits is told that theirs failed."""
        rest = [change for change in changes if id(change) not in self._by_identity]
        self.tell_failed([change for change, _ in self._by_identity.values()])
        return rest

    def _tell(self, changes: Iterable[Change], *, is_stored: bool) -> None:
        for change in changes:
            _change, waiting = self._by_identity.pop(id(change), (None, None))
            if waiting is not None and not waiting.done():
                waiting.set_result(is_stored)
