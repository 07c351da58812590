"""Which joins of a file are on record already. Pure.

A join is the same as another when it is of the same member and time. Files of other bots know the time to the second or the
day only, and Discord's own copies of a join lie up to 0.4 seconds apart: then it is the same when the two may be one.
"""

import bisect
from collections.abc import Iterable
from operator import itemgetter
from typing import Final

from cogs.invite_tracker.tracking.recording import COPY_MS
from cogs.invite_tracker.transfer.dates import DAY_MS, MINUTE_MS, SECOND_MS
from cogs.invite_tracker.transfer.incoming import Incoming
from storage.invite_erasure import age_in_days
from storage.records import Join, Method

_PRECISIONS_MS: Final = (DAY_MS, MINUTE_MS, SECOND_MS)


def is_same(incoming: Incoming, stored: Join, *, is_of_this_file: bool) -> bool:
    """Whether a join on record, of the same member, is this one.

    `is_of_this_file`: it came on record by an earlier line. Headcount's own files hold no join twice, and may well hold
    two that lie close to each other.
    """
    if is_of_this_file and not incoming.is_foreign:
        return incoming.join.joined_at_ms == stored.joined_at_ms
    is_measured = not incoming.is_foreign and Method.IMPORTED not in (incoming.join.method, stored.method)
    precision_ms, stored_precision_ms = _precision_of(incoming), _precision_on_record(stored)
    margin_ms = 0 if is_measured else _margin_for(max(precision_ms, stored_precision_ms))
    first, stored_first = incoming.join.joined_at_ms, stored.joined_at_ms
    return (
        first <= stored_first + stored_precision_ms - 1 + margin_ms
        and stored_first <= first + precision_ms - 1 + margin_ms
    )


def _precision_of(incoming: Incoming) -> int:
    return incoming.precision_ms if incoming.is_foreign else _precision_on_record(incoming.join)


def _precision_on_record(join: Join) -> int:
    """Return how exact the time of a join on record is: one that was imported may be of a whole day."""
    if join.method is not Method.IMPORTED:
        return 1
    return next((each for each in _PRECISIONS_MS if join.joined_at_ms % each == 0), 1)


def _margin_for(precision_ms: int) -> int:
    # The day before is another one, however late the join was.
    return COPY_MS if precision_ms < MINUTE_MS else 0


class AnonymousJoins:
    """Joins on record whose members may not be named: recognised by their time and the age of the account.

    Each is one join of a file at most. So nobody comes back by an old file who asked to be forgotten.
    """

    def __init__(self, ages: Iterable[tuple[int, int]]) -> None:
        """`ages` are (joined_at_ms, age in days), the earliest first."""
        self._joins = list(ages)

    def take(self, incoming: Incoming) -> bool:
        """Whether one of them is this join; it is then no other one's any more."""
        precision_ms = _precision_of(incoming)
        margin_ms = _margin_for(precision_ms) if incoming.is_foreign else 0
        first = incoming.join.joined_at_ms - margin_ms
        last = incoming.join.joined_at_ms + precision_ms - 1 + margin_ms
        begin = bisect.bisect_left(self._joins, first, key=itemgetter(0))
        for place in range(begin, len(self._joins)):
            joined_at_ms, age_days = self._joins[place]
            if joined_at_ms > last:
                return False
            if age_in_days(joined_at_ms, incoming.join.account_created_at_ms) == age_days:
                del self._joins[place]
                return True
        return False
