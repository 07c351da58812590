"""Tells what is on record: in the operator's log, and as join and leave messages."""

from collections.abc import Sequence

from cogs.invite_tracker.messages.announcements import Announcer
from cogs.invite_tracker.tracking.decision_log import DecisionLog
from cogs.invite_tracker.tracking.inbox import Leave
from cogs.invite_tracker.tracking.pending import PendingJoins
from storage.records import Join

# For the log.
AWAY = "the bot is not in the server, or Discord has an outage."
CATCHING_UP = "the connection is interrupted, or what happened meanwhile is still being caught up with."
STILL_COMING = "the answers of Discord that decide are still to come."


class Telling:
    """What the tracker of one guild has to tell; nothing of it is told before it is committed."""

    def __init__(self, guild_id: int, announcer: Announcer) -> None:
        self._guild_id = guild_id
        self._announcer = announcer
        self._log = DecisionLog(guild_id)

    def tell_joins(self, joins: Sequence[Join], pending: PendingJoins) -> None:
        """Tell joins that were decided, and the leaves that waited for that."""
        self._log.note_joins(joins)
        self._announcer.announce_joins(self._guild_id, joins)
        for join in joins:
            left = pending.leaves.get((join.member_id or 0, join.joined_at_ms))
            if left is not None:
                self.tell_leave(Leave(left, join))

    def tell_leave(self, leave: Leave) -> None:
        """Tell of somebody who left."""
        # A scan knows only the id of who is gone, and not when they went: that is no news.
        if leave.left.user is not None:
            self._announcer.announce_leave(self._guild_id, leave.left.user, leave.join)

    def tell_repairs(self, repaired: Sequence[Join]) -> None:
        """Tell joins that were decided otherwise before."""
        self._log.note_repairs(repaired)
        self._announcer.revise_joins(self._guild_id, [join.join_id for join in repaired])

    def tell_waiting(
        self, pending: PendingJoins, now_ms: int, trouble: str | None, *, is_present: bool, is_steady: bool
    ) -> None:
        """Tell for which joins there is no decision yet, and why; `trouble` is what the looks at counters ran into."""
        reason = trouble or STILL_COMING
        if not is_steady:
            reason = CATCHING_UP if is_present else AWAY
        undecided = [arrival for key, arrival in pending.arrivals.items() if key not in pending.on_record]
        self._log.note_waiting(undecided, now_ms, reason)
