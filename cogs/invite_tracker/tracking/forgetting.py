"""People who are to be forgotten in what one guild's tracker has in memory and undecided."""

import asyncio

from cogs.invite_tracker.attribution import Ledger
from cogs.invite_tracker.tracking.anonymity import Anonymity
from cogs.invite_tracker.tracking.keys import key_of
from cogs.invite_tracker.tracking.pending import PendingJoins
from storage.arrivals import delete_arrivals, insert_arrivals
from storage.database import Database
from storage.invite_erasure import erase_inviter_from_invites


class TrackerStoppedError(Exception):
    """The tracker has stopped before it could forget the person."""


class Forgetting:
    """Waits for the tracker's turn, as nothing may be decided meanwhile."""

    def __init__(self, guild_id: int, database: Database, anonymity: Anonymity) -> None:
        self._guild_id = guild_id
        self._database = database
        self._anonymity = anonymity
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._is_closed = False

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits to be forgotten."""
        return bool(self._waiting)

    def ask(self, user_id: int) -> asyncio.Future[None]:
        """Return what is done once this person is forgotten, and that is on record; may end in TrackerStoppedError."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._is_closed:
            done.set_exception(TrackerStoppedError())
        else:
            self._waiting.append((user_id, done))
        return done

    def close(self) -> None:
        """Let nobody wait any more: the tracker stops."""
        self._is_closed = True
        for _user_id, done in self._waiting:
            if not done.done():
                done.set_exception(TrackerStoppedError())
        self._waiting.clear()

    async def carry_out(self, ledger: Ledger, pending: PendingJoins) -> None:
        """Forget everybody who waits for it; to be called when all that was decided is on record."""
        while self._waiting:
            user_id, done = self._waiting[0]
            theirs = [arrival for arrival in pending.arrivals.values() if arrival.member_id == user_id]
            self._anonymity.forget(theirs)
            # Those that are on record provisionally stay there as they are, without a name.
            undecided = [arrival for arrival in theirs if key_of(arrival) not in pending.on_record]
            async with self._database.write() as tx:
                await delete_arrivals(tx, self._guild_id, [key_of(arrival) for arrival in theirs])
                await insert_arrivals(tx, [self._anonymity.stored_arrival(one) for one in undecided])
                await erase_inviter_from_invites(tx, self._guild_id, user_id)
            ledger.forget_inviter(user_id)
            self._waiting = [waiting for waiting in self._waiting if waiting[1] is not done]
            if not done.done():
                done.set_result(None)
