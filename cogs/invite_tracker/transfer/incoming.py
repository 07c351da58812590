"""What stands in a file that is to be imported: joins, or lines that are refused, each with its number."""

from dataclasses import dataclass
from typing import Final

from storage.records import Join

COLUMNS_MOST: Final = 200


class TransferError(Exception):
    """An export or import that cannot be; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A join as a file tells it. Its `join_id` and `recorded_at_ms` are 0: it is not on record yet.

    It happened in the `precision_ms` from `join.joined_at_ms` on. `is_foreign`: the record of another bot says so.
    """

    line: int
    join: Join
    precision_ms: int
    is_foreign: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot be imported, and why."""

    line: int
    reason: str


Entry = Incoming | Refused
