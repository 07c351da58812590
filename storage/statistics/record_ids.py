"""Ids of records: when, and which of that millisecond, in the layout of Discord's own ids.

So a message's id serves as the id of its record, and every kind's records are sorted by time.
"""

import secrets
from typing import Final

EPOCH_MS: Final = 1_420_070_400_000
"""Discord documentation, API Reference, Snowflakes: the first second of 2015."""
SEQUENCE_BITS: Final = 22
_SEQUENCE_MASK: Final = (1 << SEQUENCE_BITS) - 1


def first_record_id(at_ms: int) -> int:
    """Return the least id of this millisecond."""
    return max(at_ms - EPOCH_MS, 0) << SEQUENCE_BITS


def time_ms_of(record_id: int) -> int:
    """Return when the record's event happened, UTC epoch milliseconds."""
    return (record_id >> SEQUENCE_BITS) + EPOCH_MS


class RecordIds:
    """Gives out ids that no other record has.

    The sequence goes on through all milliseconds, and begins anywhere: so the ids of two lives of the process differ also
    where the clock went back, or stood still, between them.
    """

    def __init__(self) -> None:
        self._sequence = secrets.randbits(SEQUENCE_BITS)

    def next(self, at_ms: int) -> int:
        """Return an id for what happened at this time."""
        self._sequence = (self._sequence + 1) & _SEQUENCE_MASK
        return first_record_id(at_ms) | self._sequence
