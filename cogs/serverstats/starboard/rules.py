"""What becomes of a message on a board: one step at a time. Pure: no clock, no I/O.

Every step that Discord can see is written down before it is taken, and written off after it. So whoever finds an entry after a
crash knows what may have happened: a reserved post is looked for before it is sent again, and a removal is carried out again.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from storage.starboard_records import Entry, EntryState

MONITORED_DAYS = 31

LANDING_MS = 60_000
"""A post that has not appeared so long after it was last sent will not appear any more."""


@dataclass(frozen=True, slots=True)
class Demand:
    """How things should be on the board, as far as one message is concerned."""

    stars: int
    """Exact when the post is wanted; otherwise at most so many."""
    is_wanted: bool
    """Whether a post should be there."""
    is_original_gone: bool = False
    """Whether nothing at all should be left of the entry."""
    shown: str | None = None
    """The digest of what the post should show; None when it is not wanted."""
    can_post: bool = True
    """Whether the bot may write to the board at this moment."""


class Step(StrEnum):
    """What is to be done next."""

    REST = "rest"
    RESERVE = "reserve"
    """Write down that a post is about to be made."""
    DELIVER = "deliver"
    """Find the post that was reserved, or send it."""
    WITHDRAW = "withdraw"
    """Find the post that was reserved; it is not wanted any more."""
    EDIT = "edit"
    REMOVE = "remove"
    """Write down that the post is about to be deleted."""
    DELETE = "delete"
    """Delete the post."""
    FORGET = "forget"
    """Delete the entry; there is no post."""


def next_step(entry: Entry, demand: Demand) -> Step:
    """Return what is to be done next so that the board becomes as it should be."""
    is_wanted = demand.is_wanted and not demand.is_original_gone
    match entry.state:
        case EntryState.WAITING if demand.is_original_gone:
            return Step.FORGET
        case EntryState.WAITING:
            return Step.RESERVE if is_wanted and demand.can_post else Step.REST
        case EntryState.POSTING:
            return Step.DELIVER if is_wanted else Step.WITHDRAW
        case EntryState.POSTED if not is_wanted:
            return Step.REMOVE
        case EntryState.POSTED:
            return Step.REST if entry.shown == demand.shown else Step.EDIT
        case EntryState.REMOVING:
            return Step.DELETE


def noted(entry: Entry, demand: Demand) -> Entry:
    """Return the entry with the present number of stars; it does not change what is to be done."""
    return replace(entry, stars=demand.stars)


def reserved(entry: Entry, demand: Demand, channel_id: int, now_ms: int) -> Entry:
    """Return the entry for which a post of a new generation is about to be made in this channel."""
    return replace(
        entry,
        state=EntryState.POSTING,
        generation=entry.generation + 1,
        stars=demand.stars,
        post_channel_id=channel_id,
        post_id=None,
        reserved_at_ms=now_ms,
        shown=None,
    )


def tried_again(entry: Entry, now_ms: int) -> Entry:
    """Return the entry whose post was looked for and is not there up to now; it is about to be sent again."""
    return replace(entry, reserved_at_ms=now_ms)


def refused(entry: Entry) -> Entry:
    """Return the entry whose post Discord refused: there is none, for sure."""
    return replace(entry, state=EntryState.WAITING, reserved_at_ms=None, post_channel_id=None)


def delivered(entry: Entry, post_id: int, demand: Demand | None) -> Entry:
    """Return the entry whose post exists; without a demand it was found, and what it shows is not known."""
    if demand is None:
        return replace(entry, state=EntryState.POSTED, post_id=post_id, shown=None)
    return replace(entry, state=EntryState.POSTED, post_id=post_id, stars=demand.stars, shown=demand.shown)


def has_landed(entry: Entry, now_ms: int) -> bool:
    """Whether a reserved post that is not there by now never will be."""
    return entry.reserved_at_ms is None or now_ms - entry.reserved_at_ms >= LANDING_MS


def edited(entry: Entry, demand: Demand) -> Entry:
    """Return the entry whose post shows what it should."""
    return replace(entry, stars=demand.stars, shown=demand.shown)


def removing(entry: Entry, demand: Demand) -> Entry:
    """Return the entry whose post is about to be deleted."""
    return replace(entry, state=EntryState.REMOVING, stars=demand.stars)


def removed(entry: Entry) -> Entry:
    """Return the entry that has no post any more."""
    return replace(
        entry,
        state=EntryState.WAITING,
        post_channel_id=None,
        post_id=None,
        reserved_at_ms=None,
        shown=None,
    )
